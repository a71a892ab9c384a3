"""Reads spans said in several units, "2 h 15 min", and how long a window is, "over the last 7 days"."""

import re
from collections.abc import Sequence
from datetime import datetime

from assistant.agent.evidence.entries import Entry

_PARTS = (("day", r"d(?:ays?)?", 1440), ("hour", r"h(?:ours?|rs?)?", 60), ("minute", r"min(?:utes?|s)?", 1))
_JOINT = r"(?:,? (?:and )?)?"
COMPOUND = re.compile(
    r"\b" + _JOINT.join(rf"(?:(?P<{name}>\d+) ?{unit}\b)?" for name, unit, _ in _PARTS), re.IGNORECASE
)
_IN_MINUTES = {"min": 1.0, "h": 60.0, "days": 1440.0, "weeks": 10080.0, "s": 1 / 60}
_WINDOW = re.compile(
    r"\b(?:last|past|previous|next|these|those|coming|over|within|in|of|whole|for|the|a|all)(?: the)? $",
    re.IGNORECASE,
)


def compound_durations(sentence: str) -> list[tuple[re.Match[str], float]]:
    """Every span said in two units or more, in minutes."""
    found = []
    for match in COMPOUND.finditer(sentence):
        said = [int(match[name]) * minutes for name, _, minutes in _PARTS if match[name]]
        if len(said) > 1:
            found.append((match, float(sum(said))))
    return found


def entry_lasting(minutes: float, entries: Sequence[Entry]) -> Entry | None:
    """The entry that lasts so long, to the minute."""
    for entry in entries:
        if isinstance(entry.value, datetime) or not isinstance(entry.value, float):
            continue
        factor = _IN_MINUTES.get(entry.unit)
        # Hours with two decimals, as tools give them, are a third of a minute apart.
        if factor is not None and abs(entry.value * factor - minutes) <= 0.5:
            return entry
    return None


def is_window_length(number: float, unit: str, before: str, entries: Sequence[Entry]) -> bool:
    """Whether a number says how long one of the turn's windows is: "over the last 7 days"."""
    factor = {**_IN_MINUTES, "months": 43_200.0}.get(unit)
    if factor is None or not _WINDOW.search(before):
        return False
    lengths = {(entry.window.end - entry.window.start).total_seconds() / 60 for entry in entries if entry.window}
    return any(abs(length - number * factor) <= 0.04 * length for length in lengths)
