"""A ledger of actions on a small fleet with alerts that stand, and people of each role."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from tests.support import builders
from tests.support.builders import NOW
from tools.actions.all_actions import all_actions
from tools.actions.audit import AuditLog
from tools.actions.contract import Actions
from tools.actions.ledger import ActionLedger
from tools.analytics.alert_schema import alerts
from tools.clock import Clock, FixedClock
from tools.database import Database
from tools.people import Person

KEY = b"k" * 32
VERA = Person(name="vera", role="viewer")
OTTO = Person(name="otto", role="operator")
OLGA = Person(name="olga", role="operator", sites=("S02",))
ERIK = Person(name="erik", role="engineer")
EVE = Person(name="eve", role="engineer", sites=("S01",))
ADA = Person(name="ada", role="admin")
PEOPLE: Mapping[str, Person] = {one.name: one for one in (VERA, OTTO, OLGA, ERIK, EVE, ADA)}


def anyone(_: Connection, name: str) -> Person:
    """Every name is an admin's, as on a machine without a sign-in."""
    return PEOPLE.get(name, Person(name=name, role="admin"))


def ledger(
    database: Database,
    clock: Clock | None = None,
    people: Mapping[str, Person] | None = None,
    actions: Actions | None = None,
    *,
    second_person: bool = False,
) -> ActionLedger:
    """The ledger; `people` are those with an account."""
    clock = clock or FixedClock(NOW)
    return ActionLedger(
        database,
        actions or all_actions(),
        AuditLog(database, KEY, clock),
        clock,
        anyone if people is None else lambda _, name: people.get(name),
        second_person=second_person,
    )


def small_fleet(database: Database) -> list[int]:
    """D01 and D02 at Northgate, D03 at Harbor, two alerts on each that stand; gives the numbers of the alerts."""
    sites = [builders.site("S01", "Northgate"), builders.site("S02", "Harbor")]
    devices = [
        builders.device("D01", "S01"),
        builders.device("D02", "S01", battery_model="GEL-600"),
        builders.device("D03", "S02"),
    ]
    builders.install(database, sites, devices)
    with database.write() as connection:
        for device in devices:
            for name, severity, value in (("T_HIGH", "minor", 36.5), ("OHMIC", "major", 33.0)):
                add_alert(connection, device.device_id, device.site_id, name=name, severity=severity, value=value)
        return list(connection.scalars(sa.select(alerts.c.alert_id).order_by(alerts.c.alert_id)))


def add_alert(connection: sa.Connection, device_id: str, site_id: str, **values: Any) -> None:
    """One alert, raised two hours ago and standing."""
    raised = NOW - timedelta(hours=2)
    plain = {"device_id": device_id, "site_id": site_id, "began_utc": raised, "raised_utc": raised}
    connection.execute(sa.insert(alerts).values(plain | values))
