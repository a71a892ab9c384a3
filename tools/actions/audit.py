"""The audit log: who did what when, in a chain of keyed hashes that shows any later change.

A row's hash is HMAC-SHA256 over its own text and the hash before it, so changing, adding or removing a row in the
middle breaks every row after it. Rows cut from the end leave a valid chain; a head kept elsewhere finds that.
"""

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Literal

import sqlalchemy as sa
from pydantic import JsonValue
from sqlalchemy.engine import Connection

from tools.clock import Clock
from tools.database import Database, UtcDateTime, metadata
from tools.quantity import Frozen

AuditEvent = Literal[
    "sign_in", "sign_in_failed", "locked_out", "sign_out", "refused", "account_changed", "planned", "approved",
    "rejected", "expired", "executed", "failed", "undone", "document_added", "document_removed",
]  # fmt: skip
_FIRST = "0" * 64
# Any number of ours; PostgreSQL takes it as the name of the lock that lets one writer at a time append.
_CHAIN_LOCK = 6_618_801

audit_log = sa.Table(
    "audit_log",
    metadata,
    sa.Column("number", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=False),
    sa.Column("at_utc", UtcDateTime, nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("event", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("details", sa.Text, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
)


class AuditRow(Frozen):
    """One event: who did what to which subject."""

    number: int
    at_utc: datetime
    who: str
    event: AuditEvent
    subject: str
    details: dict[str, JsonValue]
    hash: str


class AuditVerdict(Frozen):
    """What a check of the chain found; `broken_at` is the first row that does not fit."""

    rows: int
    head: str
    broken_at: int | None = None
    head_is_known: bool | None = None

    @property
    def holds(self) -> bool:
        """Whether nothing was changed, and nothing cut off as far as a kept head tells."""
        return self.broken_at is None and self.head_is_known is not False


class AuditLog:
    """Appends to the log and checks it. Nothing here changes or removes a row."""

    def __init__(self, database: Database, key: bytes, clock: Clock) -> None:
        self._database = database
        self._key = key
        self._clock = clock

    def record(
        self,
        connection: Connection,
        event: AuditEvent,
        who: str,
        subject: str,
        details: Mapping[str, JsonValue] | None = None,
    ) -> AuditRow:
        """Append a row in the caller's write transaction, so that it is kept with the effect or not at all."""
        if not self._database.is_sqlite:
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_CHAIN_LOCK)))
        last = connection.execute(
            sa.select(audit_log.c.number, audit_log.c.hash).order_by(audit_log.c.number.desc()).limit(1)
        ).one_or_none()
        number, before = (last.number + 1, last.hash) if last else (1, _FIRST)
        at, text = self._clock.now(), json.dumps(dict(details or {}), sort_keys=True, ensure_ascii=False)
        row = {"number": number, "at_utc": at, "who": who, "event": event, "subject": subject, "details": text}
        row["hash"] = self._hash(before, row)
        connection.execute(audit_log.insert().values(row))
        return AuditRow.model_validate(row | {"details": json.loads(text)})

    def record_alone(
        self, event: AuditEvent, who: str, subject: str, details: Mapping[str, JsonValue] | None = None
    ) -> AuditRow:
        """Append a row in a transaction of its own, for what has no other effect: a sign-in, a refusal."""
        with self._database.write() as connection:
            return self.record(connection, event, who, subject, details)

    def rows(self, most: int = 200) -> tuple[AuditRow, ...]:
        """The newest rows, newest first."""
        with self._database.read() as connection:
            found = connection.execute(audit_log.select().order_by(audit_log.c.number.desc()).limit(most)).mappings()
            return tuple(
                AuditRow.model_validate(dict(row) | {"details": json.loads(row["details"])}) for row in found
            )

    def verify(self, head: str | None = None) -> AuditVerdict:
        """Read the whole chain again.

        Args:
            head: the hash of a row noted down earlier; the chain must still hold it.
        """
        before, rows, broken, known = _FIRST, 0, None, head == _FIRST
        with self._database.read() as connection:
            for row in connection.execute(audit_log.select().order_by(audit_log.c.number)).mappings():
                rows += 1
                fits = row["number"] == rows and hmac.compare_digest(row["hash"], self._hash(before, dict(row)))
                if not fits and broken is None:
                    broken = row["number"]
                before = row["hash"]
                known = known or before == head
        return AuditVerdict(rows=rows, head=before, broken_at=broken, head_is_known=None if head is None else known)

    def _hash(self, before: str, row: Mapping[str, object]) -> str:
        at = row["at_utc"]
        moment = at.isoformat() if isinstance(at, datetime) else str(at)
        parts = [before, row["number"], moment, row["who"], row["event"], row["subject"], row["details"]]
        return hmac.new(self._key, json.dumps(parts, ensure_ascii=False).encode(), hashlib.sha256).hexdigest()


def kept_key(path: Path) -> bytes:
    """The key in a file only its owner can read; made where there is none."""
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Written aside and linked, so that two processes starting at once agree on one key.
        aside = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(32))
        try:
            os.link(aside, path)
        except FileExistsError:
            pass
        finally:
            aside.unlink()
    return bytes.fromhex(path.read_text(encoding="ascii").strip())
