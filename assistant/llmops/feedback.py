"""What people thought of an answer: like or dislike and why; one verdict a turn, kept beside the turn ledger."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Literal

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict

from tools.database import Database, UtcDateTime, metadata

feedback = sa.Table(
    "feedback",
    metadata,
    sa.Column("turn_id", sa.Text, primary_key=True),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("verdict", sa.Text, nullable=False),
    sa.Column("reason", sa.Text),
    sa.Column("given_utc", UtcDateTime, nullable=False),
)

Verdict = Literal["like", "dislike"]


class Feedback(BaseModel):
    """One person's verdict on one answer; `reason` is None where none was given."""

    model_config = ConfigDict(frozen=True)

    turn_id: str
    who: str
    verdict: Verdict
    reason: str | None = None
    given_utc: datetime


class FeedbackBook:
    """Writes and reads verdicts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def give(self, given: Feedback) -> None:
        """Keep a verdict in place of the one the turn had."""
        with self._database.write() as connection:
            connection.execute(sa.delete(feedback).where(feedback.c.turn_id == given.turn_id))
            connection.execute(sa.insert(feedback).values(given.model_dump()))

    def withdraw(self, turn_id: str) -> None:
        """Leave a turn without a verdict."""
        with self._database.write() as connection:
            connection.execute(sa.delete(feedback).where(feedback.c.turn_id == turn_id))

    def of(self, turn_ids: Collection[str]) -> Mapping[str, Feedback]:
        """The verdicts on these turns by turn id; a turn without one is not in it."""
        with self._database.read() as connection:
            rows = connection.execute(sa.select(feedback).where(feedback.c.turn_id.in_(turn_ids)))
            return {row["turn_id"]: Feedback.model_validate(dict(row)) for row in rows.mappings()}
