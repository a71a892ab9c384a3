"""The turn ledger: one row a turn, written before the answer leaves; what the API, pages and evals read."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict, JsonValue

from tools.database import Database, UtcDateTime, metadata

turns = sa.Table(
    "turns",
    metadata,
    sa.Column("turn_id", sa.Text, primary_key=True),
    sa.Column("conversation_id", sa.Text, nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("asked_utc", UtcDateTime, nullable=False),
    sa.Column("time_zone", sa.Text, nullable=False),
    sa.Column("question", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("brain", sa.Text, nullable=False),
    sa.Column("prompt_hash", sa.Text),
    sa.Column("answer", sa.Text),
    sa.Column("clarification", sa.Boolean, nullable=False, default=False),
    sa.Column("details_json", sa.Text),
    sa.Column("latency_ms", sa.Double),
    sa.Column("error_code", sa.Text),
    sa.Index("turns_by_conversation", "conversation_id", "asked_utc"),
    sa.Index("turns_by_time", "asked_utc"),
    # All that a list of somebody's conversations counts, so that it is read off the index.
    sa.Index("turns_by_asker", "who", "conversation_id", "asked_utc"),
)

Status = Literal["running", "answered", "failed", "interrupted"]


class TurnRow(BaseModel):
    """One turn as the ledger keeps it; `details` holds tool calls, evidence, charts, timings and verdicts."""

    model_config = ConfigDict(frozen=True)

    turn_id: str
    conversation_id: str
    who: str
    asked_utc: datetime
    time_zone: str
    question: str
    status: Status
    brain: str
    prompt_hash: str | None = None
    answer: str | None = None
    clarification: bool = False
    details: dict[str, JsonValue] = {}
    latency_ms: float | None = None
    error_code: str | None = None


class TurnLedger:
    """Writes and reads turns."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, turn: TurnRow) -> None:
        """Record a question before anything is done about it."""
        with self._database.write() as connection:
            connection.execute(sa.insert(turns).values(_columns(turn)))

    def finish(self, turn: TurnRow) -> None:
        """Record how the turn ended."""
        with self._database.write() as connection:
            connection.execute(sa.update(turns).where(turns.c.turn_id == turn.turn_id).values(_columns(turn)))

    def mark_interrupted(self, before: datetime) -> int:
        """Close turns asked before `before` that a stopped process left running; gives how many."""
        with self._database.write() as connection:
            result = connection.execute(
                sa.update(turns)
                .where(turns.c.status == "running", turns.c.asked_utc < before)
                .values(status="interrupted")
            )
        return result.rowcount

    def turn(self, turn_id: str) -> TurnRow | None:
        """One turn, or None."""
        rows = self._select(turns.c.turn_id == turn_id)
        return rows[0] if rows else None

    def conversation(self, conversation_id: str) -> Sequence[TurnRow]:
        """The turns of a conversation, oldest first."""
        return self._select(turns.c.conversation_id == conversation_id)

    def owner(self, conversation_id: str) -> str | None:
        """Who began a conversation, or None where there is none."""
        mine = turns.c.conversation_id == conversation_id
        with self._database.read() as connection:
            return connection.scalar(sa.select(turns.c.who).where(mine).order_by(turns.c.asked_utc).limit(1))

    def _select(self, condition: sa.ColumnElement[bool]) -> list[TurnRow]:
        with self._database.read() as connection:
            rows = connection.execute(sa.select(turns).where(condition).order_by(turns.c.asked_utc))
            return [_turn(row) for row in rows.mappings()]


def _columns(turn: TurnRow) -> dict[str, object]:
    columns = turn.model_dump(exclude={"details"})
    columns["details_json"] = json.dumps(turn.details, ensure_ascii=False, separators=(",", ":"))
    return columns


def _turn(row: sa.RowMapping) -> TurnRow:
    values = dict(row)
    details = json.loads(values.pop("details_json") or "{}")
    return TurnRow(**values, details=details)
