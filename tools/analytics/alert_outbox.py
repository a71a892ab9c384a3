"""What is to be told about alerts: noted in the database before anything is sent, so that a restart forgets nothing."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from tools.analytics.alert_rules import BY_NAME, SEVERITIES, AlertName, AlertSeverity
from tools.analytics.alert_schema import alert_deliveries, alerts
from tools.clock import Utc
from tools.database import Database
from tools.quantity import Frozen

AlertEvent = Literal["raised", "worse", "cleared"]
Channel = Literal["webhook", "mail"]
# What was raised earlier than this, when it is first seen, is old news: a delivery that is switched on stays calm.
NEWS = timedelta(days=1)
# An alert that cleared longer ago is told of no more.
OVER = timedelta(days=2)


class AlertMessage(Frozen):
    """What a receiver is told of one event of one alert. `key` is the same each time the same event is sent."""

    key: str
    event: AlertEvent
    severity: AlertSeverity
    device_id: str
    site_id: str
    name: AlertName
    means: str
    began: Utc
    raised: Utc
    cleared: Utc | None = None
    worst_value: float
    unit: str

    @property
    def subject(self) -> str:
        """One line, for the head of a mail."""
        words = f"{self.severity} alert {self.name} {self.event}: {self.device_id} at {self.site_id}"
        # Names come from files: a line break in one must not begin a new header.
        return " ".join(words.split())


@dataclass(frozen=True)
class Waiting:
    """A message that is to be sent now, and how often that was tried before."""

    delivery_id: int
    channel: Channel
    attempts: int
    message: AlertMessage


def note_events(database: Database, channels: Sequence[Channel], least: AlertSeverity, now: datetime) -> int:
    """Note what happened to alerts and was not noted before, of this severity and worse; gives how many messages wait.

    An alert that is not told of, being old or slight, is noted too: so that it is known when it gets worse.
    """
    table, noted = alerts.c, 0
    recent = sa.or_(table.cleared_utc.is_(None), table.cleared_utc >= now - OVER)
    with database.write() as connection:
        rows = connection.execute(sa.select(alerts).where(recent).order_by(table.raised_utc)).mappings().all()
        for row in rows:
            for channel in channels:
                noted += _note(connection, row, channel, least, now)
    return noted


def _note(connection: Connection, row: sa.RowMapping, channel: Channel, least: AlertSeverity, now: datetime) -> int:
    """Add what is new of one alert for one channel; gives how many messages that made."""
    known = _known(connection, row, channel)
    told = [one for one in known if one["state"] != "skipped"]
    waits = SEVERITIES.index(row["severity"]) >= SEVERITIES.index(least)
    new: list[tuple[AlertEvent, bool]] = []
    if not known:
        new.append(("raised", waits and row["raised_utc"] >= now - NEWS))
    elif SEVERITIES.index(row["severity"]) > max(SEVERITIES.index(one["severity"]) for one in known):
        new.append(("worse", waits))
    if row["cleared_utc"] is not None and all(one["event"] != "cleared" for one in known):
        # Who was told that it stands is told that it is over.
        new.append(("cleared", bool(told) or any(is_told for _, is_told in new)))
    for event, is_told in new:
        connection.execute(sa.insert(alert_deliveries).values(_row(_message(row, event), channel, is_told, now)))
    return sum(is_told for _, is_told in new)


def _known(connection: Connection, row: sa.RowMapping, channel: Channel) -> Sequence[sa.RowMapping]:
    table = alert_deliveries.c
    query = sa.select(table.event, table.severity, table.state).where(
        table.device_id == row["device_id"],
        table.name == row["name"],
        table.raised_utc == row["raised_utc"],
        table.channel == channel,
    )
    return connection.execute(query).mappings().all()


def _message(row: Mapping[str, Any] | sa.RowMapping, event: AlertEvent) -> AlertMessage:
    rule = BY_NAME[row["name"]]
    about = (row["device_id"], row["name"], row["raised_utc"].isoformat(), event, row["severity"])
    return AlertMessage(
        key=hashlib.sha256("\n".join(about).encode()).hexdigest()[:32],
        event=event,
        severity=row["severity"],
        device_id=row["device_id"],
        site_id=row["site_id"],
        name=rule.name,
        means=rule.means,
        began=row["began_utc"],
        raised=row["raised_utc"],
        cleared=row["cleared_utc"] if event == "cleared" else None,
        worst_value=row["value"],
        unit=rule.unit,
    )


def _row(message: AlertMessage, channel: Channel, is_told: bool, now: datetime) -> dict[str, object]:
    return {
        "event_key": message.key,
        "channel": channel,
        "device_id": message.device_id,
        "name": message.name,
        "raised_utc": message.raised,
        "event": message.event,
        "severity": message.severity,
        "message_json": message.model_dump_json(),
        "state": "waiting" if is_told else "skipped",
        "attempts": 0,
        "noted_utc": now,
        "next_try_utc": now,
    }


def due_messages(database: Database, channels: Sequence[Channel], now: datetime) -> list[Waiting]:
    """Messages whose time has come, in the order of their events."""
    table = alert_deliveries.c
    query = (
        sa.select(table.delivery_id, table.channel, table.attempts, table.message_json)
        .where(table.state == "waiting", table.next_try_utc <= now, table.channel.in_(channels))
        .order_by(table.delivery_id)
    )
    with database.read() as connection:
        rows = connection.execute(query).all()
    return [Waiting(row[0], row[1], row[2], AlertMessage.model_validate_json(row[3])) for row in rows]


def claim(database: Database, waiting: Waiting, next_try: datetime) -> bool:
    """Take a message to send it; False where another process was faster. If we die, it is tried again then."""
    table = alert_deliveries.c
    with database.write() as connection:
        mine = connection.execute(
            sa.update(alert_deliveries)
            .where(
                table.delivery_id == waiting.delivery_id,
                table.state == "waiting",
                table.attempts == waiting.attempts,
            )
            .values(attempts=waiting.attempts + 1, next_try_utc=next_try)
        )
        return mine.rowcount == 1


def note_delivered(database: Database, waiting: Waiting, now: datetime) -> None:
    """The receiver has it."""
    _change(database, waiting, {"state": "delivered", "delivered_utc": now, "last_error": None})


def note_failure(database: Database, waiting: Waiting, error: str, *, is_final: bool) -> None:
    """It could not be sent; a final failure is not tried again."""
    _change(database, waiting, {"last_error": error, "state": "failed" if is_final else "waiting"})


def _change(database: Database, waiting: Waiting, values: dict[str, object]) -> None:
    with database.write() as connection:
        connection.execute(
            sa.update(alert_deliveries).where(alert_deliveries.c.delivery_id == waiting.delivery_id).values(**values)
        )


def count_undelivered(connection: Connection, device_ids: Sequence[str]) -> int:
    """Messages about these devices that could not be sent so far."""
    table = alert_deliveries.c
    query = (
        sa.select(sa.func.count())
        .select_from(alert_deliveries)
        .where(table.device_id.in_(device_ids), table.last_error.is_not(None), table.state != "delivered")
    )
    return int(connection.scalar(query) or 0)
