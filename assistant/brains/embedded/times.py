"""Reads spans of time from a question: "since Monday", "3 to 5 pm on 1 April", "the night before last".

Calendar words are read in the asker's zone; "last 24 hours", "last 7 days" and "last month" (30 days) roll back
from now. A part of a question that was read is given back, so that nothing else reads it again.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
MONTH = timedelta(days=30)
# Before any battery monitor spoke UTC: the begin of "ever".
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)

_NUMBERS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "couple of": 2, "couple": 2, "few": 3,
    "fourteen": 14, "twenty": 20, "twenty four": 24, "thirty": 30, "forty eight": 48,
}  # fmt: skip
_MONTHS = {
    name: number
    for number, names in enumerate(
        ("january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul", "august aug",
         "september sep sept", "october oct", "november nov", "december dec"), 1,
    )
    for name in names.split()
}  # fmt: skip
_WEEKDAYS = {
    name: number
    for number, names in enumerate(
        ("monday mon", "tuesday tue tues", "wednesday wed", "thursday thu thurs", "friday fri", "saturday sat",
         "sunday sun")
    )
    for name in names.split()
}  # fmt: skip
_UNITS = {
    "minute": timedelta(minutes=1), "min": timedelta(minutes=1), "mins": timedelta(minutes=1),
    "hour": timedelta(hours=1), "hr": timedelta(hours=1), "hrs": timedelta(hours=1), "h": timedelta(hours=1),
    "day": DAY, "d": DAY, "week": 7 * DAY, "wk": 7 * DAY, "fortnight": 14 * DAY, "month": MONTH, "year": timedelta(days=365),
}  # fmt: skip

_N = r"(?P<n>\d+|" + "|".join(sorted(_NUMBERS, key=len, reverse=True)) + ")"
_U = r"(?P<u>minutes?|mins?|hours?|hrs?|h|days?|d|weeks?|wks?|fortnights?|months?|years?)"
_MON = "(?:" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")\.?"
_WD = "(?:" + "|".join(sorted(_WEEKDAYS, key=len, reverse=True)) + ")"
_ORD = r"\d{1,2}(?:st|nd|rd|th)?"
_DATE = (
    rf"(?:\d{{4}}-\d{{2}}-\d{{2}}|\d{{1,2}}\.\d{{1,2}}\.\d{{4}}|(?:the )?{_ORD}(?: of)? {_MON}(?:,? \d{{4}})?"
    rf"|\d{{1,2}}/\d{{1,2}}(?:/\d{{4}})?|{_MON} (?:the )?{_ORD}(?!\d)(?:,? \d{{4}})?|the \d{{1,2}}(?:st|nd|rd|th))"
)
_RELATIVE_DAY = r"(?:yday|the day before yesterday|day before yesterday|yesterday|today|tomorrow)"
_DAY = rf"(?:{_RELATIVE_DAY}|{_DATE}|(?:last |this |on )?{_WD}(?:day)?)"
_PART = r"(?:morning|afternoon|evening|night)"
_CLOCK = r"(?:\d{1,2}:\d{2}(?: ?[ap]\.?m\.?)?|\d{1,2} ?[ap]\.?m\.?|noon|midnight|midday|\d{1,2} ?o'?clock)"
_LOOSE_CLOCK = rf"(?:{_CLOCK}|\d{{1,2}})"
_PARTS = {"morning": (6, 12), "afternoon": (12, 18), "evening": (18, 22), "night": (22, 30)}


@dataclass(frozen=True)
class Span:
    """A span of time that was asked about, in UTC, and the words that said so. None is an open end."""

    start: datetime | None
    end: datetime | None
    words: str
    text_start: int
    text_end: int


@dataclass(frozen=True)
class _Now:
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


_Bounds = tuple[datetime | None, datetime | None]
_Rule = tuple[re.Pattern[str], Callable[[re.Match[str], _Now], _Bounds | None]]


def find_spans(question: str, now: datetime, time_zone: str) -> list[Span]:
    """Every span of time a question names, in the order of its words; at most two are of use."""
    here = _Now(now.astimezone(ZoneInfo(time_zone)))
    text, found = question.lower(), []
    for pattern, read in _RULES:
        for match in pattern.finditer(text):
            bounds = read(match, here)
            if bounds is None:
                continue
            found.append(Span(*bounds, match.group().strip(), match.start(), match.end()))
            text = text[: match.start()] + "\0" * (match.end() - match.start()) + text[match.end() :]
    return sorted(found, key=lambda span: span.text_start)


def _number(text: str) -> int:
    return int(text) if text.isdigit() else _NUMBERS[text]


def _unit(text: str) -> timedelta:
    return _UNITS[text if text in _UNITS else text.removesuffix("s")]


def _weekday(name: str, now: _Now, *, week_back: bool = False) -> date:
    """The most recent such day, today included unless it is last week's that is meant."""
    back = (now.today.weekday() - _WEEKDAYS[name]) % 7
    return now.today - timedelta(days=back or (7 if week_back else 0))


def _date(text: str, now: _Now) -> date | None:
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
        name = re.search(_MON, text)
        years = re.search(r"\b(\d{4})\b", text)
        if number is None:
            return None
        if name is None:
            return _recent_day_of_month(int(number.group(1)), now)
        month = _MONTHS[name.group().rstrip(".")]
        year = int(years.group(1)) if years else now.today.year
        found = date(year, month, int(number.group(1)))
        return found if years or found <= now.today else found.replace(year=year - 1)
    except ValueError:
        return None


def _slashed(match: re.Match[str], now: _Now) -> date | None:
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


def _recent_day_of_month(day: int, now: _Now) -> date | None:
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


def _day(text: str, now: _Now) -> date | None:
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
    if name in _WEEKDAYS:
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


def _clock_range(match: re.Match[str], now: _Now) -> _Bounds | None:
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


def _clock_on_day(match: re.Match[str], now: _Now) -> _Bounds | None:
    """A single time of day stands for the hour that begins there."""
    words = match.groupdict()
    day, at = _day(words.get("day") or "today", now), _clock(words["at"])
    if day is None or at is None:
        return None
    start = now.at(day, *at)
    if not words.get("day") and start > now.local:
        start -= DAY
    return start, start + timedelta(hours=1)


def _date_range(match: re.Match[str], now: _Now) -> _Bounds | None:
    last = _day(match["b"], now)
    if last is None:
        return None
    first_words = match["a"].strip()
    number = re.fullmatch(r"(?:the )?(\d{1,2})(?:st|nd|rd|th)?", first_words)
    try:
        first = last.replace(day=int(number.group(1))) if number else _day(first_words, now)
    except ValueError:
        return None
    if first is not None and first > last and first_words in _WEEKDAYS:
        # "from Monday to Wednesday", asked on a Tuesday, is last week's.
        first -= 7 * DAY
    if first is None or first > last:
        return None
    return now.at(first), now.at(last + DAY)


def _number_dates_before_month(match: re.Match[str], now: _Now) -> _Bounds | None:
    """Month first: "March 10 to 15"."""
    first = _date(f"{match['m']} {match['a']}", now)
    last = _date(f"{match['m']} {match['b']}", now)
    return None if first is None or last is None or first > last else (now.at(first), now.at(last + DAY))


def _since(match: re.Match[str], now: _Now) -> _Bounds | None:
    words = match["what"].strip()
    if clock := _clock(words):
        start = now.at(now.today, *clock)
        return (start if start <= now.local else start - DAY), now.local.astimezone(UTC)
    return _since_day(words, now)


def _since_day(words: str, now: _Now) -> _Bounds | None:
    part = re.fullmatch(rf"(?:(?P<day>{_DAY}) )?(?:this )?(?P<part>{_PART})", words)
    if words in ("last night",):
        return now.at(now.today - DAY, 22), now.local.astimezone(UTC)
    if part:
        day = _day(part["day"] or "today", now)
        return None if day is None else (now.at(day, _PARTS[part["part"]][0]), now.local.astimezone(UTC))
    if words in ("last week", "the last week"):
        monday = now.today - timedelta(days=now.today.weekday() + 7)
        return now.at(monday), now.local.astimezone(UTC)
    if words.rstrip(".") in _MONTHS:
        return _month(words.rstrip("."), None, now)[0], now.local.astimezone(UTC)
    day = _day(words, now)
    return None if day is None else (now.at(day), now.local.astimezone(UTC))


def _until(match: re.Match[str], now: _Now) -> _Bounds | None:
    day = _day(match["what"], now)
    return None if day is None else (BEGINNING, now.at(day))


def _after(match: re.Match[str], now: _Now) -> _Bounds | None:
    day = _day(match["what"], now)
    return None if day is None else (now.at(day + DAY), now.local.astimezone(UTC))


def _month(name: str, year: str | None, now: _Now) -> tuple[datetime, datetime]:
    month = _MONTHS[name]
    in_year = int(year) if year else now.today.year - (month > now.today.month)
    following = date(in_year + month // 12, month % 12 + 1, 1)
    return now.at(date(in_year, month, 1)), now.at(following)


def _half_month(match: re.Match[str], now: _Now) -> _Bounds:
    start, end = _month(match["name"].rstrip("."), None, now)
    middle = start + timedelta(days=15)
    return (start, middle) if match["half"] in ("first", "1st") else (middle, end)


def _day_part(match: re.Match[str], now: _Now) -> _Bounds | None:
    words = match.groupdict()
    day = _day(words.get("day") or "today", now)
    if day is None:
        return None
    first, last = _PARTS[words["part"]]
    return now.at(day, first), now.at(day, last)


def _whole_day(match: re.Match[str], now: _Now) -> _Bounds | None:
    day = _day(match.group(), now)
    if day is None:
        return None
    start, end = now.day(day)
    return (start, now.local.astimezone(UTC)) if day == now.today else (start, end)


def _rolling(match: re.Match[str], now: _Now) -> _Bounds:
    count = _number(match["n"]) if match["n"] else 1
    end = now.local.astimezone(UTC)
    return end - count * _unit(match["u"]), end


def _ago(match: re.Match[str], now: _Now) -> _Bounds:
    """A time back stands for the day (or the hour) around it."""
    back = _number(match["n"]) * _unit(match["u"])
    if _unit(match["u"]) >= DAY:
        return now.day((now.local - back).date())
    moment = now.local.astimezone(UTC) - back
    return moment, moment + _unit(match["u"])


def _this_period(match: re.Match[str], now: _Now) -> _Bounds:
    first = {
        "week": now.today - timedelta(days=now.today.weekday()),
        "month": now.today.replace(day=1),
        "year": now.today.replace(month=1, day=1),
    }[match["p"]]
    return now.at(first), now.local.astimezone(UTC)


def _last_period(match: re.Match[str], now: _Now) -> _Bounds:
    monday = now.today - timedelta(days=now.today.weekday())
    if match["p"] == "week":
        return now.at(monday - 7 * DAY), now.at(monday)
    if match["p"] == "weekend":
        return now.at(monday - 2 * DAY), now.at(monday)
    if match["p"] == "year":
        return now.at(date(now.today.year - 1, 1, 1)), now.at(date(now.today.year, 1, 1))
    this_month = now.today.replace(day=1)
    return now.at((this_month - DAY).replace(day=1)), now.at(this_month)


def _last_month(match: re.Match[str], now: _Now) -> _Bounds:  # noqa: ARG001  every reader has one shape
    end = now.local.astimezone(UTC)
    return end - MONTH, end


def _week_before_last(match: re.Match[str], now: _Now) -> _Bounds:  # noqa: ARG001
    monday = now.today - timedelta(days=now.today.weekday())
    return now.at(monday - 14 * DAY), now.at(monday - 7 * DAY)


def _night(match: re.Match[str], now: _Now) -> _Bounds:
    evening = now.today - (2 if "before" in match.group() else 1) * DAY
    return now.at(evening, 22), now.at(evening, 30)


def _ever(match: re.Match[str], now: _Now) -> _Bounds:  # noqa: ARG001
    return BEGINNING, now.local.astimezone(UTC)


def _rule(pattern: str, read: Callable[[re.Match[str], _Now], _Bounds | None]) -> _Rule:
    return re.compile(rf"(?<![\w-])(?:{pattern})(?![\w-])"), read


# Longer ways of saying a time come before the shorter ones they contain.
_RULES: tuple[_Rule, ...] = (
    _rule(rf"(?:on )?(?P<day>{_DAY}),? (?:(?:between|from) )?(?P<a>{_LOOSE_CLOCK}) ?(?:and|to|till|until|thru|-|–) ?(?P<b>{_CLOCK})",
          _clock_range),
    _rule(rf"(?:between |from )?(?P<a>{_LOOSE_CLOCK}) ?(?:and|to|till|until|thru|-|–) ?(?P<b>{_CLOCK})"
          rf"(?:,? (?:on )?(?P<day>{_DAY}))?", _clock_range),
    _rule(rf"(?P<m>{_MON}) (?P<a>{_ORD}) ?(?:to|till|until|through|thru|-|–|and) ?(?:the )?(?P<b>{_ORD})", _number_dates_before_month),
    _rule(rf"(?:between |from )?(?P<a>{_DAY}|(?:the )?{_ORD}) ?(?:and|to|till|until|through|thru|-|–) ?(?P<b>{_DAY})", _date_range),
    _rule(r"so far today|today so far|yet today", lambda _, now: (now.at(now.today), now.local.astimezone(UTC))),
    _rule(r"since (?:the )?(?:beginning|start|first) of (?:the|this) (?P<p>week|month|year)", _this_period),
    _rule(rf"(?:in |during |over )?(?:the )?(?P<half>first|second|1st|2nd) half of (?P<name>{_MON})", _half_month),
    _rule(r"(?:over|on|at|during|this|in)? ?(?:the )?(?:past |last )?(?P<p>weekend)", _last_period),
    _rule(r"since (?:the )?(?:beginning|start|very start|installation|commissioning)|of all time|all[- ]time"
          r"|so far|(?:in|over) (?:the )?(?:whole|entire|full) (?:record|history|dataset|data)|ever", _ever),
    _rule(rf"(?:since|starting|ever since|from) (?P<what>last night|(?:the )?last week|(?:{_DAY} )?{_PART}|this {_PART}"
          rf"|{_CLOCK}|{_DAY}|{_MON})(?: on(?:wards)?| until now| till now)?", _since),
    _rule(rf"(?:until|up to|before|prior to) (?P<what>{_DAY})", _until),
    _rule(rf"after (?P<what>{_DAY})", _after),
    _rule(rf"(?:at |around |about )?(?P<at>{_CLOCK}),? (?:on )?(?P<day>{_DAY})", _clock_on_day),
    _rule(rf"(?:on )?(?P<day>{_DAY}),? (?:at|around|about) (?P<at>{_LOOSE_CLOCK})", _clock_on_day),
    _rule(r"(?:the )?night before last|last night|overnight|during the night|(?:in )?the night", _night),
    _rule(r"the week before(?: last)?", _week_before_last),
    _rule(r"the day before(?! yesterday)|the previous day", lambda _, now: now.day(now.today - 2 * DAY)),
    _rule(rf"(?:on )?(?P<day>{_DAY})(?:'s)? (?P<part>{_PART})", _day_part),
    _rule(rf"this (?P<part>{_PART})", _day_part),
    _rule(rf"(?:(?:in|over|for|during|within) )?(?:the )?(?:last|past|previous|preceding|trailing) (?:{_N} ?)?{_U}(?<!last week)"
          rf"(?<!last month)(?<!last year)(?<!previous week)(?<!previous month)(?<!previous year)", _rolling),
    _rule(rf"(?:over|for|during|within|in) (?:the )?{_N} ?{_U}", _rolling),
    _rule(r"(?:the )?(?:last|past) month", _last_month),
    _rule(r"(?:the )?(?:last|previous) (?P<p>week|weekend|month|year)", _last_period),
    _rule(r"(?:(?:so far )?this|the current) (?P<p>week|month|year)", _this_period),
    _rule(rf"{_N} {_U} (?:ago|back)", _ago),
    _rule(rf"(?:on )?(?:{_RELATIVE_DAY}|{_DATE}|(?:last |this |on ){_WD}|{_WD}(?:'s)?)", _whole_day),
    _rule(rf"(?:in |during |for )?(?P<name>{_MON})(?: (?P<year>\d{{4}}))", lambda m, now: _month(m["name"].rstrip("."), m["year"], now)),
    _rule(rf"(?:in |during |for |through |throughout )(?P<name>{_MON})", lambda m, now: _month(m["name"].rstrip("."), None, now)),
    _rule(r"(?:in|during|for|throughout) (?P<y>(?:19|20)\d{2})",
          lambda m, now: (now.at(date(int(m["y"]), 1, 1)), now.at(date(int(m["y"]) + 1, 1, 1)))),
    _rule(r"(?<!under )(?<!below )(?<!above )(?<!over )(?<!than )(?P<n>\d+) ?(?P<u>h|hrs?|hours|d|days)(?! (?:ago|back))", _rolling),
    _rule(rf"(?:at|around) (?P<at>{_CLOCK})", _clock_on_day),
    _rule(r"(?:in |within |over )?(?:the )?next (?:\w+ )?(?:days?|weeks?|months?|years?|hours?)", lambda _, now: (now.at(now.today + 7 * DAY), now.at(now.today + 14 * DAY))),
)  # fmt: skip
