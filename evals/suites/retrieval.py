"""How well the manuals are found: lay questions of a separate author, half for tuning, half held out and reported."""

import time
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Literal

import numpy as np
import yaml
from pydantic import BaseModel, ConfigDict
from tqdm import tqdm

from evals.retrieval_baselines import baselines
from evals.retrieval_many import many_chunks, present
from evals.suites.questions import Metrics
from knowledge.embedding import Embedder
from knowledge.index import Index, local_client
from knowledge.ingest import Library
from knowledge.passage import Asked, Found
from knowledge.scoring import Searchable
from knowledge.search import PASSAGES, ManualSearch
from knowledge.signs import Wording

QUESTIONS = Path(__file__).parents[1] / "retrieval_questions.yaml"
RECALL, MRR, PRECISION, ABSTENTION, REFUSED = 0.95, 0.85, 0.95, 0.9, 0.05
P50_MS, P50_MS_50K = 25.0, 60.0
MANY, NOISE, SEED = 50_000, 0.02, 4711
TIMED = 40


class Labelled(BaseModel):
    """A question and the documents that answer it, the best first; none where the manuals do not."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    ask: str
    documents: tuple[str, ...]
    kind: Literal["answerable", "absent", "superseded"]
    development: bool


def labelled() -> list[Labelled]:
    """Every question of the set."""
    content = yaml.safe_load(QUESTIONS.read_text(encoding="utf-8"))
    return [Labelled.model_validate(one) for one in content["questions"]]


def measure(seed: int | None = None) -> Metrics:
    """The figures of the held-out half, those of the development half beside them, and the baselines."""
    embedder = cache(Embedder)
    with TemporaryDirectory() as folder:
        library = open_library(Path(folder), embedder)
        search = ManualSearch(lambda: library, embedder)
        questions = labelled()
        found = {
            one.id: search.search(Asked(question=one.ask)) for one in tqdm(questions, desc="retrieval", leave=False)
        }
        held_out = [one for one in questions if not one.development]
        tuned_on = [one for one in questions if one.development]
        return {
            "cases": len(held_out),
            **score(held_out, found),
            "development": score(tuned_on, found),
            "search_p50_ms": timed(lambda question: search.search(Asked(question=question)), held_out, "shipped"),
            "search_p50_ms_50k": timed_with_many(library.index, embedder(), held_out, seed or SEED),
            "baselines": baselines(search.searchable(), embedder(), held_out),
        }


def open_library(folder: Path, embedder: Callable[[], Embedder]) -> Library:
    """The shipped manuals, indexed in a folder of their own."""
    return Library(
        Index(local_client(folder), folder), embedder, folder / "documents", Path(".cache") / "manuals.npz"
    )


def score(questions: Sequence[Labelled], found: dict[str, Found]) -> Metrics:
    """What is found, cited and refused of some questions. A refused question finds nothing."""
    answerable = [one for one in questions if one.documents]
    absent = [one for one in questions if not one.documents]
    places = [_place(one, found[one.id]) for one in answerable]
    cited = [(one, found[one.id].passages[0]) for one in questions if found[one.id].passages]
    refused = [one for one in answerable if not found[one.id].is_in_documents]
    right = [one for one in absent if not found[one.id].is_in_documents]
    return {
        "answerable": len(answerable),
        "recall_at_5": _share(sum(place is not None for place in places), len(places)),
        "mrr": round(sum(1 / place for place in places if place is not None) / len(places), 3),
        "citation_precision": _share(sum(one.document in q.documents for q, one in cited), len(cited)),
        "newest_cited": _share(sum(one.is_newest for _, one in cited), len(cited)),
        "absent": len(absent),
        "abstention_accuracy": _share(len(right), len(absent)),
        "over_refusal": _share(len(refused), len(answerable)),
    }


def holds(metrics: Metrics) -> bool:
    """Found, cited, refused and fast enough."""
    return bool(
        metrics["recall_at_5"] >= RECALL
        and metrics["mrr"] >= MRR
        and metrics["citation_precision"] >= PRECISION
        and metrics["newest_cited"] == 1
        and metrics["abstention_accuracy"] >= ABSTENTION
        and metrics["over_refusal"] <= REFUSED
        and metrics["search_p50_ms"] <= P50_MS
        and metrics["search_p50_ms_50k"] <= P50_MS_50K
    )


def timed(search: Callable[[str], object], questions: Sequence[Labelled], tag: str) -> float:
    """Median time of a search in ms; every question is new to the embedder."""
    took = []
    for number, one in enumerate(questions[:TIMED]):
        began = time.perf_counter()
        search(f"{one.ask} ({tag} {number})")
        took.append(1000 * (time.perf_counter() - began))
    return round(median(took), 1)


def timed_with_many(shipped: Index, embedder: Embedder, questions: Sequence[Labelled], seed: int) -> float:
    """The same with many chunks: the shipped ones over and over, their vectors moved a little."""
    with TemporaryDirectory() as folder:
        index = Index(local_client(Path(folder)), Path(folder))
        index.replace(many_chunks(shipped, MANY, NOISE, np.random.default_rng(seed)))
        many = Searchable(index.open(present(index)))

        def search(question: str) -> object:
            texts = many.wordings(question)
            wordings = [Wording(text, vector) for text, vector in zip(texts, embedder.embed(texts), strict=True)]
            return many.rank(Asked(question=question), wordings, PASSAGES)

        search("the first search counts the words")
        return timed(search, questions, "among many")


def _place(one: Labelled, found: Found) -> int | None:
    """The place of the first right document, from 1; None where it is not among the five."""
    return next((place for place, hit in enumerate(found.passages, 1) if hit.document in one.documents), None)


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 3) if whole else None
