"""Hourly rollups: count, sum, minimum and maximum of a field per device-hour, and the figures made from them.

Rollups are never added to: a touched device-hour is computed again from its rows, so late, out-of-order and
replaced readings come out right.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from tools.database import UtcDateTime
from tools.telemetry.fields import rollup_fields
from tools.telemetry.schema import battery_data, hourly_rollups, rollup_column

HOUR = timedelta(hours=1)


class hour_of(FunctionElement[datetime]):
    """The full hour a moment lies in."""

    type = UtcDateTime()
    inherit_cache = True


@compiles(hour_of, "sqlite")
def _hour_of_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    return f"strftime('%Y-%m-%d %H:00:00.000000', {compiler.process(element.clauses, **options)})"


@compiles(hour_of)
def _hour_of_postgres(element: Any, compiler: Any, **options: Any) -> str:
    return f"date_trunc('hour', {compiler.process(element.clauses, **options)}, 'UTC')"


@dataclass(frozen=True)
class Figures:
    """Count, sum, minimum and maximum of a field over rows; the last three are None without values."""

    rows: int
    count: int
    sum: float | None
    min: float | None
    max: float | None

    @property
    def mean(self) -> float | None:
        return None if self.sum is None or self.count == 0 else self.sum / self.count


NO_FIGURES = Figures(0, 0, None, None, None)


def add_figures(parts: Iterable[Figures]) -> Figures:
    """The figures of all rows of the parts together."""
    rows = count = 0
    total: float | None = None
    low: float | None = None
    high: float | None = None
    for part in parts:
        rows, count = rows + part.rows, count + part.count
        if part.sum is not None and part.min is not None and part.max is not None:
            total = part.sum if total is None else total + part.sum
            low = part.min if low is None else min(low, part.min)
            high = part.max if high is None else max(high, part.max)
    return Figures(rows, count, total, low, high)


def floor_hour(moment: datetime) -> datetime:
    """The full hour at or before a moment."""
    return moment.replace(minute=0, second=0, microsecond=0)


def ceil_hour(moment: datetime) -> datetime:
    """The full hour at or after a moment."""
    floor = floor_hour(moment)
    return floor if floor == moment else floor + HOUR


def recompute_rollups(connection: Connection, device_id: str, moments: Iterable[datetime]) -> None:
    """Compute the device-hours of these moments again from `battery_data`, in the caller's transaction."""
    for start, end in _spans({floor_hour(moment) for moment in moments}):
        mine = (hourly_rollups.c.device_id == device_id) & hourly_rollups.c.hour_utc.between(start, end - HOUR)
        connection.execute(sa.delete(hourly_rollups).where(mine))
        hour = hour_of(battery_data.c.timestamp_utc)
        rows = (
            sa.select(
                hour.label("hour_utc"),
                battery_data.c.device_id,
                sa.func.count().label("rows"),
                sa.func.count().filter(battery_data.c.data_quality != "good").label("rows_not_good"),
                *_rollup_expressions(),
            )
            .where(
                battery_data.c.device_id == device_id,
                battery_data.c.timestamp_utc >= start,
                battery_data.c.timestamp_utc < end,
            )
            .group_by(battery_data.c.device_id, hour)
        )
        names = [column.name for column in rows.selected_columns]
        connection.execute(sa.insert(hourly_rollups).from_select(names, rows))


def _spans(hours: set[datetime]) -> list[tuple[datetime, datetime]]:
    """Hours as few [start, end) spans: neighbours up to a day apart share one."""
    spans: list[tuple[datetime, datetime]] = []
    for hour in sorted(hours):
        if spans and hour - spans[-1][1] <= timedelta(days=1):
            spans[-1] = (spans[-1][0], hour + HOUR)
        else:
            spans.append((hour, hour + HOUR))
    return spans


def _rollup_expressions() -> list[sa.Label[Any]]:
    return [
        getattr(sa.func, statistic)(battery_data.c[field]).label(rollup_column(field, statistic))
        for field in rollup_fields()
        for statistic in ("count", "sum", "min", "max")
    ]


def window_figures(
    connection: Connection, field: str, device_ids: Sequence[str], start: datetime, end: datetime
) -> dict[str, Figures]:
    """Figures of a field per device over [start, end): full hours from rollups, the edges from rows.

    A field that is not rolled up (a cell number, a code) comes from rows alone.
    """
    inner_start, inner_end = ceil_hour(start), floor_hour(end)
    if inner_start >= inner_end or field not in rollup_fields():
        return _figures_by_device(connection, _row_query(field, device_ids, start, end))
    parts = [
        _figures_by_device(connection, _rollup_query(field, device_ids, inner_start, inner_end)),
        _figures_by_device(connection, _row_query(field, device_ids, start, inner_start)),
        _figures_by_device(connection, _row_query(field, device_ids, inner_end, end)),
    ]
    return {
        device: add_figures(part[device] for part in parts if device in part)
        for device in device_ids
        if any(device in part for part in parts)
    }


def hourly_figures(
    connection: Connection, field: str, device_ids: Sequence[str], start: datetime, end: datetime
) -> list[tuple[str, datetime, Figures]]:
    """Figures of a field per device and full hour within [start, end), from rollups alone, in time order."""
    table = hourly_rollups.c
    query = (
        sa.select(table.device_id, table.hour_utc, table.rows, *_figure_columns(field))
        .where(table.device_id.in_(device_ids), table.hour_utc >= floor_hour(start), table.hour_utc < end)
        .order_by(table.hour_utc)
    )
    return [(row[0], row[1], Figures(*row[2:])) for row in connection.execute(query)]


def fleet_by_hour(
    connection: Connection, field: str, start: datetime, end: datetime
) -> list[tuple[datetime, Figures]]:
    """Figures of a field over all devices per hour within [start, end), from rollups alone."""
    table = hourly_rollups.c
    count, total, low, high = _figure_columns(field)
    query = (
        sa.select(
            table.hour_utc,
            sa.func.sum(table.rows),
            sa.func.sum(count),
            sa.func.sum(total),
            sa.func.min(low),
            sa.func.max(high),
        )
        .where(table.hour_utc >= start, table.hour_utc < end)
        .group_by(table.hour_utc)
        .order_by(table.hour_utc)
    )
    return [(row[0], Figures(int(row[1]), int(row[2]), *row[3:])) for row in connection.execute(query)]


def _figure_columns(field: str) -> list[sa.Column[Any]]:
    return [hourly_rollups.c[rollup_column(field, name)] for name in ("count", "sum", "min", "max")]


def _rollup_query(field: str, device_ids: Sequence[str], start: datetime, end: datetime) -> sa.Select[Any]:
    table = hourly_rollups.c
    count, total, low, high = _figure_columns(field)
    return (
        sa.select(
            table.device_id,
            sa.func.sum(table.rows),
            sa.func.sum(count),
            sa.func.sum(total),
            sa.func.min(low),
            sa.func.max(high),
        )
        .where(table.device_id.in_(device_ids), table.hour_utc >= start, table.hour_utc < end)
        .group_by(table.device_id)
    )


def _row_query(field: str, device_ids: Sequence[str], start: datetime, end: datetime) -> sa.Select[Any]:
    table = battery_data.c
    value = table[field]
    return (
        sa.select(
            table.device_id,
            sa.func.count(),
            sa.func.count(value),
            sa.func.sum(value),
            sa.func.min(value),
            sa.func.max(value),
        )
        .where(table.device_id.in_(device_ids), table.timestamp_utc >= start, table.timestamp_utc < end)
        .group_by(table.device_id)
    )


def _figures_by_device(connection: Connection, query: sa.Select[Any]) -> dict[str, Figures]:
    return {
        row[0]: Figures(int(row[1]), int(row[2]), *(None if v is None else float(v) for v in row[3:]))
        for row in connection.execute(query)
    }
