"""Keeps rows that were rejected, each once, with the reason and the row as it came."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import datetime

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from tools.telemetry.schema import quarantine

# As many values as every database takes in one question.
_BATCH = 500


def keep_rejected(
    connection: Connection,
    rows: pd.DataFrame,
    reasons: pd.Series,
    *,
    source: str,
    now: datetime,
    raw_rows: Sequence[str] | None = None,
) -> None:
    """Put the rows that have a reason into quarantine; one that is there already from this source stays as it is.

    Args:
        rows: numbered from 0.
        reasons: "" where the row is good.
        source: what the rows came from.
        now: the present, UTC.
        raw_rows: every row as it came; without them the values are kept.
    """
    records = {}
    for index in rows.index[reasons != ""]:
        raw = raw_rows[index] if raw_rows is not None else json.dumps(rows.loc[index].to_dict(), default=str)
        device_id = rows.at[index, "device_id"]
        digest = hashlib.sha256(f"{device_id!s}\n{raw}".encode()).hexdigest()
        records[digest] = {
            "source": source,
            "device_id": device_id,
            "row_hash": digest,
            "reason": reasons[index],
            "raw_row": raw,
            "received_utc": now,
        }
    new = records.keys() - _kept(connection, source, list(records))
    if new:
        connection.execute(sa.insert(quarantine), [record for digest, record in records.items() if digest in new])


def _kept(connection: Connection, source: str, digests: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for batch in _batches(digests):
        query = sa.select(quarantine.c.row_hash).where(
            quarantine.c.source == source, quarantine.c.row_hash.in_(batch)
        )
        found |= set(connection.scalars(query))
    return found


def _batches(digests: Sequence[str]) -> Iterable[Sequence[str]]:
    return (digests[start : start + _BATCH] for start in range(0, len(digests), _BATCH))
