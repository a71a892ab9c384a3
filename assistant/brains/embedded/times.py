"""Reads spans of time from a question: "since Monday", "3 to 5 pm on 1 April", "the night before last".

Calendar words are read in the asker's zone; "last 24 hours", "last 7 days" and "last month" (30 days) roll back
from now. A part of a question that was read is given back, so that nothing else reads it again.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from assistant.brains.embedded.time_readers import (
    Bounds,
    Now,
    read_after,
    read_ago,
    read_ahead,
    read_bare,
    read_clock_on_day,
    read_clock_range,
    read_date_range,
    read_day_part,
    read_ever,
    read_half_month,
    read_last_month,
    read_last_period,
    read_month,
    read_night,
    read_number_dates_before_month,
    read_ordinals,
    read_rolling,
    read_since,
    read_this_period,
    read_until,
    read_week_before_last,
    read_week_of,
    read_whole_day,
)
from assistant.brains.embedded.time_words import (
    ANY_DAY,
    CLOCK,
    COUNT,
    DATE,
    DAY,
    LOOSE_CLOCK,
    MONTH,
    MONTH_NAME,
    ORDINAL,
    PART_OF_DAY,
    RELATIVE_DAY,
    UNIT,
    WEEKDAY_NAME,
)


@dataclass(frozen=True)
class Span:
    """A span of time that was asked about, in UTC, and the words that said so. None is an open end."""

    start: datetime | None
    end: datetime | None
    words: str
    text_start: int
    text_end: int
    is_coming: bool = False


_AGAINST_LAST = re.compile(r"(?:vs\.?|against|versus|than|and|to) (?:the )?(?:last|previous)(?: one)?(?=\W*$|,)")
_SINCE_THEN = re.compile(r"\bsince(?: then)?\W*$")

_Rule = tuple[re.Pattern[str], Callable[[re.Match[str], Now], Bounds | None]]


def find_spans(question: str, now: datetime, time_zone: str) -> list[Span]:
    """Every span of time a question names, in the order of its words; at most two are of use."""
    here = Now(now.astimezone(ZoneInfo(time_zone)))
    text, found = question.lower(), []
    for pattern, read in _RULES:
        for match in pattern.finditer(text):
            bounds = read(match, here)
            if bounds is None:
                continue
            is_coming = bounds[1] is not None and bounds[1] > now and read in _COMING
            found.append(Span(*bounds, match.group().strip(), match.start(), match.end(), is_coming))
            text = text[: match.start()] + "\0" * (match.end() - match.start()) + text[match.end() :]
    spans = _last_of_same(text, sorted(found, key=lambda span: span.text_start), here)
    return _until_now(question.lower(), spans, here)


def _last_of_same(text: str, spans: list[Span], now: Now) -> list[Span]:
    """ "This week against last": the last of the same kind."""
    match = _AGAINST_LAST.search(text)
    if len(spans) != 1 or match is None or (kind := re.search(r"this (week|month|year)", spans[0].words)) is None:
        return spans
    period = re.match("(?P<p>week|month|year)", kind.group(1))
    bounds = read_last_period(period, now) if period else None
    return [*spans, Span(*bounds, match.group(), match.start(), match.end())] if bounds else spans


def _until_now(text: str, spans: list[Span], now: Now) -> list[Span]:
    """ "On the 18th. How has it been since?": from that day on."""
    if len(spans) != 1 or not _SINCE_THEN.search(text):
        return spans
    return [replace(spans[0], end=now.local.astimezone(UTC))]


def _rule(pattern: str, read: Callable[[re.Match[str], Now], Bounds | None]) -> _Rule:
    return re.compile(rf"(?<![\w-])(?:{pattern})(?![\w-])"), read


_COMING = frozenset({read_ahead})

# Longer ways of saying a time come before the shorter ones they contain.
_RULES: tuple[_Rule, ...] = (
    _rule(rf"(?:(?:in|within|over|for|during) )?(?:the )?next {COUNT} ?{UNIT}", read_ahead),
    _rule(rf"(?:in )?{COUNT} {UNIT} (?:from now|out|ahead|from today)(?= *(?:$|[.,?!]))", read_ahead),
    _rule(rf"(?:on )?(?P<day>{ANY_DAY})(?: {PART_OF_DAY})?,? (?:between|from) (?P<a>{LOOSE_CLOCK}) ?(?:and|to|till|until|thru|-|–) ?(?P<b>{LOOSE_CLOCK})(?! \w*(?:march|april|may))",
        read_clock_range,
    ),
    _rule(
        rf"(?:on )?(?P<day>{ANY_DAY}),? (?:(?:between|from) )?(?P<a>{LOOSE_CLOCK}) ?(?:and|to|till|until|thru|-|–) ?(?P<b>{CLOCK})",
          read_clock_range),
    _rule(rf"(?:between |from )?(?P<a>{LOOSE_CLOCK}) ?(?:and|to|till|until|thru|-|–) ?(?P<b>{CLOCK})"
          rf"(?:,? (?:on )?(?P<day>{ANY_DAY}))?", read_clock_range),
    _rule(rf"(?P<m>{MONTH_NAME}) (?P<a>{ORDINAL}) ?(?:to|till|until|through|thru|-|–|and) ?(?:the )?(?P<b>{ORDINAL})", read_number_dates_before_month),
    _rule(rf"(?:between |from )?(?P<a>{ANY_DAY}|(?:the )?{ORDINAL}) ?(?:and|to|till|until|through|thru|-|–) ?(?P<b>{ANY_DAY})", read_date_range),
    _rule(rf"(?:in |during |for |over )?(?:the )?week (?:of|from|starting|beginning) (?P<day>{ANY_DAY})", read_week_of),
    _rule(r"(?:between|from) (?:the )?(?P<a>\d{1,2})(?:st|nd|rd|th) (?:and|to|till|until) (?:the )?(?P<b>\d{1,2})(?:st|nd|rd|th)", read_ordinals),
    _rule(r"since (?:the )?(?:beginning|start) of (?:the )?last week", lambda _, now: (now.at(now.today - timedelta(days=now.today.weekday() + 7)), now.local.astimezone(UTC))),
    _rule(rf"since [\w ]{{3,40}}? on (?P<what>{ANY_DAY})", read_since),
    _rule(r"over the (?P<u>month|week)", lambda m, now: (now.local.astimezone(UTC) - (MONTH if m["u"] == "month" else 7 * DAY), now.local.astimezone(UTC))),
    _rule(r"so far today|today so far|yet today", lambda _, now: (now.at(now.today), now.local.astimezone(UTC))),
    _rule(r"since (?:the )?(?:beginning|start|first) of (?:the|this) (?P<p>week|month|year)", read_this_period),
    _rule(rf"(?:in |during |over )?(?:the )?(?P<half>first|second|1st|2nd) half of (?P<name>{MONTH_NAME})", read_half_month),
    _rule(r"(?:over|on|at|during|this|in)? ?(?:the )?(?:past |last )?(?P<p>weekend)", read_last_period),
    _rule(r"since (?:the )?(?:beginning|start|very start|installation|commissioning)|of all time|all[- ]time"
          r"|so far|(?:in|over) (?:the )?(?:whole|entire|full) (?:record|history|dataset|data)|ever", read_ever),
    _rule(rf"(?:since|starting|ever since|from) (?P<what>last night|(?:the )?last week|(?:{ANY_DAY} )?{PART_OF_DAY}|this {PART_OF_DAY}"
          rf"|{CLOCK}|{ANY_DAY}|{MONTH_NAME})(?: on(?:wards)?| until now| till now)?", read_since),
    _rule(rf"(?:until|up to|(?<!day )before|prior to) (?P<what>{ANY_DAY})", read_until),
    _rule(rf"after (?P<what>{ANY_DAY})", read_after),
    _rule(rf"(?:at |around |about )?(?P<at>{CLOCK}),? (?:on )?(?P<day>{ANY_DAY})", read_clock_on_day),
    _rule(rf"(?:on )?(?P<day>{ANY_DAY}),? (?:at|around|about) (?P<at>{LOOSE_CLOCK})", read_clock_on_day),
    _rule(r"(?:the )?night before last|the night before|last night|overnight|during the night|(?:in )?the night", read_night),
    _rule(r"the week before(?: last)?", read_week_before_last),
    _rule(r"(?:vs\.?|against|versus|and|to|than|or) (?:the )?day before(?! yesterday)", lambda _, now: now.day(now.today - 2 * DAY)),
    _rule(r"the day before(?! yesterday)|the previous day", lambda _, now: now.day(now.today - 2 * DAY)),
    _rule(rf"(?:on )?(?P<day>{ANY_DAY})(?:'s)? (?P<part>{PART_OF_DAY})", read_day_part),
    _rule(rf"this (?P<part>{PART_OF_DAY})", read_day_part),
    _rule(rf"(?:(?:in|over|for|during|within) )?(?:the )?(?:last|past|previous|preceding|trailing) (?:{COUNT} ?)?{UNIT}(?<!last week)"
          rf"(?<!last month)(?<!last year)(?<!previous week)(?<!previous month)(?<!previous year)", read_rolling),
    _rule(rf"(?:over|for|during|within|in) (?:the )?{COUNT}(?:(?<=\d) ?| ){UNIT}", read_bare),
    _rule(r"(?:the )?(?:last|past) month", read_last_month),
    _rule(r"(?:the )?(?:last|previous) (?P<p>week|weekend|month|year)", read_last_period),
    _rule(r"(?:(?:so far )?this|the current) (?P<p>week|month|year)", read_this_period),
    _rule(rf"{COUNT} {UNIT} (?:ago|back) (?:till|until|to) (?:now|today)", read_rolling),
    _rule(rf"{COUNT} {UNIT} (?:ago|back)", read_ago),
    _rule(rf"(?:on )?(?:{RELATIVE_DAY}|{DATE}|(?:last |this |on ){WEEKDAY_NAME}|{WEEKDAY_NAME}(?:'s)?)", read_whole_day),
    _rule(rf"(?:in |during |for )?(?P<name>{MONTH_NAME})(?: (?P<year>\d{{4}}))", lambda m, now: read_month(m["name"].rstrip("."), m["year"], now)),
    _rule(rf"(?:(?:in|during|for|through|throughout|across|over|all|all of|the whole of|this) |(?<='s ))(?P<name>{MONTH_NAME})", lambda m, now: read_month(m["name"].rstrip("."), None, now)),
    _rule(r"(?P<name>january|february|march|april|june|july|august|september|october|november|december)", lambda m, now: read_month(m["name"], None, now)),
    _rule(r"(?:in|during|for|throughout) (?P<y>(?:19|20)\d{2})",
          lambda m, now: (now.at(date(int(m["y"]), 1, 1)), now.at(date(int(m["y"]) + 1, 1, 1)))),
    _rule(r"(?<!under )(?<!below )(?<!above )(?<!over )(?<!than )(?P<n>\d+) ?(?P<u>h|hrs?|hours|d|days)(?! (?:ago|back))", read_bare),
    _rule(rf"(?:at|around) (?P<at>{CLOCK})", read_clock_on_day),
    _rule(r"(?:in |within |over )?(?:the )?next (?:\w+ )?(?:days?|weeks?|months?|years?|hours?)", lambda _, now: (now.at(now.today + 7 * DAY), now.at(now.today + 14 * DAY))),
)  # fmt: skip
