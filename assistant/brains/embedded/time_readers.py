"""Reads one matched way of saying a time into its start and end, in the asker's calendar."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from assistant.brains.embedded.time_words import (
    ANY_DAY,
    BEGINNING,
    COUNT,
    DAY,
    MONTH,
    MONTH_NAME,
    MONTHS,
    NUMBERS,
    PART_OF_DAY,
    PARTS,
    UNIT,
    UNITS,
    WEEKDAYS,
)

_LASTS = re.compile(
    r"\b(?:through|surviv\w*|hold(?: out| up)?|another|at least|about|drive|takes?|next|bridge|cover|run|carry|lasts?|autonomy of|"
    r"backup of|full|outage of|an?)\s+(?:for |out |us |it )?$"
)


@dataclass(frozen=True)
class Now:
    """The asker's present: everything a calendar word needs."""

    local: datetime

    @property
    def zone(self) -> ZoneInfo:
        return self.local.tzinfo  # type: ignore[return-value]

    @property
    def today(self) -> date:
        return self.local.date()

    def at(self, day: date, hour: int = 0, minute: int = 0) -> datetime:
        """A local time of a day as UTC; hours past 24 run into the next day."""
        moment = datetime.combine(day, time(), self.zone) + timedelta(days=hour // 24)
        return moment.replace(hour=hour % 24, minute=minute).astimezone(UTC)

    def day(self, day: date) -> tuple[datetime, datetime]:
        return self.at(day), self.at(day + DAY)


Bounds = tuple[datetime | None, datetime | None]


def _number(text: str) -> int:
    return int(text) if text.isdigit() else NUMBERS[text]


def _unit(text: str) -> timedelta:
    return UNITS[text if text in UNITS else text.removesuffix("s")]


def _weekday(name: str, now: Now, *, week_back: bool = False) -> date:
    """The most recent such day, today included unless it is last week's that is meant."""
    back = (now.today.weekday() - WEEKDAYS[name]) % 7
    return now.today - timedelta(days=back or (7 if week_back else 0))


def _date(text: str, now: Now) -> date | None:
    """A date in words; without a year the most recent such day that is not in the future."""
    try:
        if match := re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})", text):
            return date(*(int(part) for part in match.groups()))
        if match := re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", text):
            day, month, year = (int(part) for part in match.groups())
            return date(year, month, day)
        if match := re.fullmatch(r"(\d{1,2})/(\d{1,2})(?:/(\d{4}))?", text):
            return _slashed(match, now)
        number = re.search(r"(?<!\d)(\d{1,2})(?:st|nd|rd|th)?(?!\d)", text)
        name = re.search(MONTH_NAME, text)
        years = re.search(r"\b(\d{4})\b", text)
        if number is None:
            return None
        if name is None:
            return _recent_day_of_month(int(number.group(1)), now)
        month = MONTHS[name.group().rstrip(".")]
        year = int(years.group(1)) if years else now.today.year
        found = date(year, month, int(number.group(1)))
        return found if years or found <= now.today else found.replace(year=year - 1)
    except ValueError:
        return None


def _slashed(match: re.Match[str], now: Now) -> date | None:
    """Month and day in either order: the reading that lies nearer before today; the answer names the day it took."""
    first, second, year = int(match[1]), int(match[2]), int(match[3] or now.today.year)
    found = []
    for month, day in ((first, second), (second, first)):
        try:
            one = date(year, month, day)
        except ValueError:
            continue
        found.append(one if match[3] or one <= now.today else one.replace(year=year - 1))
    past = [one for one in found if one <= now.today]
    return max(past) if past else (found[0] if found else None)


def _recent_day_of_month(day: int, now: Now) -> date | None:
    month = now.today.replace(day=1)
    for _ in range(12):
        try:
            found = month.replace(day=day)
        except ValueError:
            found = None
        if found is not None and found <= now.today:
            return found
        month = (month - DAY).replace(day=1)
    return None


def _day(text: str, now: Now) -> date | None:
    text = text.strip().removeprefix("on ")
    relative = {
        "yday": 1,
        "today": 0,
        "yesterday": 1,
        "the day before yesterday": 2,
        "day before yesterday": 2,
        "tomorrow": -1,
    }
    if text in relative:
        return now.today - timedelta(days=relative[text])
    name = text.removeprefix("last ").removeprefix("this ")
    if name in WEEKDAYS:
        return _weekday(name, now, week_back=text.startswith("last "))
    return _date(text, now)


def _clock(text: str, half: str | None = None) -> tuple[int, int] | None:
    """Hour and minute; `half` is the am or pm of the other end of a range."""
    text = text.strip().replace(".", "")
    if text in ("noon", "midday"):
        return 12, 0
    if text == "midnight":
        return 0, 0
    match = re.match(r"(\d{1,2})(?::(\d{2}))? ?(am|pm|o'?clock)?$", text)
    if match is None:
        return None
    hour, minute, suffix = int(match.group(1)), int(match.group(2) or 0), match.group(3) or half
    if suffix == "pm" and hour < 12:
        hour += 12
    if suffix == "am" and hour == 12:
        hour = 0
    return (hour, minute) if hour <= 24 and minute < 60 else None


def read_clock_range(match: re.Match[str], now: Now) -> Bounds | None:
    words = match.groupdict()
    day = _day(words.get("day") or words.get("day2") or "today", now)
    half = re.search(r"[ap]m", words["b"].replace(".", ""))
    first, second = _clock(words["a"], half.group() if half else None), _clock(words["b"])
    if day is None or first is None or second is None:
        return None
    if not (words.get("day") or words.get("day2")) and now.at(day, *first) > now.local:
        day -= DAY
    end = now.at(day, *second) if second > first else now.at(day + DAY, *second)
    return now.at(day, *first), end


def read_clock_on_day(match: re.Match[str], now: Now) -> Bounds | None:
    """A single time of day stands for the hour that begins there."""
    words = match.groupdict()
    day, at = _day(words.get("day") or "today", now), _clock(words["at"])
    if day is None or at is None:
        return None
    start = now.at(day, *at)
    if not words.get("day") and start > now.local:
        start -= DAY
    return start, start + timedelta(hours=1)


def read_date_range(match: re.Match[str], now: Now) -> Bounds | None:
    last = _day(match["b"], now)
    if last is None:
        return None
    first_words = match["a"].strip()
    number = re.fullmatch(r"(?:the )?(\d{1,2})(?:st|nd|rd|th)?", first_words)
    try:
        first = last.replace(day=int(number.group(1))) if number else _day(first_words, now)
    except ValueError:
        return None
    if first is not None and first > last and first_words in WEEKDAYS:
        # "from Monday to Wednesday", asked on a Tuesday, is last week's.
        first -= 7 * DAY
    if first is None or first > last:
        return None
    return now.at(first), now.at(last + DAY)


def read_number_dates_before_month(match: re.Match[str], now: Now) -> Bounds | None:
    """Month first: "March 10 to 15"."""
    first = _date(f"{match['m']} {match['a']}", now)
    last = _date(f"{match['m']} {match['b']}", now)
    return None if first is None or last is None or first > last else (now.at(first), now.at(last + DAY))


def read_ordinals(match: re.Match[str], now: Now) -> Bounds | None:
    """Days of the month without its name: "between the 5th and the 10th"."""
    last = _recent_day_of_month(int(match["b"]), now)
    if last is None or int(match["a"]) > int(match["b"]):
        return None
    return now.at(last.replace(day=int(match["a"]))), now.at(last + DAY)


def read_since(match: re.Match[str], now: Now) -> Bounds | None:
    words = match["what"].strip()
    if clock := _clock(words):
        start = now.at(now.today, *clock)
        return (start if start <= now.local else start - DAY), now.local.astimezone(UTC)
    return _since_day(words, now)


def _since_day(words: str, now: Now) -> Bounds | None:
    part = re.fullmatch(rf"(?:(?P<day>{ANY_DAY}) )?(?:this )?(?P<part>{PART_OF_DAY})", words)
    if words in ("last night",):
        return now.at(now.today - DAY, 22), now.local.astimezone(UTC)
    if part:
        day = _day(part["day"] or "today", now)
        return None if day is None else (now.at(day, PARTS[part["part"]][0]), now.local.astimezone(UTC))
    if words in ("last week", "the last week"):
        monday = now.today - timedelta(days=now.today.weekday() + 7)
        return now.at(monday), now.local.astimezone(UTC)
    if words.rstrip(".") in MONTHS:
        return read_month(words.rstrip("."), None, now)[0], now.local.astimezone(UTC)
    day = _day(words, now)
    return None if day is None else (now.at(day), now.local.astimezone(UTC))


def read_until(match: re.Match[str], now: Now) -> Bounds | None:
    day = _day(match["what"], now)
    return None if day is None else (BEGINNING, now.at(day))


def read_after(match: re.Match[str], now: Now) -> Bounds | None:
    day = _day(match["what"], now)
    return None if day is None else (now.at(day + DAY), now.local.astimezone(UTC))


def read_month(name: str, year: str | None, now: Now) -> tuple[datetime, datetime]:
    month = MONTHS[name]
    in_year = int(year) if year else now.today.year - (month > now.today.month)
    following = date(in_year + month // 12, month % 12 + 1, 1)
    return now.at(date(in_year, month, 1)), now.at(following)


def read_half_month(match: re.Match[str], now: Now) -> Bounds:
    start, end = read_month(match["name"].rstrip("."), None, now)
    middle = start + timedelta(days=15)
    return (start, middle) if match["half"] in ("first", "1st") else (middle, end)


def read_day_part(match: re.Match[str], now: Now) -> Bounds | None:
    words = match.groupdict()
    day = _day(words.get("day") or "today", now)
    if day is None:
        return None
    first, last = PARTS[words["part"]]
    return now.at(day, first), now.at(day, last)


def read_whole_day(match: re.Match[str], now: Now) -> Bounds | None:
    day = _day(match.group(), now)
    if day is None:
        return None
    start, end = now.day(day)
    return (start, now.local.astimezone(UTC)) if day == now.today else (start, end)


def read_rolling(match: re.Match[str], now: Now) -> Bounds:
    count = _number(match["n"]) if match["n"] else 1
    end = now.local.astimezone(UTC)
    return end - count * _unit(match["u"]), end


def read_ahead(match: re.Match[str], now: Now) -> Bounds | None:
    """The time to come: "in the next 3 hours", "two weeks from now"."""
    said = re.search(rf"{COUNT} ?{UNIT}", match.group())
    if said is None:
        return None
    start = now.local.astimezone(UTC)
    return start, start + _number(said["n"]) * _unit(said["u"])


def read_bare(match: re.Match[str], now: Now) -> Bounds | None:
    """A length of time alone reaches back from now, unless it says how long something is to last."""
    before = match.string[: match.start()]
    if (
        _LASTS.search(before)
        or match.group().startswith("in ")
        or _LASTS.search(f"{before}{match.group().split()[0]} ")
    ):
        return None
    return read_rolling(match, now)


def read_ago(match: re.Match[str], now: Now) -> Bounds:
    """A time back stands for the day (or the hour) around it."""
    back = _number(match["n"]) * _unit(match["u"])
    if _unit(match["u"]) >= DAY:
        return now.day((now.local - back).date())
    moment = now.local.astimezone(UTC) - back
    return moment, moment + _unit(match["u"])


def read_this_period(match: re.Match[str], now: Now) -> Bounds:
    first = {
        "week": now.today - timedelta(days=now.today.weekday()),
        "month": now.today.replace(day=1),
        "year": now.today.replace(month=1, day=1),
    }[match["p"]]
    return now.at(first), now.local.astimezone(UTC)


def read_last_period(match: re.Match[str], now: Now) -> Bounds:
    monday = now.today - timedelta(days=now.today.weekday())
    if match["p"] == "week":
        return now.at(monday - 7 * DAY), now.at(monday)
    if match["p"] == "weekend":
        return now.at(monday - 2 * DAY), now.at(monday)
    if match["p"] == "year":
        return now.at(date(now.today.year - 1, 1, 1)), now.at(date(now.today.year, 1, 1))
    this_month = now.today.replace(day=1)
    return now.at((this_month - DAY).replace(day=1)), now.at(this_month)


def read_last_month(match: re.Match[str], now: Now) -> Bounds:  # noqa: ARG001  every reader has one shape
    end = now.local.astimezone(UTC)
    return end - MONTH, end


def read_week_before_last(match: re.Match[str], now: Now) -> Bounds:  # noqa: ARG001
    monday = now.today - timedelta(days=now.today.weekday())
    return now.at(monday - 14 * DAY), now.at(monday - 7 * DAY)


def read_week_of(match: re.Match[str], now: Now) -> Bounds | None:
    """The seven days that begin on a day."""
    day = _day(match["day"], now)
    return None if day is None else (now.at(day), now.at(day + 7 * DAY))


def read_night(match: re.Match[str], now: Now) -> Bounds:
    evening = now.today - (2 if "before" in match.group() else 1) * DAY
    return now.at(evening, 22), now.at(evening, 30)


def read_ever(match: re.Match[str], now: Now) -> Bounds:  # noqa: ARG001
    return BEGINNING, now.local.astimezone(UTC)
