"""Numbers in an answer that occur nowhere in the turn's tool results, arguments or question.

A second opinion, deliberately simple and written apart from the assistant's own evidence check.
"""

import json
import re
from datetime import datetime
from zoneinfo import ZoneInfo

from evals.transcript import PlayedTurn

_NUMBER = re.compile(r"(?<![\w.:/-])\d+(?:,\d{3})*(?:\.\d+)?(?![\w:]|\.\d|-\d)")
_SCALES = (1.0, 1000.0, 0.001, 60.0, 1 / 60, 100.0)
# Words of the product, not figures: the scale of the health score and the default window.
_OUR_WORDS = re.compile(r"\bof 100\b(?: points)?|\blast 24 hours\b|`[^`]*`|^\s*\d+\. ", re.MULTILINE)


def unsupported_numbers(played: PlayedTurn) -> list[str]:
    """The numbers nobody gave, at their printed precision."""
    answer = played.answer
    if answer is None or not answer.tool_calls:
        return []
    known = {step.id: step for step in answer.tool_calls}
    given = _numbers_in(json.dumps([step.model_dump(mode="json") for step in known.values()], ensure_ascii=False))
    given += _numbers_in(played.turn.ask) + _times_in(
        json.dumps([s.model_dump(mode="json") for s in known.values()]), played
    )
    given += [float(len(items)) for items in _lists([step.result for step in known.values()])]
    text = _OUR_WORDS.sub(" ", answer.answer)
    warmth = [value * 1.8 + 32 for value in given] if "°F" in text else []
    return [
        match.group()
        for match in _NUMBER.finditer(text)
        if not _is_given(match.group(), warmth if text[match.end() :].startswith(" °F") else given)
        and not (text[match.end() :].startswith(" °F") and match.group() in played.turn.ask)
    ]


def _is_given(text: str, given: list[float]) -> bool:
    said = float(text.replace(",", ""))
    places = len(text.partition(".")[2])
    return any(abs(abs(value) * scale - said) <= 0.51 * 10**-places for value in given for scale in _SCALES)


def _numbers_in(text: str) -> list[float]:
    return [float(match) for match in re.findall(r"\d+(?:\.\d+)?(?:e-?\d+)?", text)]


def _times_in(text: str, played: PlayedTurn) -> list[float]:
    """Day, year, hour and minute of every time, in the asker's zone."""
    found: list[float] = []
    for match in re.findall(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2})?(?:\.\d+)?(?:Z|\+00:00)", text):
        local = datetime.fromisoformat(match.replace("Z", "+00:00")).astimezone(ZoneInfo(played.turn.zone))
        found += [float(local.day), float(local.year), float(local.hour), float(local.minute)]
    return found


def _lists(part: object) -> list[list[object]]:
    if isinstance(part, list):
        return [part, *(inner for one in part for inner in _lists(one))]
    if isinstance(part, dict):
        return [inner for one in part.values() for inner in _lists(one)]
    return []
