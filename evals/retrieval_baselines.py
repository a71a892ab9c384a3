"""Plain ways to search the same chunks, to be compared with: BM25, TF-IDF, embeddings alone, and without questions."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from knowledge.embedding import Embedder
from knowledge.index import Array
from knowledge.passage import Asked
from knowledge.scoring import Searchable


class Labelled(Protocol):
    """A question and the documents that answer it."""

    @property
    def ask(self) -> str: ...
    @property
    def documents(self) -> tuple[str, ...]: ...


def baselines(index: Searchable, embedder: Embedder, questions: Sequence[Labelled]) -> dict[str, Mapping[str, float]]:
    """Recall at 5 and MRR of each way, over the newest revisions, nothing refused."""
    answerable = [one for one in questions if one.documents]
    rows = [row for row, chunk in enumerate(index.chunks) if index.is_newest(chunk.facts)]
    texts = [index.chunks[row].searched_text for row in rows]
    owners = [index.chunks[row].facts.id for row in rows]
    asked = [one.ask for one in answerable]
    ways = {
        "bm25": _bm25(texts, asked),
        "tfidf": _tfidf(texts, asked),
        "embeddings": _near(index, embedder, rows, asked),
    }
    return {name: _figures(scores, owners, answerable) for name, scores in ways.items()}


def _bm25(texts: Sequence[str], asked: Sequence[str]) -> Array:
    import bm25s  # type: ignore[import-untyped]  # noqa: PLC0415  a development package

    index = bm25s.BM25()
    index.index(bm25s.tokenize(list(texts), stopwords="en", show_progress=False), show_progress=False)
    words = [bm25s.tokenize(one, stopwords="en", show_progress=False, return_ids=False)[0] for one in asked]
    return np.array([index.get_scores(one) for one in words], dtype=np.float32)


def _tfidf(texts: Sequence[str], asked: Sequence[str]) -> Array:
    vectors = TfidfVectorizer(stop_words="english", sublinear_tf=True).fit(texts)
    likeness = vectors.transform(asked) @ vectors.transform(texts).T
    return np.asarray(likeness.todense(), dtype=np.float32)


def _near(index: Searchable, embedder: Embedder, rows: Sequence[int], asked: Sequence[str]) -> Array:
    scores = np.full((len(asked), len(rows)), -1.0, dtype=np.float32)
    column = {row: number for number, row in enumerate(rows)}
    for number, question in enumerate(asked):
        nearest = index.near([embedder.embed([question])[0]], Asked(question=question))[0]
        for row, value in nearest.items():
            if row in column:
                scores[number, column[row]] = value
    return scores


def _figures(scores: Array, owners: Sequence[str], questions: Sequence[Labelled]) -> dict[str, float]:
    places = [_place(row, owners, one.documents) for row, one in zip(scores, questions, strict=True)]
    return {
        "recall_at_5": round(sum(place <= 5 for place in places) / len(places), 3),
        "mrr": round(sum(1 / place for place in places if place <= 5) / len(places), 3),
    }


def _place(scores: Array, owners: Sequence[str], wanted: Sequence[str]) -> int:
    """The place of the first right document from 1, each document counted once; past the last where none is."""
    ranked = list(dict.fromkeys(owners[column] for column in np.argsort(-scores)))
    return next((place for place, name in enumerate(ranked, 1) if name in wanted), len(ranked) + 1)
