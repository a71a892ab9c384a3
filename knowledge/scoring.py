"""Scores documents for a question from three signs: passages near in meaning, questions like it, and its words.

The weights and the threshold were chosen on the development half of the retrieval questions, never on the half that
is reported. Each sign alone is reported beside them by the suite `retrieval`.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from knowledge.chunking import OVERVIEW
from knowledge.index import Array, Indexed, newest_revisions
from knowledge.lexical import WordIndex
from knowledge.misspelt import Spelling
from knowledge.passage import Asked, DocumentFacts

PASSAGE, QUESTION, WORDS = 1.0, 0.5, 0.8
# How much a likeness to a question that no manual answers speaks against the documents, and what must remain.
ELSEWHERE, THRESHOLD = 0.4, 0.11
# Words against meaning when one passage of a document is chosen.
WORDS_IN_DOCUMENT, STEPS, OVERVIEWS = 0.4, 0.1, 0.15
# Nearest chunks that are looked at.
CANDIDATES = 80
_WHOLE = PASSAGE + QUESTION + WORDS
_STEPS = re.compile(r"(?:steps|do|check|what to do|procedure|instructions)\b", re.IGNORECASE)
_ASKS_HOW = re.compile(
    r"\bhow (?:do|to|can|should|must)\b|\bwhat (?:do|should|must|now)\b|\bsteps?\b|\bprocedure\b|\binstructions?\b"
)


@dataclass(frozen=True)
class Scored:
    """A document that may answer: its score from 0 to 1 and the row of its best passage."""

    facts: DocumentFacts
    score: float
    row: int


@dataclass(frozen=True)
class Ranking:
    """Documents, best first, and how like the question is to those that no manual answers, 0 to 1."""

    documents: Sequence[Scored]
    elsewhere: float

    @property
    def is_answered(self) -> bool:
        """Whether the best document is good enough to be cited."""
        return bool(self.documents) and self.documents[0].score - ELSEWHERE * self.elsewhere >= THRESHOLD


class Searchable:
    """One build of the index, ready to be searched."""

    def __init__(self, indexed: Indexed) -> None:
        self.name = indexed.name
        self.chunks = indexed.chunks
        self._indexed = indexed
        self._newest = newest_revisions(indexed.chunks)
        self._row_of = {chunk.key: row for row, chunk in enumerate(indexed.chunks)}
        self.documents = list({chunk.facts.key: chunk.facts for chunk in indexed.chunks}.values())
        place = {facts.key: number for number, facts in enumerate(self.documents)}
        self._place_of_row = np.array([place[chunk.facts.key] for chunk in indexed.chunks])
        self._place_of_question = [place.get(question.document or "", -1) for question in indexed.questions]

    def is_newest(self, facts: DocumentFacts) -> bool:
        """Whether no later revision of a document exists."""
        return facts.revision == self._newest[facts.id]

    def corrected(self, question: str) -> str:
        """The question with its slips of spelling put right."""
        return self._spelling.corrected(question)

    def rank(self, asked: Asked, vector: Array, most: int) -> Ranking:
        """The best documents, at most so many. `vector` is that of the question, of length 1."""
        near = self.near(vector, asked)
        # A passage that is not among the nearest is no nearer than the last of them.
        meaning = np.full(len(self.chunks), min(near.values(), default=0.0), dtype=np.float32)
        meaning[list(near)] = list(near.values())
        passage = self._best_of_documents(meaning)
        like, elsewhere = self.like_questions(vector)
        # A document without questions of its own is known by its passages alone.
        like = np.where(np.isnan(like), passage, like)
        scores = (PASSAGE * passage + QUESTION * like + WORDS * self.word_scores(asked.question)) / _WHOLE
        allowed = [number for number in np.argsort(-scores) if self._may_answer(self.documents[number], asked)]
        fit = meaning + WORDS_IN_DOCUMENT * self._chunk_words.shares(asked.question) + self._form(asked.question)
        best = [
            Scored(self.documents[number], float(scores[number]), self._best_row(number, fit))
            for number in allowed[:most]
        ]
        return Ranking(best, elsewhere)

    def near(self, vector: Array, asked: Asked) -> dict[int, float]:
        """Rows of the nearest chunks with their cosine."""
        found = self._indexed.collection.query(
            query_embeddings=[vector.tolist()],
            n_results=min(CANDIDATES, len(self.chunks)),
            where=_condition(asked),
            include=["distances"],
        )
        distances = (found["distances"] or [[]])[0]
        rows = [self._row_of[key] for key in found["ids"][0]]
        return {row: 1.0 - float(distance) for row, distance in zip(rows, distances, strict=True)}

    def like_questions(self, vector: Array) -> tuple[Array, float]:
        """How like a question is to each document's own, NaN where it has none; and to those no manual answers."""
        likest = np.full(len(self.documents) + 1, np.nan, dtype=np.float32)
        np.fmax.at(likest, self._place_of_question, self._indexed.question_vectors @ vector)
        elsewhere = float(likest[-1])
        return likest[:-1], 0.0 if math.isnan(elsewhere) else elsewhere

    def word_scores(self, question: str) -> Array:
        """BM25 of each document, as a share of the best score there could be."""
        return self._document_words.shares(question)

    def _best_of_documents(self, of_rows: Array) -> Array:
        best = np.full(len(self.documents), -1.0, dtype=np.float32)
        np.maximum.at(best, self._place_of_row, of_rows)
        return best

    def _best_row(self, place: int, fit: Array) -> int:
        rows = np.flatnonzero(self._place_of_row == place)
        return int(rows[np.argmax(fit[rows])])

    def _form(self, question: str) -> Array:
        """Who asks how to do something wants steps; the few words that introduce a document are no answer."""
        return self._is_steps * (STEPS if _ASKS_HOW.search(question.lower()) else 0.0) - self._is_overview * OVERVIEWS

    def _may_answer(self, facts: DocumentFacts, asked: Asked) -> bool:
        fits_model = not asked.models or not facts.models or bool(set(asked.models) & set(facts.models))
        fits_alarm = asked.alarm is None or not facts.alarms or asked.alarm in facts.alarms
        fits_site = asked.sites is None or facts.site is None or facts.site in map(sheet_name, asked.sites)
        return fits_model and fits_alarm and fits_site and (asked.include_superseded or self.is_newest(facts))

    @cached_property
    def _is_steps(self) -> Array:
        return np.array([bool(_STEPS.match(chunk.section)) for chunk in self.chunks], dtype=np.float32)

    @cached_property
    def _is_overview(self) -> Array:
        return np.array([chunk.section == OVERVIEW for chunk in self.chunks], dtype=np.float32)

    @cached_property
    def _document_words(self) -> WordIndex:
        said = [[_heading(facts)] for facts in self.documents]
        for place, chunk in zip(self._place_of_row, self.chunks, strict=True):
            said[place].append(chunk.text)
        for place, question in zip(self._place_of_question, self._indexed.questions, strict=True):
            if question.document is not None:
                said[place].append(question.text)
        return WordIndex([" ".join(texts) for texts in said])

    @cached_property
    def _chunk_words(self) -> WordIndex:
        return WordIndex([chunk.searched_text for chunk in self.chunks])

    @cached_property
    def _spelling(self) -> Spelling:
        return Spelling([chunk.searched_text for chunk in self.chunks])


def sheet_name(site: str) -> str:
    """A site's name as the id of its sheet has it, for example "NORTH-GATE"."""
    return re.sub(r"\W+", "-", site.upper())


def _condition(asked: Asked) -> Any:
    """Model and alarm in Chroma's language; revisions are sorted out afterwards, since most are the newest."""
    parts = [{"$or": [{f"model:{name}": True} for name in (*asked.models, "any")]}] if asked.models else []
    if asked.alarm is not None:
        parts.append({"$or": [{f"alarm:{name}": True} for name in (asked.alarm, "any")]})
    return {"$and": parts} if len(parts) > 1 else (parts[0] if parts else None)


def _heading(facts: DocumentFacts) -> str:
    # An alarm response answers its own alarm; a procedure only mentions the ones it is used for.
    own = facts.alarms if len(facts.alarms) == 1 else ()
    return " ".join([facts.id, facts.title, *own])
