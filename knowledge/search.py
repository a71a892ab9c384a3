"""Answers a question with the passages that bear on it, or says that the documents do not."""

import threading
from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np

from knowledge.embedding import Embedder
from knowledge.errors import IndexFailedError, UnknownFilterError
from knowledge.index import Array, Indexed, newest_revisions
from knowledge.ingest import Library
from knowledge.lexical import WordIndex
from knowledge.passage import Asked, Chunk, Found, Passage
from knowledge.quoting import quote_from

# Share of the words' score beside the meaning's, and the score an answer needs: both chosen on the development
# half of the retrieval questions, never on the half that is reported.
WORDS_SHARE = 0.4
THRESHOLD = 0.42
PASSAGES = 5
# Chunks each way of searching proposes.
_CANDIDATES = 60


class Searchable:
    """One build of the index, ready to be searched."""

    def __init__(self, indexed: Indexed) -> None:
        self.name = indexed.name
        self.chunks = indexed.chunks
        self._collection = indexed.collection
        self._rows = {key: row for row, key in enumerate(indexed.keys)}
        self._newest = newest_revisions(indexed.chunks)

    @cached_property
    def words(self) -> WordIndex:
        return WordIndex([chunk.searched_text for chunk in self.chunks])

    def is_newest(self, chunk: Chunk) -> bool:
        """Whether no later revision of its document exists."""
        return chunk.facts.revision == self._newest[chunk.facts.id]

    def by_meaning(self, vector: Array, asked: Asked) -> dict[int, float]:
        """Rows of the nearest chunks with their cosine."""
        found = self._collection.query(
            query_embeddings=[vector.tolist()], n_results=min(_CANDIDATES, len(self.chunks)),
            where=_condition(asked), include=["distances"],
        )  # fmt: skip
        distances = found["distances"] or [[]]
        return {
            self._rows[key]: 1.0 - float(distance)
            for key, distance in zip(found["ids"][0], distances[0], strict=True)
        }

    def by_words(self, asked: Asked) -> dict[int, float]:
        """Rows of the chunks that use the question's words, with the share of the best score there could be."""
        scores = self.words.scores(asked.question)
        best = np.argsort(-scores)[:_CANDIDATES]
        return {int(row): float(scores[row]) for row in best if scores[row] > 0 and self._may_answer(row, asked)}

    def _may_answer(self, row: int, asked: Asked) -> bool:
        facts = self.chunks[row].facts
        fits_model = not asked.models or not facts.models or bool(set(asked.models) & set(facts.models))
        fits_alarm = asked.alarm is None or not facts.alarms or asked.alarm in facts.alarms
        return fits_model and fits_alarm and (asked.include_superseded or self.is_newest(self.chunks[row]))


class ManualSearch:
    """Search over all documents; the index is opened, or built, when first asked."""

    def __init__(self, library: Callable[[], Library], embedder: Callable[[], Embedder]) -> None:
        self._open_library = library
        self._embedder = embedder
        self._searchable: Searchable | None = None
        self._opening = threading.Lock()

    @cached_property
    def _library(self) -> Library:
        return self._open_library()

    def search(self, asked: Asked) -> Found:
        """The best passages, at most one a document, best first.

        Raises:
            KnowledgeError: the index cannot be built or read.
        """
        index = self._current()
        _check_filters(index, asked)
        scored = score(index, asked, self._embedder().embed([asked.question])[0])
        best: dict[str, tuple[int, float]] = {}
        for row, value in sorted(scored.items(), key=lambda pair: -pair[1]):
            facts = index.chunks[row].facts
            best.setdefault(f"{facts.id}/{facts.revision}", (row, value))
        ranked = list(best.values())[:PASSAGES]
        top = ranked[0][1] if ranked else None
        passages = [_passage(index, asked.question, row, value) for row, value in ranked]
        is_answered = top is not None and top >= THRESHOLD
        return Found(
            question=asked.question,
            passages=tuple(passages) if is_answered else (),
            is_in_documents=is_answered,
            best_score=None if top is None else round(top, 3),
            threshold=THRESHOLD,
        )

    def _current(self) -> Searchable:
        with self._opening:
            library = self._library
            if self._searchable is None and not library.is_current():
                library.reindex(_silent)
            manifest = library.index.manifest()
            # Another process may have switched to a build of its own.
            if manifest is None:
                raise IndexFailedError("There is no index of the documents.", "Run `app.py knowledge reindex`.")
            if self._searchable is None or self._searchable.name != manifest.collection:
                self._searchable = Searchable(library.index.open(manifest))
            return self._searchable


def score(index: Searchable, asked: Asked, vector: Array) -> dict[int, float]:
    """Every candidate's score from 0 to 1: its meaning and its words, each weighted."""
    meaning, words = index.by_meaning(vector, asked), index.by_words(asked)
    # A chunk that only its words proposed is no nearer in meaning than the last that meaning proposed.
    farthest = min(meaning.values(), default=0.0)
    most = index.words.best_possible(asked.question)
    return {
        row: (1 - WORDS_SHARE) * meaning.get(row, farthest) + WORDS_SHARE * words.get(row, 0.0) / most
        for row in {**meaning, **words}
    }


def _check_filters(index: Searchable, asked: Asked) -> None:
    """Raises UnknownFilterError where no document speaks of a model or an alarm: a slip, not a lack of documents."""
    models = {name for chunk in index.chunks for name in chunk.facts.models}
    alarms = {name for chunk in index.chunks for name in chunk.facts.alarms}
    wrong_model = next((name for name in asked.models if name not in models), None)
    if wrong_model is not None:
        raise UnknownFilterError(
            f"No document speaks of the model {wrong_model!r}.", f"Known models: {', '.join(sorted(models))}."
        )
    if asked.alarm is not None and asked.alarm not in alarms:
        raise UnknownFilterError(
            f"No document speaks of the alarm {asked.alarm!r}.", f"Known alarms: {', '.join(sorted(alarms))}."
        )


def _passage(index: Searchable, question: str, row: int, value: float) -> Passage:
    chunk = index.chunks[row]
    return Passage(
        document=chunk.facts.id,
        title=chunk.facts.title,
        section=chunk.section,
        revision=chunk.facts.revision,
        date=chunk.facts.date,
        is_newest=index.is_newest(chunk),
        quote=quote_from(chunk.text, question),
        score=round(value, 3),
    )


def _condition(asked: Asked) -> Any:
    """The filters in Chroma's language."""
    parts: list[dict[str, Any]] = []
    if asked.models:
        parts.append({"$or": [{f"model:{name}": True} for name in (*asked.models, "any")]})
    if asked.alarm is not None:
        parts.append({"$or": [{f"alarm:{name}": True} for name in (asked.alarm, "any")]})
    if not asked.include_superseded:
        parts.append({"is_newest": True})
    return {"$and": parts} if len(parts) > 1 else (parts[0] if parts else None)


def _silent(_share: float, _what: str) -> None:
    return
