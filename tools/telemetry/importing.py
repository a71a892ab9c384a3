"""Imports a file of readings for one device: all of it in one transaction, or nothing."""

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict
from sqlalchemy.engine import Connection

from tools.clock import Utc
from tools.database import Database
from tools.errors import ImportFileError
from tools.telemetry.checks import FUTURE
from tools.telemetry.columns import choose_columns
from tools.telemetry.enrolment import find_or_add_device, find_or_add_site
from tools.telemetry.file_times import time_zone
from tools.telemetry.files import file_sha256, read_file
from tools.telemetry.fleet import Device
from tools.telemetry.ingest import Ingested, ingest_readings
from tools.telemetry.parsed_file import ColumnUse, ParsedFile, parse_table
from tools.telemetry.raw_table import RawRows
from tools.telemetry.schema import imports

Progress = Callable[[float, str], None]
CHUNK_ROWS = 20_000
_STORING_FROM, _STORING_UNTIL = 0.3, 0.98


@dataclass(frozen=True)
class ImportOrder:
    """What to import, for which device, and how to read it."""

    path: Path
    device: str
    site: str
    cells: int | None = None
    capacity_ah: float | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)
    time_zone: str = "UTC"
    replace: bool = False
    dry_run: bool = False


class ImportSummary(BaseModel):
    """What became of a file: row counts, the columns used and not used, and the span of time it covers."""

    model_config = ConfigDict(frozen=True)

    file_name: str
    device_id: str
    site_id: str
    read: int
    stored: int
    duplicate: int
    rejected: int
    reasons: Mapping[str, int]
    columns_used: tuple[ColumnUse, ...]
    columns_ignored: Mapping[str, str]
    first_utc: Utc | None
    last_utc: Utc | None
    notes: tuple[str, ...]
    is_dry_run: bool

    def closing_line(self) -> str:
        """The counts in one line."""
        return f"read {self.read} · stored {self.stored} · duplicate {self.duplicate} · rejected {self.rejected}"


def parse_mapping(options: Sequence[str]) -> dict[str, str]:
    """The columns mapped by --map options, for example ["U1=string_voltage_v:mV", "I=-string_current_a"].

    Raises:
        ImportFileError: an option without "=", or a column mapped twice.
    """
    mapping: dict[str, str] = {}
    for option in options:
        column, separator, target = option.rpartition("=")
        if not separator or not column.strip() or not target.strip():
            raise ImportFileError(
                f"--map {option!r} is not COLUMN=FIELD.", 'For example --map "U1=string_voltage_v".'
            )
        if column in mapping:
            raise ImportFileError(f"Column {column!r} is mapped twice.", "Map it once.")
        mapping[column] = target
    return mapping


def import_file(
    database: Database, order: ImportOrder, *, now: datetime, progress: Progress | None = None
) -> ImportSummary:
    """Store the readings of a file; the same file again changes nothing.

    Args:
        database: where to.
        order: what to import and how.
        now: the present, UTC; later rows are rejected.
        progress: told the share done, 0 to 1, and what is being done.

    Raises:
        ImportFileError: the file, a column or a fact of the device is not as it must be.
        DatabaseError: the database cannot take it; nothing was kept.
    """
    tell = progress or _say_nothing
    tell(0.0, f"Reading {order.path.name}")
    zone = time_zone(order.time_zone)
    table = read_file(order.path)
    digest = file_sha256(order.path)
    columns = choose_columns([str(name) for name in table.frame.columns], order.mapping)
    tell(0.1, f"Understanding {len(table.frame)} rows")
    parsed = parse_table(table, columns, zone)
    tell(_STORING_FROM, "Storing")
    with database.write() as connection, connection.begin_nested() as attempt:
        device = _device(connection, order, parsed)
        result = _store(connection, parsed, device, order, now, tell)
        _record(connection, order, digest, device, now, result)
        if order.dry_run:
            attempt.rollback()
    tell(1.0, "Done")
    span = parsed.rows.loc[parsed.reasons == "", "timestamp_utc"]
    span = span[span <= pd.Timestamp(now) + FUTURE]
    return ImportSummary(
        file_name=order.path.name,
        device_id=device.device_id,
        site_id=device.site_id,
        read=result.read,
        stored=result.stored,
        duplicate=result.duplicate,
        rejected=result.rejected,
        reasons=result.reasons,
        columns_used=parsed.used,
        columns_ignored=parsed.ignored,
        first_utc=None if span.empty else span.iloc[0].to_pydatetime(),
        last_utc=None if span.empty else span.iloc[-1].to_pydatetime(),
        notes=table.notes,
        is_dry_run=order.dry_run,
    )


def _say_nothing(share: float, what: str) -> None:
    """Progress nobody asked for."""


def _device(connection: Connection, order: ImportOrder, parsed: ParsedFile) -> Device:
    site = find_or_add_site(connection, order.site)
    voltage = parsed.rows["string_voltage_v"].median() if "string_voltage_v" in parsed.rows else math.nan
    return find_or_add_device(
        connection,
        order.device,
        site,
        cells=order.cells,
        capacity_ah=order.capacity_ah,
        poll_interval_s=parsed.median_spacing_s(),
        median_voltage_v=None if math.isnan(voltage) else float(voltage),
    )


def _store(
    connection: Connection, parsed: ParsedFile, device: Device, order: ImportOrder, now: datetime, tell: Progress
) -> Ingested:
    """Take the rows in piece by piece, so that a long file needs little memory and shows how far it is."""
    rows = _completed(parsed.rows, device)
    results = []
    done = 0
    for piece in _pieces(rows["timestamp_utc"]):
        results.append(
            ingest_readings(
                connection,
                rows.iloc[piece],
                [device],
                source=order.path.name,
                now=now,
                replace=order.replace,
                raw_rows=RawRows(parsed.raw.iloc[piece]),
                found_wrong=parsed.reasons.iloc[piece],
            )
        )
        done += piece.stop - piece.start
        share = _STORING_FROM + (_STORING_UNTIL - _STORING_FROM) * done / len(rows)
        tell(share, f"Stored {done} of {len(rows)} rows")
    return Ingested(
        read=sum(result.read for result in results),
        stored=sum(result.stored for result in results),
        duplicate=sum(result.duplicate for result in results),
        rejected=sum(result.rejected for result in results),
        touched=frozenset[str]().union(*(result.touched for result in results)),
        reasons=sum((Counter(result.reasons) for result in results), Counter[str]()),
    )


def _completed(rows: pd.DataFrame, device: Device) -> pd.DataFrame:
    """The rows with what follows from the device: its keys, cells and capacity, and the mean cell voltage."""
    complete = rows.assign(
        site_id=device.site_id,
        device_id=device.device_id,
        cell_count=device.cell_count,
        rated_capacity_ah=device.rated_capacity_ah,
    )
    if "string_voltage_v" in rows and "cell_voltage_v" not in rows:
        # A mean cell voltage is by definition the string's divided by its cells.
        complete["cell_voltage_v"] = rows["string_voltage_v"] / device.cell_count
    return complete


def _pieces(times: pd.Series) -> Iterator[slice]:
    """Spans of rows of about the same length that never part rows of one time."""
    moments = times.dt.tz_localize(None).to_numpy()
    start = 0
    while start < len(moments):
        stop = min(start + CHUNK_ROWS, len(moments))
        same = moments[stop:] == moments[stop - 1]
        stop += len(same) if same.all() else int(np.argmin(same))
        yield slice(start, stop)
        start = stop


def _record(
    connection: Connection, order: ImportOrder, digest: str, device: Device, now: datetime, result: Ingested
) -> None:
    connection.execute(
        sa.insert(imports).values(
            file_name=order.path.name,
            sha256=digest,
            device_id=device.device_id,
            imported_utc=now,
            rows_read=result.read,
            rows_stored=result.stored,
            rows_duplicate=result.duplicate,
            rows_rejected=result.rejected,
        )
    )
