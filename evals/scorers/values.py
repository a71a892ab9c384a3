"""Does the answer state the right values? Compared with independent SQL at the precision the answer prints."""

import re

from evals.transcript import PlayedTurn

_NUMBER = re.compile(r"(?<![\w.])[-−]?\d+(?:,\d{3})*(?:\.\d+)?")
_UNITS = r"mV|mA|mΩ|V|A|°C|°F|%|Ah|kW|Hz|min|h|years|s"
_WORDS_FOR_NONE = {"0": ("no ", "none", "not any", "never"), "lost": ("lost",)}


def states_values(played: PlayedTurn) -> bool | None:
    """Whether every expected value stands in the answer; None where none is expected."""
    if not played.turn.values:
        return None
    if played.answer is None:
        return False
    return all(
        states(played.answer.answer, expected, wanted.unit, wanted.tolerance)
        for expected, wanted in zip(played.expected, played.turn.values, strict=True)
    )


def is_wrong(played: PlayedTurn) -> bool:
    """Whether the answer states a value, but not the right one; asking back and "no data" are not wrong values."""
    if states_values(played) is not False or played.answer is None:
        return False
    answer = played.answer
    if answer.clarification or not any(step.status == "ok" for step in answer.tool_calls):
        return False
    return bool(_NUMBER.search(answer.answer)) or all(wanted.unit == "" for wanted in played.turn.values)


def states(text: str, expected: float | str | None, unit: str, tolerance: float | None = None) -> bool:
    """Whether a text states a value with its unit, rounded as the text rounds it; the sign may be in words."""
    if expected is None:
        return "no data" in text.lower()
    if isinstance(expected, str) or unit == "":
        return _states_word(text, expected)
    for match in re.finditer(rf"({_NUMBER.pattern})\s?({_UNITS})?(?!\w)", text):
        number = match.group(1).replace("−", "-").replace(",", "")
        if match.group(2) not in (None, unit):
            continue
        places = len(number.partition(".")[2])
        allowed = max(0.5 * 10**-places, tolerance or 0) * 1.02 + 1e-9
        if abs(abs(float(number)) - abs(float(expected))) <= allowed:
            return True
    return False


def _states_word(text: str, expected: float | str) -> bool:
    is_whole = isinstance(expected, int | float) and float(expected).is_integer()
    word = f"{expected:.0f}" if is_whole else str(expected)
    lower = text.lower().replace("_", " ").replace("*", "")
    if re.search(rf"(?<![\w.]){re.escape(word.lower().replace('_', ' '))}(?![\w]|\.\d)", lower):
        return True
    if isinstance(expected, float) and not expected.is_integer():
        return states(text, expected, "\0")
    return any(said in lower for said in _WORDS_FOR_NONE.get(word, ()))
