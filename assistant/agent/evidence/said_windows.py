"""Reads the spans of time a sentence speaks of in words, "yesterday", "over the last 7 days", "all month", and checks
that the turn's results reach so far."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from assistant.agent.evidence.assertions import is_assertion
from assistant.agent.evidence.entries import Entry
from assistant.brains.embedded.times import find_spans
from tools.quantity import Window

# Dates and hours are read as times of their own; these words say which window a figure was made from.
_WORDS = re.compile(
    r"\b(?:yesterday|last night|(?:the )?(?:last|past|previous|this) (?:\d+ )?(?:hours?|days?|weeks?|months?|years?|24h)"
    r"(?! of)|(?:the )?(?:week|day|month|night)s? before(?: last)?|(?:all|the whole|for a) (?:day|week|month|year))\b",
    re.IGNORECASE,
)
_ROLLING = {
    "day": timedelta(days=1),
    "week": timedelta(days=7),
    "month": timedelta(days=30),
    "year": timedelta(days=365),
}
Said = tuple[int, tuple[Window, ...]]


def said_windows(sentence: str, asked: datetime | None, time_zone: str) -> list[Said]:
    """The place of every span of time in a sentence, and the windows it may mean, by the calendar or rolling back."""
    if asked is None:
        return []
    return [
        (match.start(), tuple(_meanings(match.group().lower(), asked, time_zone)))
        for match in _WORDS.finditer(sentence)
    ]


def window_of(said: Sequence[Said], start: int, end: int, sentence: str) -> tuple[Window, ...]:
    """The windows a figure may be of: those named right after it, else last before it, else first after."""
    after = [(place, windows) for place, windows in said if place >= end]
    if after and not re.search(r"\d|,|;|\band\b", sentence[end : after[0][0]]):
        return after[0][1]
    before = [windows for place, windows in said if place < start]
    return before[-1] if before else ()


def unsupported_windows(sentence: str, said: Sequence[Said], question: str, entries: Sequence[Entry]) -> list[str]:
    """The spans of time a sentence speaks for that no result of the turn covers for the most part."""
    known = [entry.window for entry in entries if entry.window is not None]
    found = []
    for place, windows in said if is_assertion(sentence) else ():
        words = _WORDS.match(sentence, place)
        if words is None or not windows or words.group().lower() in question.lower():
            continue
        if not any(shared(one, measured) >= 0.5 for one in windows for measured in known):
            found.append(words.group())
    return found


def shared(one: Window, other: Window) -> float:
    """The share of the time two windows cover together that both of them cover."""
    together = (max(one.end, other.end) - min(one.start, other.start)).total_seconds()
    both = (min(one.end, other.end) - max(one.start, other.start)).total_seconds()
    return both / together if together else 1.0


def _meanings(words: str, asked: datetime, time_zone: str) -> list[Window]:
    unit = re.search(r"(?:last|past|this|all|whole|for a) (day|week|month|year)$", words)
    found = [
        Window(start=one.start, end=one.end or asked)
        for one in find_spans(words, asked, time_zone)
        if one.start is not None
    ]
    if unit:
        found.append(Window(start=asked - _ROLLING[unit[1]], end=asked))
    return found
