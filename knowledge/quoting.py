"""Picks the few sentences, steps or table rows of a chunk that are quoted, word for word."""

import re

from knowledge.lexical import stems

# A quotation of more lines is skipped by the eye.
MOST_LINES = 10
MOST_CHARACTERS = 1200


def quote_from(text: str, question: str) -> str:
    """The lines of a chunk to quote: all of a short one, else those that share most words with the question.

    A table keeps its heading, and neighbouring lines stay together in their order.
    """
    lines = lines_in(text)
    if len(lines) <= MOST_LINES and len(text) <= MOST_CHARACTERS:
        return text
    head = 2 if lines[0].startswith("|") else 0
    size = MOST_LINES - head
    wanted = set(stems(question))
    starts = range(head, max(head + 1, len(lines) - size + 1))
    # The first of equals: a procedure is read from its beginning.
    best = max(starts, key=lambda start: (len(wanted & set(stems(" ".join(lines[start : start + size])))), -start))
    return "\n".join([*lines[:head], *lines[best : best + size]])


def lines_in(text: str) -> list[str]:
    """Steps and rows one by one; a paragraph in its sentences."""
    return [
        part
        for line in text.splitlines()
        if line.strip()
        for part in ([line] if re.match(r"\s*(\||\d+[.)]|[-*+]\s)", line) else re.split(r"(?<=[.!?])\s+", line))
    ]
