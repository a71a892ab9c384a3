"""The lives of one device's alerts as they are stored: read at once, and written where they changed."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from tools.analytics.alert_life import AlertLife
from tools.analytics.alert_rules import AlertName
from tools.analytics.alert_schema import alerts
from tools.telemetry.fleet import Device


def stored_lives(connection: Connection, device_id: str, since: datetime) -> list[AlertLife]:
    """Alerts of a device that stood at a moment or were raised later, in the order they were raised."""
    table = alerts.c
    query = (
        sa.select(alerts)
        .where(
            table.device_id == device_id,
            sa.or_(table.raised_utc >= since, table.cleared_utc.is_(None), table.cleared_utc >= since),
        )
        .order_by(table.raised_utc)
    )
    return [
        AlertLife(
            row["name"], row["severity"], row["began_utc"], row["raised_utc"], row["value"], row["cleared_utc"],
            is_acknowledged=row["acknowledged_utc"] is not None,
        )
        for row in connection.execute(query).mappings()
    ]  # fmt: skip


def active_at(stored: Sequence[AlertLife], name: AlertName, moment: datetime) -> AlertLife | None:
    """The alert that stood just before a moment, as it was then."""
    standing = [life for life in stored if life.name == name and life.raised < moment]
    if not standing:
        return None
    life = standing[-1]
    return AlertLife(name, life.severity, life.began, life.raised, life.value, is_acknowledged=life.is_acknowledged)


def keep(
    connection: Connection,
    device: Device,
    name: AlertName,
    since: datetime,
    lives: Iterable[AlertLife],
    stored: Sequence[AlertLife],
) -> int:
    """Write the lives of one rule; gives how many are new.

    Those of the re-evaluated time that did not come out again are taken back, unless a person has acknowledged them.
    """
    mine = (alerts.c.device_id == device.device_id) & (alerts.c.name == name)
    before = {life.raised: life for life in stored if life.name == name}
    new = 0
    for life in lives:
        known = before.pop(life.raised, None)
        values = {
            "severity": life.severity, "began_utc": life.began, "cleared_utc": life.cleared, "value": life.value,
        }  # fmt: skip
        if known is None:
            about = {"device_id": device.device_id, "site_id": device.site_id, "name": name}
            connection.execute(sa.insert(alerts).values(about | values | {"raised_utc": life.raised}))
            new += 1
        elif known != life:
            connection.execute(sa.update(alerts).where(mine, alerts.c.raised_utc == life.raised).values(values))
    for life in before.values():
        if life.raised >= since and not life.is_acknowledged:
            connection.execute(sa.delete(alerts).where(mine, alerts.c.raised_utc == life.raised))
    return new
