"""Chooses the tool a question calls for: sentence embedding and cues into a logistic regression.

Trained on utterances/*.yaml in a few seconds; the weights are kept as plain arrays under the hash of everything
they were made from, so a change of an utterance, a word or a cue trains anew.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import yaml

from assistant.brains.embedded.slots import Slots, read_slots
from knowledge.embedding import DEPTHS, DIMENSIONS, WEIGHTS_SHA256, Embedder
from tools.telemetry.fleet import Device, Fleet, Site

Array = npt.NDArray[np.float32]
UTTERANCES = Path(__file__).parent / "utterances"
# Names and times are masked before embedding, so any fleet and any day teach the same.
_TRAINING_FLEET = Fleet(
    sites=tuple(
        Site(site_id=f"S{number:02d}", name=name)
        for number, name in enumerate(("Northgate", "Harbor", "Millbrook", "Eastfield", "Hilltop"), start=1)
    ),
    devices=tuple(
        Device(device_id=f"D{number:02d}", site_id="S01", name=f"D{number:02d}", cell_count=24)
        for number in range(1, 21)
    ),
)
_TRAINING_NOW = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)
_CUE_WORDS: tuple[tuple[str, ...], ...] = (
    ("which", "who", "whose", "what's"),
    ("compare", "vs", "versus", "difference", "compared", "against", "differ"),
    ("than",),
    ("mean", "means", "meaning", "define", "definition", "explain", "stand"),
    ("unit", "limit", "limits", "allowed", "normal", "acceptable", "range", "measured"),
    ("chart", "plot", "graph", "trend", "curve", "history", "draw", "show"),
    ("now", "currently", "present", "presently", "latest", "moment", "live"),
    ("rank", "order", "sort", "list", "ranking", "ordered", "sorted"),
    ("was", "were", "did", "had", "been"),
    ("is", "are", "does", "do"),
    ("why", "reason", "cause"),
    ("outage", "outages", "blackout", "blackouts", "failure", "failures", "discharges", "discharged"),
    ("cell", "cells"),
    ("site", "sites", "devices", "batteries", "strings", "fleet"),
    ("often", "long", "times", "ever", "never"),
    ("will", "tomorrow", "predict", "forecast", "expect", "next"),
)
# One cue weighs about as much as a clear difference in meaning between two sentences.
_CUE_WEIGHT = 0.6
_REGULARISATION = 10.0


@dataclass(frozen=True)
class Choice:
    """A class (a tool, or a kind of question that needs none) and how probable it is."""

    label: str
    probability: float


class Router:
    """Says which tool a question calls for."""

    def __init__(self, embedder: Embedder, labels: Sequence[str], weights: Array, bias: Array) -> None:
        self._embedder = embedder
        self._labels = tuple(labels)
        self._weights = weights
        self._bias = bias

    def choose(self, questions: Sequence[Slots]) -> list[list[Choice]]:
        """The classes of each question, most probable first; one pass for all of them."""
        scores = _features(self._embedder, questions) @ self._weights.T + self._bias
        odds = np.exp(scores - scores.max(axis=1, keepdims=True))
        probabilities = odds / odds.sum(axis=1, keepdims=True)
        return [
            [Choice(self._labels[index], float(row[index])) for index in np.argsort(-row)] for row in probabilities
        ]


def load_router(embedder: Embedder, cache_folder: Path) -> Router:
    """The router of these utterances: from the cache, or trained and kept there."""
    path = cache_folder / f"router-{router_hash()}.npz"
    if not path.exists():
        labels, weights, bias = _train(embedder)
        cache_folder.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".tmp.npz")
        np.savez(unfinished, labels=np.array(labels), weights=weights, bias=bias)
        unfinished.replace(path)
    with np.load(path, allow_pickle=False) as kept:
        return Router(embedder, [str(label) for label in kept["labels"]], kept["weights"], kept["bias"])


@cache
def router_hash() -> str:
    """A short hash of all that the router is made from."""
    digest = hashlib.sha256(f"{WEIGHTS_SHA256} {DEPTHS}".encode())
    here = Path(__file__).parent
    for path in sorted([*UTTERANCES.glob("*.yaml"), *here.glob("*.py")]):
        if path.suffix == ".yaml" or path.stem in (
            "router",
            "slots",
            "mentions",
            "times",
            "time_words",
            "time_readers",
            "field_words",
            "spelling",
            "shorthand",
            "joined",
        ):
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def utterances() -> dict[str, list[str]]:
    """The training utterances by class."""
    found = {}
    for path in sorted(UTTERANCES.glob("*.yaml")):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        found[path.stem] = [str(text) for text in content["utterances"]]
    return found


def _train(embedder: Embedder) -> tuple[list[str], Array, Array]:
    # Loaded only when the utterances changed: scikit-learn takes longer to import than a question to answer.
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415

    labels, questions = [], []
    for label, texts in utterances().items():
        labels += [label] * len(texts)
        questions += [read_slots(text, _TRAINING_FLEET, _TRAINING_NOW, "UTC") for text in texts]
    model = LogisticRegression(C=_REGULARISATION, class_weight="balanced", max_iter=2000)
    model.fit(_features(embedder, questions), labels)
    return [str(name) for name in model.classes_], model.coef_.astype(np.float32), model.intercept_.astype(np.float32)


def _features(embedder: Embedder, questions: Sequence[Slots]) -> Array:
    """The sentence with names and times masked, the same with its fields masked too, and the cues.

    Which field is asked for says little about the tool; both views together were 3 points better in cross-validation
    than the first alone. The first is taken at all depths of the embedding, the second without its words alone: another
    3 points.
    """
    texts = [view or "nothing" for question in questions for view in (question.masked, question.frame)]
    depths = embedder.embed_depths(texts).reshape(len(questions), 2, -1, DIMENSIONS)
    sentences, frames = depths[:, 0], depths[:, 1, 1:]
    embedded = np.concatenate([sentences, frames], axis=1).reshape(len(questions), -1)
    cues = np.array([_cues(question) for question in questions], dtype=np.float32) * np.float32(_CUE_WEIGHT)
    return np.concatenate([embedded, cues], axis=1)


def _cues(question: Slots) -> list[float]:
    mentions = question.mentions
    said = [
        bool(question.fields),
        len(question.field_names) > 1,
        len(mentions.devices) == 1,
        len(mentions.devices) > 1,
        len(mentions.sites) == 1,
        len(mentions.sites) > 1,
        bool(mentions.cells),
        len(question.spans) == 1,
        len(question.spans) > 1,
        question.threshold is not None,
        question.direction is not None,
        question.top is not None,
        question.statistic == "mean",
        question.statistic in ("min", "max"),
        question.statistic in ("range", "increase"),
    ]
    return [float(one) for one in said] + [
        float(any(word in question.words for word in group)) for group in _CUE_WORDS
    ]
