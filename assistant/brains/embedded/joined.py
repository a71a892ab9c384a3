"""Parts words that were run together: "whatisthesocofd4", "outagesatharborpast30days"."""

import re
from collections.abc import Set
from functools import cache

# Shorter tokens are more likely a word nobody knows than two that everybody knows.
_SHORTEST = 9
_SHORT_WORDS = frozenset(
    """a am an any are as at by d do did for get go has how i in is it its last me my now of off old on or our per past
    see soc soh the to up was we what when which who yet""".split()  # noqa: SIM905
)
_NUMBER = re.compile(r"d?\d+")
_TOKEN = re.compile(r"(?<![\w'-])[A-Za-z]+[A-Za-z0-9]*(?![\w'-])")


def part_joined(question: str, known: Set[str], names: Set[str]) -> str:
    """The question with every token that is wholly made of known words, names and numbers taken apart."""

    def parted(match: re.Match[str]) -> str:
        token = match.group()
        lower = token.lower()
        if len(lower) < _SHORTEST or lower in known or lower in names:
            return token
        pieces = _pieces(lower, frozenset(known), frozenset(names))
        return " ".join(pieces) if pieces else token

    return _TOKEN.sub(parted, question)


@cache
def _pieces(token: str, known: frozenset[str], names: frozenset[str]) -> tuple[str, ...] | None:
    """The fewest words that make up the token, or None where no words do."""
    best: list[tuple[str, ...] | None] = [()] + [None] * len(token)
    for end in range(1, len(token) + 1):
        for start in range(max(0, end - 16), end):
            before, word = best[start], token[start:end]
            if before is None or not _is_word(word, known, names):
                continue
            if best[end] is None or len(before) + 1 < len(best[end] or ()):
                best[end] = (*before, word)
    return best[-1]


def _is_word(word: str, known: frozenset[str], names: frozenset[str]) -> bool:
    if word in _SHORT_WORDS or word in names or _NUMBER.fullmatch(word):
        return True
    return len(word) > 3 and word in known
