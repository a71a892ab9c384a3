"""Answers a question with the passages that bear on it, or says that the documents do not."""

import threading
from collections.abc import Callable
from functools import cached_property

from knowledge.embedding import SentenceEmbedder
from knowledge.errors import IndexFailedError, IndexGoneError, UnknownFilterError
from knowledge.ingest import Library
from knowledge.passage import Asked, Found, Passage
from knowledge.quoting import quote_from
from knowledge.scoring import Scored, Searchable
from knowledge.signs import Wording

PASSAGES = 5


class ManualSearch:
    """Search over all documents; the index is opened, or built, when first asked."""

    def __init__(self, library: Callable[[], Library], embedder: Callable[[], SentenceEmbedder]) -> None:
        self._open_library = library
        self._embedder = embedder
        self._searchable: Searchable | None = None
        self._opening = threading.Lock()

    @cached_property
    def _library(self) -> Library:
        return self._open_library()

    def search(self, asked: Asked) -> Found:
        """The best passages, one a document, best first; none where the documents do not answer.

        Raises:
            KnowledgeError: the index cannot be built or read, or no document speaks of a model or alarm.
        """
        try:
            return self._found(self.searchable(), asked)
        except IndexGoneError:
            # Another process has switched to a build of its own in the meantime.
            return self._found(self.searchable(), asked)

    def _found(self, index: Searchable, asked: Asked) -> Found:
        _check_filters(index, asked)
        wordings = self._worded(index, asked.question)
        ranking = index.rank(asked, wordings, PASSAGES)
        best = ranking.documents if ranking.is_answered else ()
        words = " ".join(one.text for one in wordings)
        return Found(
            question=asked.question,
            passages=tuple(_passage(index, words, one) for one in best),
            is_in_documents=ranking.is_answered,
            best_score=round(ranking.documents[0].chance, 3) if ranking.documents else None,
            elsewhere_score=round(ranking.elsewhere, 3),
        )

    def _worded(self, index: Searchable, question: str) -> list[Wording]:
        texts = index.wordings(question)
        return [Wording(text, vector) for text, vector in zip(texts, self._embedder().embed(texts), strict=True)]

    def searchable(self) -> Searchable:
        """The build that answers now."""
        with self._opening:
            library = self._library
            if self._searchable is None and not library.is_current():
                library.refresh()
            manifest = library.index.manifest()
            # Another process may have switched to a build of its own.
            if manifest is None:
                raise IndexFailedError("There is no index of the documents.", "Run `app.py knowledge reindex`.")
            if self._searchable is None or self._searchable.name != manifest.collection:
                self._searchable = Searchable(library.index.open(manifest))
            return self._searchable


def _check_filters(index: Searchable, asked: Asked) -> None:
    """A model or alarm that no document speaks of is a slip of the asker, not a gap in the documents."""
    models = {name for facts in index.documents for name in facts.models}
    alarms = {name for facts in index.documents for name in facts.alarms}
    wrong_model = next((name for name in asked.models if name not in models), None)
    if wrong_model is not None:
        raise UnknownFilterError(
            f"No document speaks of the model {wrong_model!r}.", f"Known models: {', '.join(sorted(models))}."
        )
    if asked.alarm is not None and asked.alarm not in alarms:
        raise UnknownFilterError(
            f"No document speaks of the alarm {asked.alarm!r}.", f"Known alarms: {', '.join(sorted(alarms))}."
        )


def _passage(index: Searchable, words: str, found: Scored) -> Passage:
    chunk = index.chunks[found.row]
    return Passage(
        document=found.facts.id,
        title=found.facts.title,
        section=chunk.section,
        revision=found.facts.revision,
        date=found.facts.date,
        is_newest=index.is_newest(found.facts),
        quote=quote_from(chunk.text, words),
        score=round(found.chance, 3),
    )
