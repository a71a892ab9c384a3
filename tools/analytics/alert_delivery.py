"""Tells the world of alerts: notes what happened, sends what is due, and tries again later what failed."""

import logging
from collections.abc import Mapping
from datetime import timedelta

import sqlalchemy as sa

from tools.analytics.alert_outbox import (
    Channel,
    Waiting,
    claim,
    due_messages,
    note_delivered,
    note_events,
    note_failure,
)
from tools.analytics.alert_rules import AlertSeverity
from tools.analytics.alert_schema import alert_deliveries
from tools.analytics.alert_senders import DeliveryError, Sender
from tools.clock import Clock, Utc
from tools.database import Database
from tools.quantity import Frozen, Quantity

log = logging.getLogger(__name__)
# The wait doubles from try to try; together the tries of one message last about a day.
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(hours=2)
MOST_TRIES = 20


class FailedDelivery(Frozen):
    """The newest message that could not be sent, and why."""

    channel: Channel
    device_id: str
    name: str
    event: str
    error: str
    noted: Utc


class DeliveryReport(Frozen):
    """How many messages about alerts were delivered, wait, or failed for good."""

    delivered: Quantity
    waiting: Quantity
    failed: Quantity
    newest_failure: FailedDelivery | None = None


class AlertDelivery:
    """Delivers what happens to alerts over every channel that is set up.

    A message is sent at least once. It is sent twice only where we died, or the line broke, between its arrival and
    our note of it; the receiver knows it then by its key.
    """

    def __init__(
        self, database: Database, clock: Clock, senders: Mapping[Channel, Sender], least: AlertSeverity
    ) -> None:
        self._database = database
        self._clock = clock
        self._senders = senders
        self._least = least

    def run_once(self) -> int:
        """Note what is new and send what is due; gives how many messages were delivered."""
        channels = list(self._senders)
        note_events(self._database, channels, self._least, self._clock.now())
        return sum(self._send(one) for one in due_messages(self._database, channels, self._clock.now()))

    def _send(self, waiting: Waiting) -> bool:
        wait = min(FIRST_WAIT * 2**waiting.attempts, LONGEST_WAIT)
        if not claim(self._database, waiting, self._clock.now() + wait):
            return False
        facts = {"channel": waiting.channel, "device": waiting.message.device_id, "alert": waiting.message.name}
        try:
            self._senders[waiting.channel].send(waiting.message)
        except DeliveryError as error:
            is_final = waiting.attempts + 1 >= MOST_TRIES
            note_failure(self._database, waiting, error.message, is_final=is_final)
            log.warning("alert not delivered", extra={**facts, "reason": error.message, "final": is_final})
            return False
        note_delivered(self._database, waiting, self._clock.now())
        log.info("alert delivered", extra=facts)
        return True


def delivery_report(database: Database) -> DeliveryReport:
    """What became of the messages so far."""
    table = alert_deliveries.c
    newest = (
        sa.select(alert_deliveries).where(table.last_error.is_not(None)).order_by(table.delivery_id.desc()).limit(1)
    )
    with database.read() as connection:
        counted = connection.execute(sa.select(table.state, sa.func.count()).group_by(table.state))
        counts = {row[0]: int(row[1]) for row in counted}
        row = connection.execute(newest).mappings().first()

    def count(state: str) -> Quantity:
        return Quantity(value=counts.get(state, 0), statistic="count", field=f"messages {state}")

    return DeliveryReport(
        delivered=count("delivered"),
        waiting=count("waiting"),
        failed=count("failed"),
        newest_failure=None
        if row is None
        else FailedDelivery(
            channel=row["channel"],
            device_id=row["device_id"],
            name=row["name"],
            event=row["event"],
            error=row["last_error"],
            noted=row["noted_utc"],
        ),
    )
