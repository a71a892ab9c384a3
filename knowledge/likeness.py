"""How like a question is to those that each document answers, and to those that no manual does."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from knowledge.index import Array

Places = npt.NDArray[np.int64]
# A single question may be like by chance, three of them hardly.
SEVERAL = 3


@dataclass(frozen=True)
class Likeness:
    """Cosines of a question with the questions of each document, plain and sharpened, and with those of none."""

    best: Array
    several: Array
    sharp_best: Array
    sharp_several: Array
    elsewhere: float


class KnownQuestions:
    """The questions of the documents by their vectors; `places` says whose each is, -1 for those of no document."""

    def __init__(self, vectors: Array, places: Sequence[int], documents: int) -> None:
        whose = np.array(places, dtype=np.int64)
        self._documents = documents
        self._elsewhere = vectors[whose < 0]
        self._vectors, self._places = vectors[whose >= 0], whose[whose >= 0]
        self._middle, self._sharpening = _sharpening(self._vectors, self._places)
        self._sharp = self.sharpened(self._vectors)

    def likeness(self, vector: Array) -> Likeness:
        """Of one question; a document without questions is as unlike as can be."""
        plain = self._vectors @ vector
        sharp = self._sharp @ self.sharpened(vector)
        elsewhere = float(np.max(self._elsewhere @ vector, initial=-1.0))
        return Likeness(
            mean_of_best(plain, self._places, self._documents, 1),
            mean_of_best(plain, self._places, self._documents, SEVERAL),
            mean_of_best(sharp, self._places, self._documents, 1),
            mean_of_best(sharp, self._places, self._documents, SEVERAL),
            max(elsewhere, 0.0),
        )

    def sharpened(self, vectors: Array) -> Array:
        """Vectors in which what tells documents apart counts for more, of length 1."""
        turned = (vectors - self._middle) @ self._sharpening
        unit: Array = turned / np.maximum(np.linalg.norm(turned, axis=-1, keepdims=True), 1e-9)
        return unit


def mean_of_best(values: Array, places: Places, count: int, most: int) -> Array:
    """For each place the mean of its highest values, at most so many; 0 where it has none."""
    order = np.lexsort((-values, places))
    sorted_places = places[order]
    # The rank of each value within its place.
    starts = np.searchsorted(sorted_places, sorted_places)
    kept = np.arange(len(order)) - starts < most
    sums = np.bincount(sorted_places[kept], weights=values[order][kept], minlength=count)
    counts = np.bincount(sorted_places[kept], minlength=count)
    means: Array = (sums / np.maximum(counts, 1)).astype(np.float32)
    return means


def _sharpening(vectors: Array, places: Places) -> tuple[Array, Array]:
    """The middle of all vectors, and a matrix that plays down what differs within the documents.

    Questions of one document differ in what does not tell documents apart: politeness, length, the kind of question.
    Whitening with their spread (Mahalanobis) weighs those directions less; half of it is kept even, since a few
    hundred questions are few for as many directions.
    """
    size = vectors.shape[1]
    middle: Array = vectors.mean(axis=0) if len(vectors) else np.zeros(size, dtype=np.float32)
    _, whose = np.unique(places, return_inverse=True)
    of_documents = np.array([vectors[whose == one].mean(axis=0) for one in range(whose.max(initial=-1) + 1)])
    within = vectors - of_documents[whose] if len(vectors) else vectors
    spread = (within.T @ within).astype(np.float64) / max(len(within), 1)
    even = float(np.trace(spread)) / size
    # Where every document has but one question, nothing is known of the spread.
    if math.isclose(even, 0.0, abs_tol=1e-9):
        return middle, np.eye(size, dtype=np.float32)
    values, directions = np.linalg.eigh(spread + even * np.eye(size))
    return middle, ((directions / np.sqrt(values)) @ directions.T).astype(np.float32)
