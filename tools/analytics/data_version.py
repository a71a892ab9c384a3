"""Tells whether data has changed: short marks that differ once readings, latest rows or alerts do.

A result computed from stored data stays true as long as the mark of what it was made from is the same, so results are
kept by it and programs ask for what is newer than it.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa

from tools.analytics.alert_rules import SEVERITIES
from tools.analytics.alert_schema import alerts
from tools.database import Database
from tools.telemetry.schema import (
    battery_data,
    devices,
    hourly_rollups,
    imports,
    latest_readings,
    live_readings,
    sites,
)


@dataclass(frozen=True)
class DataVersion:
    """Marks of what is stored: readings kept for good and the fleet, files imported, the latest rows, the alerts."""

    stored: str
    imports: str
    latest: str
    alerts: str

    @property
    def everything(self) -> str:
        """One mark of all of it."""
        return f"{self.stored}.{self.latest}.{self.alerts}"


def read_version(database: Database) -> DataVersion:
    """The marks as they are now; no table of readings is read for it, only the ends of its keys."""
    with database.read() as connection:
        found = tuple(connection.execute(_query()).one())
    first = len(_stored_facts())
    second = first + len(_latest_facts())
    return DataVersion(_mark(found[:first]), _mark(found[1:2]), _mark(found[first:second]), _mark(found[second:]))


def stored_marks(database: Database, since: datetime) -> dict[str, tuple[object, ...]]:
    """For each device heard lately a mark that differs once a row since a moment is stored."""
    table = hourly_rollups.c
    query = (
        sa.select(table.device_id, sa.func.max(table.hour_utc), sa.func.sum(table.rows))
        .where(table.hour_utc >= since)
        .group_by(table.device_id)
    )
    with database.read() as connection:
        return {row[0]: (row[1], int(row[2])) for row in connection.execute(query)}


@cache
def _query() -> sa.Select[Any]:
    facts = [*_stored_facts(), *_latest_facts(), *_alert_facts()]
    return sa.select(*(fact.label(f"fact_{number}") for number, fact in enumerate(facts)))


@cache
def _stored_facts() -> list[sa.ScalarSelect[Any]]:
    # Rows are replaced by imports alone, and each leaves a row of its own. They stand second: see read_version.
    return [
        sa.select(sa.func.max(battery_data.c.record_id)).scalar_subquery(),
        sa.select(sa.func.max(imports.c.import_id)).scalar_subquery(),
        sa.select(sa.func.count()).select_from(devices).scalar_subquery(),
        sa.select(sa.func.count()).select_from(sites).scalar_subquery(),
    ]


@cache
def _latest_facts() -> list[sa.ScalarSelect[Any]]:
    return [
        sa.select(sa.func.max(live_readings.c.record_id)).scalar_subquery(),
        sa.select(sa.func.max(latest_readings.c.timestamp_utc)).scalar_subquery(),
    ]


def _alert_facts() -> list[sa.ScalarSelect[Any]]:
    # An alert may get worse or be taken back without leaving a time of its own, so weights and values count too.
    weight = sa.case({name: number + 1 for number, name in enumerate(SEVERITIES)}, value=alerts.c.severity)
    return [
        sa.select(fact).scalar_subquery()
        for fact in (
            sa.func.count(alerts.c.alert_id),
            sa.func.max(alerts.c.alert_id),
            sa.func.sum(weight),
            sa.func.sum(alerts.c.value),
            sa.func.count(alerts.c.cleared_utc),
            sa.func.max(alerts.c.cleared_utc),
            sa.func.max(alerts.c.acknowledged_utc),
        )
    ]


def _mark(facts: tuple[object, ...]) -> str:
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:12]
