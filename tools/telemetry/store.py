"""Reads telemetry: fleet, latest values, windows, series and cells. Writing is in ingest.py."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from tools.database import Database
from tools.errors import UnknownDeviceError
from tools.people import Scope
from tools.telemetry.fields import field_facts, rollup_fields
from tools.telemetry.fleet import Device, Fleet, Site
from tools.telemetry.rollups import Figures, hourly_figures, window_figures
from tools.telemetry.schema import (
    battery_data,
    cell_readings,
    devices,
    hourly_rollups,
    latest_readings,
    rollup_column,
    sites,
)

# How far back the newest value of a field without rollups is looked for, behind the device's latest row.
LOOK_BACK = timedelta(days=7)
Sign = Literal["charging", "discharging"]
PHASE_VOLTAGES = frozenset({"ac_voltage_l1_v", "ac_voltage_l2_v", "ac_voltage_l3_v"})


@dataclass(frozen=True)
class LatestValue:
    """The newest value of a field that is not null, and when it was taken; None where there is none."""

    device_id: str
    field: str
    value: float | str | None
    at: datetime | None


@dataclass(frozen=True)
class Span:
    """First and last reading of a device and how many there are."""

    first: datetime
    last: datetime


class ReadingStore:
    """Everything the tools read of the telemetry."""

    def __init__(self, database: Database, sites: Scope = None) -> None:
        self._database = database
        self._sites = sites

    def scoped(self, sites: Scope) -> "ReadingStore":
        """The same telemetry as far as these sites go: whatever is elsewhere does not exist in it."""
        if self._sites is not None and sites is not None:
            sites = tuple(site_id for site_id in sites if site_id in self._sites)
        return ReadingStore(self._database, self._sites if sites is None else sites)

    @property
    def is_scoped(self) -> bool:
        """Whether it holds some sites only."""
        return self._sites is not None

    @property
    def database(self) -> Database:
        """The database it reads, for results kept beside the readings."""
        return self._database

    def fleet(self) -> Fleet:
        """All sites and devices, in the order of their keys."""
        some_sites = sa.select(sites).order_by(sites.c.site_id)
        some_devices = sa.select(devices).order_by(devices.c.device_id)
        if self._sites is not None:
            some_sites = some_sites.where(sites.c.site_id.in_(self._sites))
            some_devices = some_devices.where(devices.c.site_id.in_(self._sites))
        with self._database.read() as connection:
            site_rows = connection.execute(some_sites).mappings()
            device_rows = connection.execute(some_devices).mappings()
            return Fleet(
                sites=tuple(Site(**row) for row in site_rows),
                devices=tuple(Device(**row) for row in device_rows),
            )

    def spans(self, device_ids: Sequence[str]) -> dict[str, Span]:
        """First and last stored reading of each device that has any."""
        found = {}
        time = battery_data.c.timestamp_utc
        with self._reading(device_ids) as connection:
            for device_id in device_ids:
                mine = sa.select(time).where(battery_data.c.device_id == device_id)
                first = connection.scalar(mine.order_by(time).limit(1))
                last = connection.scalar(mine.order_by(time.desc()).limit(1))
                if first is not None and last is not None:
                    found[device_id] = Span(first, last)
        return found

    def newest(self, device_ids: Sequence[str]) -> dict[str, datetime]:
        """Time of the latest row of each device, live ones included."""
        query = sa.select(latest_readings.c.device_id, latest_readings.c.timestamp_utc).where(
            latest_readings.c.device_id.in_(device_ids)
        )
        with self._reading(device_ids) as connection:
            return {row[0]: row[1] for row in connection.execute(query)}

    def latest(self, fields: Sequence[str], device_ids: Sequence[str]) -> list[LatestValue]:
        """The newest value of each field for each device, in the order asked."""
        names = [field_facts(field).name for field in fields]
        columns = [latest_readings.c[name] for name in names]
        query = sa.select(
            latest_readings.c.device_id, latest_readings.c.timestamp_utc.label("row_time"), *columns
        ).where(latest_readings.c.device_id.in_(device_ids))
        found = []
        with self._reading(device_ids) as connection:
            rows = {row["device_id"]: row for row in connection.execute(query).mappings()}
            for device_id in device_ids:
                row = rows.get(device_id)
                for name in names:
                    found.append(_latest_value(connection, device_id, name, row))
        return found

    def figures(self, field: str, device_ids: Sequence[str], start: datetime, end: datetime) -> dict[str, Figures]:
        """Count, sum, minimum and maximum of a field per device over [start, end)."""
        with self._reading(device_ids) as connection:
            return window_figures(connection, field, device_ids, start, end)

    def hours(
        self, field: str, device_ids: Sequence[str], start: datetime, end: datetime
    ) -> list[tuple[str, datetime, Figures]]:
        """The same per device and hour, from rollups."""
        with self._reading(device_ids) as connection:
            return hourly_figures(connection, field, device_ids, start, end)

    def row_counts(self, device_ids: Sequence[str], start: datetime, end: datetime) -> dict[str, tuple[int, int]]:
        """Rows and rows of lesser quality per device over the full hours that touch [start, end)."""
        table = hourly_rollups.c
        query = (
            sa.select(table.device_id, sa.func.sum(table.rows), sa.func.sum(table.rows_not_good))
            .where(
                table.device_id.in_(device_ids),
                table.hour_utc > start - timedelta(hours=1),
                table.hour_utc < end,
            )
            .group_by(table.device_id)
        )
        with self._reading(device_ids) as connection:
            return {row[0]: (int(row[1]), int(row[2])) for row in connection.execute(query)}

    def value_counts(self, device_ids: Sequence[str], start: datetime, end: datetime) -> dict[str, dict[str, int]]:
        """Values of every field with rollups, per device, over the full hours that touch [start, end)."""
        table, fields = hourly_rollups.c, rollup_fields()
        query = (
            sa.select(table.device_id, *(sa.func.sum(table[rollup_column(field, "count")]) for field in fields))
            .where(
                table.device_id.in_(device_ids),
                table.hour_utc > start - timedelta(hours=1),
                table.hour_utc < end,
            )
            .group_by(table.device_id)
        )
        with self._reading(device_ids) as connection:
            return {
                row[0]: {field: int(count or 0) for field, count in zip(fields, row[1:], strict=True)}
                for row in connection.execute(query)
            }

    def rows(self, fields: Sequence[str], device_ids: Sequence[str], start: datetime, end: datetime) -> pd.DataFrame:
        """Readings over [start, end) in time order: device_id, timestamp_utc and the fields."""
        names = ["device_id", "timestamp_utc", *fields]
        time = battery_data.c.timestamp_utc
        query = (
            sa.select(*(battery_data.c[name] for name in names))
            .where(battery_data.c.device_id.in_(device_ids), time >= start, time < end)
            .order_by(battery_data.c.device_id, time)
        )
        with self._reading(device_ids) as connection:
            # Plain tuples: pandas looks at every row of a result for a name of its own, which takes longer than reading.
            return pd.DataFrame([tuple(row) for row in connection.execute(query)], columns=names)

    def values(
        self, field: str, device_id: str, start: datetime, end: datetime, sign: Sign | None = None
    ) -> list[tuple[datetime, float]]:
        """The values of one field of one device over [start, end) that are not null, in time order.

        Of phase voltages only those while the mains was there: in an outage they say nothing about the supply.
        """
        column, time = battery_data.c[field], battery_data.c.timestamp_utc
        query = (
            sa.select(time, column)
            .where(battery_data.c.device_id == device_id, time >= start, time < end, column.is_not(None))
            .order_by(time)
        )
        if sign is not None:
            query = query.where(column > 0 if sign == "charging" else column < 0)
        if field in PHASE_VOLTAGES:
            state = battery_data.c.mains_state
            query = query.where(sa.or_(state.is_(None), state.not_in(("lost", "generator"))))
        with self._reading([device_id]) as connection:
            return [(row[0], row[1]) for row in connection.execute(query)]

    def times(self, device_id: str, start: datetime, end: datetime) -> list[datetime]:
        """When a device was heard over [start, end)."""
        time = battery_data.c.timestamp_utc
        query = sa.select(time).where(battery_data.c.device_id == device_id, time >= start, time < end).order_by(time)
        with self._reading([device_id]) as connection:
            return list(connection.scalars(query))

    def newest_cells(self, device_id: str, before: datetime) -> pd.DataFrame:
        """The newest set of cell readings taken at or before a moment, one row a cell; may be empty."""
        newest = (
            sa.select(sa.func.max(cell_readings.c.timestamp_utc))
            .where(cell_readings.c.device_id == device_id, cell_readings.c.timestamp_utc <= before)
            .scalar_subquery()
        )
        query = (
            sa.select(cell_readings)
            .where(cell_readings.c.device_id == device_id, cell_readings.c.timestamp_utc == newest)
            .order_by(cell_readings.c.cell_no)
        )
        with self._reading([device_id]) as connection:
            return pd.DataFrame(
                connection.execute(query).all(), columns=[column.name for column in cell_readings.columns]
            )

    def cell_sets(self, device_id: str, start: datetime, end: datetime) -> pd.DataFrame:
        """Every cell reading of a device over [start, end), in time order; may be empty."""
        time = cell_readings.c.timestamp_utc
        query = (
            sa.select(cell_readings)
            .where(cell_readings.c.device_id == device_id, time >= start, time < end)
            .order_by(time, cell_readings.c.cell_no)
        )
        with self._reading([device_id]) as connection:
            names = [column.name for column in cell_readings.columns]
            return pd.DataFrame([tuple(row) for row in connection.execute(query)], columns=names)

    def cell_history(self, device_id: str, cell_no: int, start: datetime, end: datetime) -> pd.DataFrame:
        """Readings of one cell over [start, end), in time order."""
        time = cell_readings.c.timestamp_utc
        query = (
            sa.select(cell_readings)
            .where(
                cell_readings.c.device_id == device_id,
                cell_readings.c.cell_no == cell_no,
                time >= start,
                time < end,
            )
            .order_by(time)
        )
        with self._reading([device_id]) as connection:
            return pd.DataFrame(
                connection.execute(query).all(), columns=[column.name for column in cell_readings.columns]
            )

    @contextmanager
    def _reading(self, device_ids: Sequence[str]) -> Iterator[Connection]:
        """A connection to read those devices with.

        Raises:
            UnknownDeviceError: one of them is at a site out of scope, in the words of one that does not exist.
        """
        with self._database.read() as connection:
            if self._sites is not None:
                mine = sa.select(devices.c.device_id).where(devices.c.site_id.in_(self._sites))
                foreign = set(device_ids).difference(connection.scalars(mine))
                if foreign:
                    raise UnknownDeviceError(f"No device {min(foreign)!r}.")
            yield connection


def _latest_value(connection: Connection, device_id: str, field: str, row: sa.RowMapping | None) -> LatestValue:
    if row is None:
        return LatestValue(device_id, field, None, None)
    if row[field] is not None:
        return LatestValue(device_id, field, _plain(row[field]), row["row_time"])
    time, column = battery_data.c.timestamp_utc, battery_data.c[field]
    since = _newest_hour(connection, device_id, field) or row["row_time"] - LOOK_BACK
    older = connection.execute(
        sa.select(time, column)
        .where(battery_data.c.device_id == device_id, time >= since, column.is_not(None))
        .order_by(time.desc())
        .limit(1)
    ).first()
    if older is None:
        return LatestValue(device_id, field, None, None)
    return LatestValue(device_id, field, _plain(older[1]), older[0])


def _newest_hour(connection: Connection, device_id: str, field: str) -> datetime | None:
    """The newest hour in which the device had a value of the field, where rollups can tell."""
    if not field_facts(field).has_rollup:
        return None
    table = hourly_rollups.c
    return connection.scalar(
        sa.select(table.hour_utc)
        .where(table.device_id == device_id, table[rollup_column(field, "count")] > 0)
        .order_by(table.hour_utc.desc())
        .limit(1)
    )


def _plain(value: object) -> float | str:
    return float(value) if isinstance(value, int | float) else str(value)


def by_device(rows: Iterable[LatestValue]) -> dict[str, dict[str, LatestValue]]:
    """Latest values by device, then field."""
    found: dict[str, dict[str, LatestValue]] = {}
    for row in rows:
        found.setdefault(row.device_id, {})[row.field] = row
    return found
