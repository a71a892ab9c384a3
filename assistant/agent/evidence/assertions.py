"""Finds what a sentence asserts in words: not what it asks, advises, or says only if something holds."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_ASKS = re.compile(
    r"\?\s*$|^\W*(?:if|when|whenever|whether|should|unless|would you|you can|ask|try|for example|"
    r"tell me|look at|please|to see)\b",
    re.IGNORECASE,
)
_SUPPOSED = re.compile(
    r"\b(?:if|when|whenever|whether|unless|until|may|might|could|would|should|can|cannot|must|likely to|"
    r"to see|to check|look for|sign of|signs of)\b",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"[,;:()]|\b(?:but|while|whereas|although|and)\b", re.IGNORECASE)
_NEGATION = re.compile(
    r"\b(?:not|never|nothing|none|neither|nor|nobody|no|no longer|"
    r"(?:is|are|was|were|has|have|did|does)n't)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Assertion:
    """Words of a sentence that claim something, the clause before them, and whether they deny it."""

    text: str
    before: str
    after: str
    is_denied: bool
    start: int


def is_assertion(sentence: str) -> bool:
    """Whether a sentence states something: it is no question, no condition and no offer."""
    return _ASKS.search(sentence) is None


def assertions(pattern: re.Pattern[str], sentence: str) -> Iterator[tuple[re.Match[str], Assertion]]:
    """Every place where a pattern stands in what a sentence asserts."""
    if not is_assertion(sentence):
        return
    for match in pattern.finditer(sentence):
        clause_start = max((one.end() for one in _CLAUSE.finditer(sentence, 0, match.start())), default=0)
        before = sentence[clause_start : match.start()]
        if _SUPPOSED.search(before):
            continue
        denied = bool(_NEGATION.search(before) or _NEGATION.search(match.group()))
        yield match, Assertion(match.group(), before, sentence[match.end() :], denied, match.start())


def plain(sentence: str) -> str:
    """A sentence without the marks of Markdown, at the same length, so that places stay the same."""
    return re.sub(r"[*_`]", " ", sentence)
