"""Ranks documents for a question by their signs, and says with which chance the best one answers it.

The weights were fitted by `python -m evals.retrieval_fit` on the development half of the retrieval questions, never on
the half that is reported.
"""

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any

import numpy as np

from knowledge.chunking import OVERVIEW
from knowledge.errors import IndexGoneError
from knowledge.index import Array, Indexed, newest_revisions
from knowledge.lay_words import in_manual_words
from knowledge.lexical import WordIndex
from knowledge.misspelt import Spelling
from knowledge.passage import Asked, DocumentFacts
from knowledge.signs import LINE, NAMED, Signs, Wording

# One a sign, in the order of `SIGNS`.
WEIGHTS = (2.25, 1.71, 1.65, 2.13, 1.04, 3.48, 2.69, 1.18, 2.05)
# What a likeness to questions that no manual answers takes off, and what is needed in the first place.
ELSEWHERE, NEEDED = 9.98, 0.46
# The chance of the best document below which the answer is "not in the documents".
THRESHOLD = 0.6
# Words against meaning when one passage of a document is chosen.
WORDS_IN_DOCUMENT, STEPS, OVERVIEWS, NO_ANSWER = 0.4, 0.1, 0.15, 1.0
# Nearest chunks that are looked at.
CANDIDATES = 80
# Documents whose every line is compared; the others are too far behind.
READ_CLOSELY = 12
_WEIGHTS = np.array(WEIGHTS, dtype=np.float32)
_STEPS = re.compile(r"(?:steps|do|check|what to do|procedure|instructions)\b", re.IGNORECASE)
_ASKS_HOW = re.compile(
    r"\bhow (?:do|to|can|should|must)\b|\bwhat (?:do|should|must|now)\b|\bsteps?\b|\bprocedure\b|\binstructions?\b"
)


@dataclass(frozen=True)
class Scored:
    """A document that may answer: the chance that it does, 0 to 1, and the row of its best passage."""

    facts: DocumentFacts
    chance: float
    row: int


@dataclass(frozen=True)
class Ranking:
    """Documents, best first, and how like the question is to those that no manual answers, 0 to 1."""

    documents: Sequence[Scored]
    elsewhere: float

    @property
    def is_answered(self) -> bool:
        """Whether the best document is good enough to be cited."""
        return bool(self.documents) and self.documents[0].chance >= THRESHOLD


@dataclass(frozen=True)
class Read:
    """What a question says of every document: the signs, the nearness of each chunk, and likeness to no manual."""

    signs: Array
    nearness: Array
    elsewhere: float


class Searchable:
    """One build of the index, ready to be searched."""

    def __init__(self, indexed: Indexed) -> None:
        self.name = indexed.name
        self.chunks = indexed.chunks
        self._collection = indexed.collection
        self._newest = newest_revisions(indexed.chunks)
        self._row_of = {chunk.key: row for row, chunk in enumerate(indexed.chunks)}
        self.documents = list({chunk.facts.key: chunk.facts for chunk in indexed.chunks}.values())
        place = {facts.key: number for number, facts in enumerate(self.documents)}
        self._place_of_row = np.array([place[chunk.facts.key] for chunk in indexed.chunks], dtype=np.int64)
        self._signs = Signs(indexed, self.documents, self._place_of_row)

    def is_newest(self, facts: DocumentFacts) -> bool:
        """Whether no later revision of a document exists."""
        return facts.revision == self._newest[facts.id]

    def wordings(self, question: str) -> list[str]:
        """The question with its slips of spelling put right, and once more in the words of the manuals."""
        corrected = self._spelling.corrected(question)
        return list(dict.fromkeys([corrected, in_manual_words(corrected, self._signs.alarms)]))

    def rank(self, asked: Asked, wordings: Sequence[Wording], most: int) -> Ranking:
        """The best documents, at most so many."""
        read = self.read(asked, wordings)
        strength = read.signs @ _WEIGHTS - ELSEWHERE * read.elsewhere - NEEDED
        words = np.max([self._chunk_words.shares(one.text) for one in wordings], axis=0)
        fit = read.nearness + WORDS_IN_DOCUMENT * words
        best = [
            Scored(self.documents[number], _chance(strength[number]), self._best_row(number, fit, asked.question))
            for number in islice(self._allowed(strength, asked), most)
        ]
        return Ranking(best, read.elsewhere)

    def read(self, asked: Asked, wordings: Sequence[Wording]) -> Read:
        """The signs of every document; of several wordings the better one counts, sign by sign."""
        nearest = self.near([one.vector for one in wordings], asked)
        pairs = [self._signs.read(one, near) for one, near in zip(wordings, nearest, strict=True)]
        signs = np.max([one for one, _ in pairs], axis=0)
        signs[:, NAMED] = self._signs.named(asked.question, asked.alarm)
        closely = list(islice(self._allowed(signs @ _WEIGHTS, asked), READ_CLOSELY))
        if closely:
            signs[closely, LINE] = self._signs.likest_lines(wordings, closely)
        nearness = np.full(len(self.chunks), min((min(near.values(), default=0.0) for near in nearest), default=0.0))
        for near in nearest:
            rows = list(near)
            nearness[rows] = np.maximum(nearness[rows], list(near.values()))
        return Read(signs, nearness.astype(np.float32), max(elsewhere for _, elsewhere in pairs))

    def near(self, vectors: Sequence[Array], asked: Asked) -> list[dict[int, float]]:
        """For each vector the rows of the nearest chunks with their cosine.

        Raises:
            IndexGoneError: another process has replaced this build.
        """
        from chromadb.errors import NotFoundError  # noqa: PLC0415

        try:
            found = self._collection.query(
                query_embeddings=[vector.tolist() for vector in vectors],
                n_results=min(CANDIDATES, len(self.chunks)),
                where=_condition(asked),
                include=["distances"],
            )
        except NotFoundError as error:
            raise IndexGoneError(f"The index {self.name} was replaced.", "Ask again.") from error
        return [
            {self._row_of[key]: 1.0 - float(distance) for key, distance in zip(keys, distances, strict=True)}
            for keys, distances in zip(found["ids"], found["distances"] or [], strict=True)
        ]

    def may_answer(self, facts: DocumentFacts, asked: Asked) -> bool:
        """Whether a document fits the model and the alarm asked for, and is the newest or wanted all the same."""
        fits_model = not asked.models or not facts.models or bool(set(asked.models) & set(facts.models))
        fits_alarm = asked.alarm is None or not facts.alarms or asked.alarm in facts.alarms
        fits_site = asked.sites is None or facts.site is None or facts.site in map(sheet_name, asked.sites)
        return fits_model and fits_alarm and fits_site and (asked.include_superseded or self.is_newest(facts))

    def _allowed(self, strength: Array, asked: Asked) -> Iterator[int]:
        """The places of the documents that may answer, the strongest first."""
        return (int(place) for place in np.argsort(-strength) if self.may_answer(self.documents[place], asked))

    def _best_row(self, place: int, fit: Array, question: str) -> int:
        rows = np.flatnonzero(self._place_of_row == place)
        return int(rows[np.argmax(fit[rows] + self._form(rows, question))])

    def _form(self, rows: Iterable[int], question: str) -> Array:
        """Who asks how to do something wants steps; the few words that introduce a document are no answer."""
        steps = STEPS if _ASKS_HOW.search(question.lower()) else 0.0
        sections = [self.chunks[row].section for row in rows]
        # Who asks how is not helped by what a document is about, however near its words are.
        overviews = NO_ANSWER if steps else OVERVIEWS
        form = [steps * bool(_STEPS.match(name)) - overviews * (name == OVERVIEW) for name in sections]
        return np.array(form, dtype=np.float32)

    @cached_property
    def _chunk_words(self) -> WordIndex:
        return WordIndex([chunk.searched_text for chunk in self.chunks])

    @cached_property
    def _spelling(self) -> Spelling:
        return Spelling([chunk.searched_text for chunk in self.chunks])


def _chance(strength: float) -> float:
    return 1.0 / (1.0 + math.exp(-strength))


def sheet_name(site: str) -> str:
    """A site's name as the id of its sheet has it, for example "NORTH-GATE"."""
    return re.sub(r"\W+", "-", site.upper())


def _condition(asked: Asked) -> Any:
    """Model and alarm in Chroma's language; revisions are sorted out afterwards, since most are the newest."""
    parts = [{"$or": [{f"model:{name}": True} for name in (*asked.models, "any")]}] if asked.models else []
    if asked.alarm is not None:
        parts.append({"$or": [{f"alarm:{name}": True} for name in (asked.alarm, "any")]})
    return {"$and": parts} if len(parts) > 1 else (parts[0] if parts else None)
