"""Reads the dates and clock times of a sentence, and finds the entry each one is of."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from assistant.agent.evidence.entries import Entry
from assistant.agent.evidence.scope import Scope, nearest

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?P<month>Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|"
    r"Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)"
)
_NTH = r"(?:st|nd|rd|th)?"
_CLOCK = r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::\d{2})?(?!\d)"
_ISO = re.compile(rf"\b(?P<year>\d{{4}})-(?P<month>\d{{2}})-(?P<day>\d{{2}})(?:[T ]{_CLOCK})?")
# "24 to 31 March": the first day borrows the month of the second.
_DATE = re.compile(
    rf"\b(?:(?P<first>\d{{1,2}}){_NTH} ?(?:to|and|until|–|-) ?)?(?P<day>\d{{1,2}}){_NTH}(?: of)? {_MONTH}\b\.?"
    rf"(?:,? (?P<year>\d{{4}})\b)?(?:,? (?:at |from |about )?{_CLOCK})?"
)
_MONTH_FIRST = re.compile(
    rf"\b{_MONTH} (?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b(?!:)(?:,? (?P<year>\d{{4}})\b)?(?:,? (?:at )?{_CLOCK})?"
)
_BARE_CLOCK = re.compile(rf"(?<![\d:.]){_CLOCK}")


@dataclass(frozen=True)
class Moment:
    """A date, a clock time, or both, as a sentence says it; a part that is not said is None."""

    text: str
    start: int
    end: int
    day: int | None = None
    month: int | None = None
    year: int | None = None
    clock: tuple[int, int] | None = None


def moments_in(sentence: str) -> list[Moment]:
    """Every date and clock time of a sentence, in the order of its words."""
    found: list[Moment] = []
    rest = sentence
    for pattern in (_ISO, _DATE, _MONTH_FIRST, _BARE_CLOCK):
        for match in pattern.finditer(rest):
            found += _read(match)
            rest = rest[: match.start()] + "·" * (match.end() - match.start()) + rest[match.end() :]
    return sorted(found, key=lambda one: one.start)


def _read(match: re.Match[str]) -> Iterator[Moment]:
    parts = match.groupdict()
    month = parts.get("month")
    number = None if month is None else int(month) if month.isdigit() else _MONTHS.index(month[:3].lower()) + 1
    year = None if parts.get("year") is None else int(parts["year"])
    clock = None if parts.get("hour") is None else (int(parts["hour"]), int(parts["minute"]))
    day = None if parts.get("day") is None else int(parts["day"])
    if parts.get("first"):
        yield Moment(match.group(), match.start(), match.end(), int(parts["first"]), number, year)
    yield Moment(match.group(), match.start(), match.end(), day, number, year, clock)


# Which time a sentence speaks of, and where in a result such a time stands.
_WHICH: tuple[tuple[str, str], ...] = (
    (r"longest", r"longest"),
    (r"first|earliest|oldest", r"first|events\.0\.|interval_low|earliest"),
    (r"(?:lowest|minimum|low of)", r":min$|extreme"),
    (r"(?:highest|maximum|peak\w*|hottest)", r":max$|extreme"),
    (r"(?:began|begins|started|starts)", r"start|began|raised|since|first|\.at"),
)


def entry_at(moment: Moment, sentence: str, scope: Scope, entries: Sequence[Entry], time_zone: str) -> Entry | None:
    """The entry whose time is the one said, in the asker's zone, or in UTC where the sentence says so."""
    zones = [ZoneInfo(time_zone), *([UTC] if "UTC" in sentence else [])]
    places = nearest(scope.named, moment.start, moment.end, sentence)
    times = [
        entry
        for entry in entries
        if isinstance(entry.value, date) and scope.may_be(places, entry.device_id, entry.name)
    ]
    for entry in _of_kind(times, sentence):
        if isinstance(entry.value, datetime):
            if any(_is_same(moment, entry.value.astimezone(zone)) for zone in zones):
                return entry
        elif isinstance(entry.value, date) and moment.clock is None and _is_same_day(moment, entry.value):
            return entry
    return None


def _of_kind(times: Sequence[Entry], sentence: str) -> Sequence[Entry]:
    """The times a sentence may mean: of the longest, of the lowest, where there are such; windows always."""
    said = [where for words, where in _WHICH if re.search(rf"\b(?:{words})\b", sentence, re.IGNORECASE)]
    if len(said) != 1 or len(moments_in(sentence)) > 2:
        return times
    chosen = [one for one in times if re.search(said[0], f"{one.path}:{one.statistic}")]
    return [one for one in times if one in chosen or "window" in one.path] if chosen else times


def _is_same(moment: Moment, local: datetime) -> bool:
    return _is_same_day(moment, local) and moment.clock in (None, (local.hour, local.minute))


def _is_same_day(moment: Moment, day: date) -> bool:
    said = (moment.day, moment.month, moment.year)
    return all(one is None or one == known for one, known in zip(said, (day.day, day.month, day.year), strict=True))
