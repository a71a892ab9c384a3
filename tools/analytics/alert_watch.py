"""Keeps alerts up to date with readings as they arrive, and with the clock where none do."""

import logging
from datetime import datetime, timedelta

from tools.analytics.alert_rules import BY_NAME
from tools.analytics.alerts import evaluate_alerts
from tools.clock import Clock
from tools.database import Database
from tools.telemetry.fleet import Device
from tools.telemetry.store import ReadingStore

log = logging.getLogger(__name__)
# After a restart the last day is judged again: doing so twice changes nothing, and rows may have come meanwhile.
JUDGED_AGAIN = timedelta(days=1)
# A device that was not heard for longer was taken away, or came from a file: its silence is no news.
OUT_OF_SERVICE = timedelta(days=30)


class AlertWatch:
    """Judges each device's new readings once they are there, and its silence once it is due."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._store = ReadingStore(database)
        self._judged: dict[str, datetime] = {}
        self._silences: dict[str, int] = {}

    def catch_up(self, most: int | None = None) -> int:
        """Evaluate what happened since the last call, of so many devices at most; gives how many alerts were raised."""
        now = self._clock.now()
        devices = {device.device_id: device for device in self._store.fleet().devices}
        raised = judged = 0
        for device_id, span in self._store.spans(list(devices)).items():
            silences = _silences(devices[device_id], span.last, now)
            since = self._judged.get(device_id, span.last - JUDGED_AGAIN)
            is_new = span.last > since or silences != self._silences.get(device_id, 0)
            if not is_new or judged == most:
                continue
            judged += 1
            until = now if silences else None
            raised += evaluate_alerts(self._database, [devices[device_id]], min(since, span.last), now=until)
            self._judged[device_id], self._silences[device_id] = span.last, silences
        if raised:
            log.info("alerts raised", extra={"count": raised})
        return raised


def _silences(device: Device, last: datetime, now: datetime) -> int:
    """How many polls a device has missed, as far as that can still change an alert."""
    if now - last > OUT_OF_SERVICE:
        return 0
    # A site's own threshold may lie a little above the table's.
    most = 2 * int(max(BY_NAME["COMM"].steps.values()))
    missed = (now - last) // timedelta(seconds=device.poll_interval_s)
    return min(missed, most) if missed > 1 else 0
