"""Reads the one span of time a sentence speaks of in words: "yesterday", "over the last 7 days", "this week"."""

import re
from datetime import datetime

from assistant.brains.embedded.times import find_spans
from tools.quantity import Window

# Dates and hours are read as times of their own; these words say which window a figure was made from.
_WORDS = re.compile(
    r"\b(?:yesterday|last night|(?:the )?(?:last|past|previous|this) (?:\d+ )?(?:hours?|days?|weeks?|months?|24h))\b",
    re.IGNORECASE,
)


def said_window(sentence: str, asked: datetime | None, time_zone: str) -> Window | None:
    """The window a sentence names in words; None where it names none, several, or one without two ends."""
    if asked is None:
        return None
    words = [match.group() for match in _WORDS.finditer(sentence)]
    if len(words) != 1:
        return None
    spans = find_spans(words[0], asked, time_zone)
    if len(spans) != 1 or spans[0].start is None:
        return None
    return Window(start=spans[0].start, end=spans[0].end or asked)
