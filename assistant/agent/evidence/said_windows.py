"""Reads the one span of time a sentence speaks of in words: "yesterday", "over the last 7 days", "this week"."""

import re
from datetime import datetime, timedelta

from assistant.brains.embedded.times import find_spans
from tools.quantity import Window

# Dates and hours are read as times of their own; these words say which window a figure was made from.
_WORDS = re.compile(
    r"\b(?:yesterday|last night|(?:the )?(?:last|past|previous|this) (?:\d+ )?(?:hours?|days?|weeks?|months?|24h)|"
    r"(?:the )?(?:week|day|month|night)s? before(?: last)?)\b",
    re.IGNORECASE,
)
_ROLLING = {"day": timedelta(days=1), "week": timedelta(days=7), "month": timedelta(days=30)}


def said_windows(sentence: str, asked: datetime | None, time_zone: str) -> list[Window]:
    """The windows the words of a sentence may mean, by the calendar and rolling back from now.

    Empty where a sentence names no span, or several, which may each belong to another figure.
    """
    if asked is None:
        return []
    words = [match.group().lower() for match in _WORDS.finditer(sentence)]
    if len(words) != 1:
        return []
    spans = find_spans(words[0], asked, time_zone)
    found = [Window(start=one.start, end=one.end or asked) for one in spans if one.start is not None]
    rolling = re.search(r"(?:last|past|this) (day|week|month)$", words[0])
    if found and rolling:
        found.append(Window(start=asked - _ROLLING[rolling[1]], end=asked))
    return found
