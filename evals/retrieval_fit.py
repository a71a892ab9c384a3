"""Fits the weights of `knowledge/scoring.py` on the development half of the retrieval questions, and prints them.

`python -m evals.retrieval_fit` also says how well weights fitted on five sixths do on the rest. Two steps: weights that
put a right document first (a softmax over the documents), then the chance that this document is right (a logistic
curve of its strength and of the likeness to questions no manual answers).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression

from evals.suites.retrieval import Labelled, labelled, open_library
from knowledge.embedding import Embedder
from knowledge.index import Array
from knowledge.passage import Asked
from knowledge.search import ManualSearch
from knowledge.signs import SIGNS, Wording

# Little, since eight weights have two hundred questions.
RIDGE = 3e-4
FOLDS, ROUNDS = 6, 6
# Shares of the answerable questions that may be refused, to choose the threshold by.
REFUSED = (0.0, 0.01, 0.02, 0.03, 0.04, 0.05)


@dataclass(frozen=True)
class Example:
    """One question: the signs of each document that may answer, which of them do, and its likeness to none."""

    signs: Array
    is_right: Array
    elsewhere: float
    is_answerable: bool


@dataclass(frozen=True)
class Fit:
    """The weight of each sign, of the likeness to no manual, and what is needed."""

    weights: Array
    elsewhere: float
    needed: float

    def best(self, example: Example) -> tuple[float, bool]:
        """The chance of the document that comes first, and whether it is right."""
        strength = example.signs @ self.weights
        place = int(np.argmax(strength))
        chance = 1 / (1 + np.exp(self.elsewhere * example.elsewhere + self.needed - strength[place]))
        return float(chance), bool(example.is_right[place])


def examples(questions: Sequence[Labelled]) -> list[Example]:
    """The signs of each question in the shipped manuals."""
    embedder = cache(Embedder)
    with TemporaryDirectory() as folder:
        library = open_library(Path(folder), embedder)
        index = ManualSearch(lambda: library, embedder).searchable()
        made = []
        for one in questions:
            asked = Asked(question=one.ask)
            texts = index.wordings(one.ask)
            read = index.read(asked, [Wording(*pair) for pair in zip(texts, embedder().embed(texts), strict=True)])
            rows = [row for row, facts in enumerate(index.documents) if index.may_answer(facts, asked)]
            is_right = np.array([index.documents[row].id in one.documents for row in rows], dtype=np.float32)
            made.append(Example(read.signs[rows], is_right, read.elsewhere, bool(one.documents)))
        return made


def fitted(given: Sequence[Example]) -> Fit:
    """Weights and chance from these questions."""
    weights = _weights([one for one in given if one.is_answerable])
    first = Fit(weights, 0.0, 0.0)
    strengths = [[float(np.max(one.signs @ weights)), one.elsewhere] for one in given]
    curve = LogisticRegression(C=10.0).fit(strengths, [first.best(one)[1] for one in given])
    scale, elsewhere = curve.coef_[0]
    return Fit(weights * scale, -float(elsewhere), -float(curve.intercept_[0]))


def _weights(given: Sequence[Example]) -> Array:
    def loss(weights: Array) -> tuple[float, Array]:
        total, slope = RIDGE * float(weights @ weights) / 2, RIDGE * weights
        for one in given:
            strength = one.signs @ weights
            shares = np.exp(strength - strength.max())
            shares /= shares.sum()
            right = shares * one.is_right
            total -= np.log(right.sum()) / len(given)
            slope = slope - one.signs.T @ (right / right.sum() - shares) / len(given)
        return total, slope

    found: Array = minimize(loss, np.zeros(len(SIGNS)), jac=True, method="L-BFGS-B").x
    return found


def cross_validated(given: Sequence[Example]) -> list[tuple[Example, float, bool]]:
    """Each question with the chance and the verdict of weights that never saw it, several times over."""
    judged = []
    for seed in range(ROUNDS):
        fold = np.random.default_rng(seed).integers(0, FOLDS, len(given))
        for part in range(FOLDS):
            fit = fitted([one for one, of in zip(given, fold, strict=True) if of != part])
            judged += [(one, *fit.best(one)) for one, of in zip(given, fold, strict=True) if of == part]
    return judged


def main() -> None:
    """Print the weights and, by the share of answerable questions refused, what each threshold gives."""
    given = examples([one for one in labelled() if one.development])
    fit = fitted(given)
    for name, weight in zip(SIGNS, fit.weights, strict=True):
        print(f"{weight:6.2f}  {name}")
    print(f"{fit.elsewhere:6.2f}  likeness to questions no manual answers, against\n{fit.needed:6.2f}  needed")
    judged = cross_validated(given)
    answerable = [one for one in judged if one[0].is_answerable]
    print(f"first document right: {np.mean([right for _, _, right in answerable]):.3f} of {len(answerable)}")
    for refused in REFUSED:
        threshold = float(np.quantile([chance for _, chance, _ in answerable], refused))
        cited = [right for _, chance, right in judged if chance >= threshold]
        absent = [chance < threshold for one, chance, _ in judged if not one.is_answerable]
        print(
            f"threshold {threshold:.3f}: refused {refused:.2f}, abstention {np.mean(absent):.3f}, "
            f"citations right {np.mean(cited):.3f}"
        )


if __name__ == "__main__":
    main()
