"""Puts words right that are neither in the documents nor in the dictionary: "Millbrok" becomes "millbrook"."""

import re
from collections.abc import Iterable

from rapidfuzz import fuzz, process

from knowledge.embedding import ordinary_words
from knowledge.lexical import stems

# Shorter words are too near to others.
_WORD = re.compile(r"[A-Za-z]{5,}")
_NEAR = 84


class Spelling:
    """The words of the documents, to put the words of a question right with."""

    def __init__(self, texts: Iterable[str]) -> None:
        words = {word.lower() for text in texts for word in _WORD.findall(text)}
        self._words = sorted(words)
        self._known = {stem for word in words for stem in stems(word)}

    def corrected(self, question: str) -> str:
        """The question with each misspelt word replaced by the nearest word of the documents, if one is near."""
        return _WORD.sub(lambda match: self._nearest(match.group()), question)

    def _nearest(self, word: str) -> str:
        lower = word.lower()
        if lower in ordinary_words() or set(stems(lower)) <= self._known:
            return word
        near = process.extractOne(lower, self._words, scorer=fuzz.ratio, score_cutoff=_NEAR)
        return near[0] if near else word
