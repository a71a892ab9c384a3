"""Takes readings in: rejects what cannot be true, recognises repeats, keeps rollups and latest rows right.

One call is part of one transaction of the caller. The same device and time with the same values is a duplicate
and ignored; with other values it goes to quarantine, unless the caller replaces.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from tools.telemetry.bulk import insert_frame
from tools.telemetry.checks import reject_reasons
from tools.telemetry.fields import all_fields, measured_fields
from tools.telemetry.fleet import Device, Site
from tools.telemetry.quarantine import keep_rejected
from tools.telemetry.rollups import recompute_rollups
from tools.telemetry.schema import (
    battery_data,
    cell_readings,
    devices,
    latest_readings,
    sites,
)

KEY = ["device_id", "timestamp_utc"]


@dataclass(frozen=True)
class Ingested:
    """What became of the rows handed in. `touched` are the devices whose data changed, `reasons` why how many
    rows were rejected; `rejected_rows` says it by the place of each row, from 0, `duplicate_rows` are places too."""

    read: int
    stored: int
    duplicate: int
    rejected: int
    touched: frozenset[str]
    reasons: Mapping[str, int] = field(default_factory=dict)
    rejected_rows: Mapping[int, str] = field(default_factory=dict)
    duplicate_rows: frozenset[int] = frozenset()


def add_site(connection: Connection, site: Site) -> None:
    """Make a site known, or bring what is known of it up to date."""
    _upsert(connection, sites, "site_id", site.model_dump())


def add_device(connection: Connection, device: Device) -> None:
    """Make a device known, or bring what is known of it up to date."""
    _upsert(connection, devices, "device_id", device.model_dump())


def _upsert(connection: Connection, table: sa.Table, key: str, values: dict[str, object]) -> None:
    found = connection.execute(sa.update(table).where(table.c[key] == values[key]).values(values)).rowcount
    if not found:
        connection.execute(sa.insert(table).values(values))


def ingest_readings(
    connection: Connection,
    frame: pd.DataFrame,
    known: Sequence[Device],
    *,
    source: str,
    now: datetime,
    replace: bool = False,
    raw_rows: Sequence[str] | None = None,
    found_wrong: pd.Series | None = None,
) -> Ingested:
    """Store readings in the caller's transaction.

    Args:
        frame: columns named after fields of a reading; missing columns are no data.
        known: devices that exist.
        source: what the rows came from, kept with rejected ones.
        now: the present, UTC.
        replace: other values for a known device and time replace the stored ones.
        raw_rows: the rows as they came, one a row of the frame, kept with rejected ones.
        found_wrong: why the caller rejects a row already, "" where it does not; one a row of the frame.
    """
    if frame.empty:
        return Ingested(0, 0, 0, 0, frozenset())
    rows = frame.reset_index(drop=True)
    reasons = reject_reasons(rows, {device.device_id: device for device in known}, pd.Timestamp(now))
    if found_wrong is not None:
        reasons = reasons.where((found_wrong == "").to_numpy(), found_wrong.to_numpy())
    fields = [name for name in measured_fields() if name in rows]
    verdict = _repeats(connection, rows[reasons == ""], fields, replace=replace)
    reasons[verdict.conflicts] = "same device and time with other values"
    rejected = rows.index[reasons != ""]
    keep_rejected(connection, rows, reasons, source=source, now=now, raw_rows=raw_rows)
    accepted = rows.loc[verdict.new.union(verdict.replacing)]
    _delete_rows(connection, rows.loc[verdict.replacing])
    insert_frame(connection, battery_data, accepted)
    _refresh(connection, accepted)
    return Ingested(
        read=len(rows),
        stored=len(accepted),
        duplicate=len(verdict.duplicates),
        rejected=len(rejected),
        touched=frozenset(accepted["device_id"]),
        reasons=Counter(reasons[rejected]),
        rejected_rows={int(place): str(reasons[place]) for place in rejected},
        duplicate_rows=frozenset(int(place) for place in verdict.duplicates),
    )


def ingest_cells(connection: Connection, frame: pd.DataFrame) -> None:
    """Store cell readings; cells already stored for that device and time stay as they are."""
    if frame.empty:
        return
    kept = []
    for device_id, mine in frame.groupby("device_id"):
        stored = connection.execute(
            sa.select(cell_readings.c.timestamp_utc)
            .where(
                cell_readings.c.device_id == device_id,
                cell_readings.c.timestamp_utc.between(
                    mine["timestamp_utc"].min().to_pydatetime(), mine["timestamp_utc"].max().to_pydatetime()
                ),
            )
            .distinct()
        ).scalars()
        kept.append(mine[~mine["timestamp_utc"].isin(list(stored))])
    insert_frame(connection, cell_readings, pd.concat(kept))


@dataclass(frozen=True)
class _Verdict:
    new: pd.Index
    replacing: pd.Index
    duplicates: pd.Index
    conflicts: pd.Index


def _repeats(connection: Connection, rows: pd.DataFrame, fields: list[str], *, replace: bool) -> _Verdict:
    """Sort rows into new ones, duplicates, conflicts, and those that replace a stored row."""
    first = ~rows.duplicated(KEY)
    later = rows[~first]
    within = _same_values(later, rows[first], fields)
    fresh = rows[first]
    stored = _stored_rows(connection, fresh, fields)
    is_known = pd.MultiIndex.from_frame(fresh[KEY]).isin(pd.MultiIndex.from_frame(stored[KEY]))
    known = fresh[is_known]
    same = _same_values(known, stored, fields)
    differing = known.index[~same]
    return _Verdict(
        new=fresh.index[~is_known],
        replacing=differing if replace else differing[:0],
        duplicates=known.index[same].union(later.index[within]),
        conflicts=later.index[~within] if replace else differing.union(later.index[~within]),
    )


def _same_values(rows: pd.DataFrame, others: pd.DataFrame, fields: list[str]) -> np.ndarray:
    """For each row whether the row of `others` with its device and time holds the same values."""
    if rows.empty:
        return np.zeros(0, dtype=bool)
    partner = rows[KEY].merge(others, on=KEY, how="left")
    same = np.ones(len(rows), dtype=bool)
    for name in fields:
        left, right = rows[name].to_numpy(dtype=object), partner[name].to_numpy(dtype=object)
        both_missing = pd.isna(left) & pd.isna(right)
        if all_fields()[name].is_numeric:
            left, right = pd.to_numeric(left).astype(float), pd.to_numeric(right).astype(float)
        same &= both_missing | (left == right)
    return same


def _stored_rows(connection: Connection, rows: pd.DataFrame, fields: list[str]) -> pd.DataFrame:
    """What is already stored for these devices in the span of time the rows cover."""
    frames = []
    columns = [battery_data.c[name] for name in [*KEY, *fields]]
    for device_id, mine in rows.groupby("device_id"):
        query = sa.select(*columns).where(
            battery_data.c.device_id == device_id,
            battery_data.c.timestamp_utc.between(
                mine["timestamp_utc"].min().to_pydatetime(), mine["timestamp_utc"].max().to_pydatetime()
            ),
        )
        frames.append(pd.DataFrame(connection.execute(query).all(), columns=[*KEY, *fields], dtype=object))
    stored = pd.concat(frames) if frames else pd.DataFrame(columns=[*KEY, *fields], dtype=object)
    stored["timestamp_utc"] = pd.to_datetime(stored["timestamp_utc"], utc=True).astype(rows["timestamp_utc"].dtype)
    return stored


def _delete_rows(connection: Connection, rows: pd.DataFrame) -> None:
    if rows.empty:
        return
    one_row = sa.delete(battery_data).where(
        battery_data.c.device_id == sa.bindparam("device"), battery_data.c.timestamp_utc == sa.bindparam("moment")
    )
    keys = zip(rows["device_id"], rows["timestamp_utc"], strict=True)
    connection.execute(one_row, [{"device": device, "moment": moment.to_pydatetime()} for device, moment in keys])


def _refresh(connection: Connection, accepted: pd.DataFrame) -> None:
    """Bring rollups and latest rows of the touched device-hours up to date."""
    for device_id, mine in accepted.groupby("device_id"):
        hours = mine["timestamp_utc"].dt.floor("h").unique()
        recompute_rollups(connection, str(device_id), [hour.to_pydatetime() for hour in hours])
        refresh_latest(connection, str(device_id))


def refresh_latest(connection: Connection, device_id: str) -> None:
    """Make the newest stored row the device's latest one, unless a live row is newer still."""
    newest = connection.scalar(
        sa.select(sa.func.max(battery_data.c.timestamp_utc)).where(battery_data.c.device_id == device_id)
    )
    shown = connection.scalar(
        sa.select(latest_readings.c.timestamp_utc).where(latest_readings.c.device_id == device_id)
    )
    if newest is None or (shown is not None and shown > newest):
        return
    connection.execute(sa.delete(latest_readings).where(latest_readings.c.device_id == device_id))
    names = list(latest_readings.columns.keys())
    row = sa.select(*(battery_data.c[name] for name in names)).where(
        battery_data.c.device_id == device_id, battery_data.c.timestamp_utc == newest
    )
    connection.execute(sa.insert(latest_readings).from_select(names, row))
