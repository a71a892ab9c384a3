"""The signs that a document answers a question: one row a document, one column a sign, each about 0 to 1."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from knowledge.index import Array, Indexed
from knowledge.lay_words import alarms_named
from knowledge.lexical import WordIndex
from knowledge.likeness import KnownQuestions, Places, mean_of_best
from knowledge.passage import DocumentFacts

SIGNS = (
    "its two nearest passages", "its likest question", "its three likest questions", "its likest question, sharpened",
    "its three likest questions, sharpened", "its words", "the words of its title and questions", "its alarm is named",
    "its likest line, sharpened",
)  # fmt: skip
NAMED, LINE = 7, 8


@dataclass(frozen=True)
class Wording:
    """One way to put the question, and its vector of length 1."""

    text: str
    vector: Array


class Signs:
    """Reads the signs of one build of the index."""

    def __init__(self, indexed: Indexed, documents: Sequence[DocumentFacts], place_of_row: Places) -> None:
        self._indexed = indexed
        self._documents = documents
        self._place_of_row = place_of_row
        self._has_several = np.bincount(place_of_row, minlength=len(documents)) > 1
        place = {facts.key: number for number, facts in enumerate(documents)}
        self._place_of_question = [place.get(question.document or "", -1) for question in indexed.questions]
        asked = [one for one in self._place_of_question if one >= 0]
        self._has_questions = np.bincount(asked, minlength=len(documents)) > 0
        # An alarm response answers its own alarm; a procedure only mentions those it is used for.
        self._own_alarm = [facts.alarms[0] if len(facts.alarms) == 1 else None for facts in documents]

    @cached_property
    def alarms(self) -> Mapping[str, str]:
        """What each alarm means, in the words of the document that responds to it."""
        pairs = zip(self._own_alarm, self._documents, strict=True)
        return {alarm: facts.subject for alarm, facts in pairs if alarm is not None}

    def read(self, wording: Wording, near: Mapping[int, float]) -> tuple[Array, float]:
        """The signs of every document, and the likeness to questions no manual answers, for one wording."""
        like = self._known_questions.likeness(wording.vector)
        passages, words = self._passages(near), self._words.shares(wording.text)
        of_questions = (like.best, like.several, like.sharp_best, like.sharp_several)
        signs = np.zeros((len(self._documents), len(SIGNS)), dtype=np.float32)
        # A document without questions of its own is known by its passages and words alone.
        columns = [passages, *(np.where(self._has_questions, one, passages) for one in of_questions), words]
        columns.append(np.where(self._has_questions, self._question_words.shares(wording.text), words))
        signs[:, : len(columns)] = np.stack(columns, axis=1)
        return signs, like.elsewhere

    def likest_lines(self, wordings: Sequence[Wording], places: Sequence[int]) -> Array:
        """For each of these documents how like its likest line is, sharpened; 0 where it holds none."""
        rows = [(number, int(row)) for number, place in enumerate(places) for row in self._rows_of(place)]
        ranges = [self._indexed.line_ranges[row] for _, row in rows]
        owners = np.repeat([number for number, _ in rows], [end - start for start, end in ranges])
        known = self._known_questions
        lines = known.sharpened(np.concatenate([self._indexed.lines[start:end] for start, end in ranges]))
        asked = known.sharpened(np.stack([one.vector for one in wordings]))
        likest = np.zeros(len(places), dtype=np.float32)
        np.maximum.at(likest, owners, (lines @ asked.T).max(axis=1))
        return likest

    def _rows_of(self, place: int) -> Places:
        rows: Places = np.flatnonzero(self._place_of_row == place)
        return rows

    def named(self, question: str, alarm: str | None) -> Array:
        """1 for a response to an alarm that is asked for or named in the question, else 0."""
        named = alarms_named(question, self.alarms) | {alarm}
        return np.array([own is not None and own in named for own in self._own_alarm], dtype=np.float32)

    def _passages(self, near: Mapping[int, float]) -> Array:
        places = self._place_of_row[list(near)]
        values = np.array(list(near.values()), dtype=np.float32)
        # A passage that is not among the nearest is no nearer than the last of them.
        farthest = float(values.min(initial=1.0)) if len(values) else 0.0
        count = len(self._documents)
        found = np.bincount(places, minlength=count)
        best = np.where(found > 0, mean_of_best(values, places, count, 1), farthest)
        two = np.where(found > 1, mean_of_best(values, places, count, 2), (best + farthest) / 2)
        both: Array = np.where(self._has_several, two, best).astype(np.float32)
        return both

    @cached_property
    def _known_questions(self) -> KnownQuestions:
        return KnownQuestions(self._indexed.question_vectors, self._place_of_question, len(self._documents))

    @cached_property
    def _words(self) -> WordIndex:
        said = [[facts.id, facts.title, own or ""] for facts, own in self._titled]
        for place, chunk in zip(self._place_of_row, self._indexed.chunks, strict=True):
            said[place].append(chunk.text)
        return self._word_index(said)

    @cached_property
    def _question_words(self) -> WordIndex:
        return self._word_index([[facts.subject] for facts in self._documents])

    @property
    def _titled(self) -> Sequence[tuple[DocumentFacts, str | None]]:
        return list(zip(self._documents, self._own_alarm, strict=True))

    def _word_index(self, said: list[list[str]]) -> WordIndex:
        for place, question in zip(self._place_of_question, self._indexed.questions, strict=True):
            if place >= 0:
                said[place].append(question.text)
        return WordIndex([" ".join(texts) for texts in said])
