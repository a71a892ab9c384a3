"""Which chunks use the words of a question: BM25 over a sparse matrix, for words that embeddings blur."""

import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy import sparse

# Robertson's usual values.
K1, B = 1.2, 0.75
# A name like T_HIGH or AGM-500 is one word.
_WORD = re.compile(r"[a-z]+(?:_[a-z0-9]+)+|[a-z]+-?\d+|[a-z]+|\d+(?:\.\d+)?")
_ENDINGS = ("ings", "ing", "ied", "ies", "ed", "es", "s", "e", "y")
_STOP = frozenset(
    re.findall(r"\w+", """
    a an and are as at be by can do does for from get has have how i if in is it its me my of on or our so should
    that the their them there they this to was we what when where which who why will with would you your
    """)
)  # fmt: skip

Scores = npt.NDArray[np.float32]


def stems(text: str) -> list[str]:
    """The words of a text that carry meaning, without their endings."""
    return [_stem(word) for word in _WORD.findall(text.lower()) if word not in _STOP]


@lru_cache(maxsize=20_000)
def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word.removesuffix(ending)
            break
    # stopped, stopping -> stop
    return word[:-1] if len(word) > 3 and word[-1] == word[-2] else word


class WordIndex:
    """BM25 weights of every chunk, and how much a word tells."""

    def __init__(self, texts: Sequence[str]) -> None:
        found = [stems(text) for text in texts]
        self._column = {word: number for number, word in enumerate(sorted({word for one in found for word in one}))}
        counts = self._counts(found)
        seen = np.bincount(counts.col, minlength=len(self._column))
        self._rarity = np.log(1 + (len(texts) - seen + 0.5) / (seen + 0.5)).astype(np.float32)
        lengths = np.array([len(one) for one in found], dtype=np.float32)
        norm = K1 * (1 - B + B * lengths / max(float(lengths.mean()), 1.0))
        weights = self._rarity[counts.col] * counts.data * (K1 + 1) / (counts.data + norm[counts.row])
        by_word = sparse.csc_matrix((weights, (counts.row, counts.col)), counts.shape, dtype=np.float32)
        self._starts, self._texts, self._weights = by_word.indptr, by_word.indices, by_word.data
        self._count = len(texts)

    def shares(self, question: str) -> Scores:
        """BM25 of each text as a share of the best score there could be, 0 to 1."""
        scores = np.zeros(self._count, dtype=np.float32)
        for word in dict.fromkeys(stems(question)):
            if word in self._column:
                start, end = self._starts[self._column[word]], self._starts[self._column[word] + 1]
                # A text stands once in the list of a word.
                scores[self._texts[start:end]] += self._weights[start:end]
        return scores / np.float32(self.best_possible(question))

    def best_possible(self, question: str) -> float:
        """The score of a text that says every word of a question; an unknown word tells most. Never 0."""
        unknown = float(self._rarity.max(initial=1.0))
        words = dict.fromkeys(stems(question))
        return (K1 + 1) * sum(self._tells(word, unknown) for word in words) or 1.0

    def _tells(self, word: str, unknown: float) -> float:
        return float(self._rarity[self._column[word]]) if word in self._column else unknown

    def _counts(self, found: Sequence[Sequence[str]]) -> "sparse.coo_matrix":
        rows = [row for row, one in enumerate(found) for _ in one]
        columns = [self._column[word] for one in found for word in one]
        ones = np.ones(len(rows), dtype=np.float32)
        counts = sparse.csr_matrix((ones, (rows, columns)), (len(found), len(self._column)))
        return counts.tocoo()
