"""Keeps the alerts up to date with readings as they arrive."""

import logging
from datetime import datetime, timedelta

from tools.analytics.alerts import evaluate_alerts
from tools.database import Database
from tools.telemetry.store import ReadingStore

log = logging.getLogger(__name__)
# After a restart the last day is judged again: doing so twice changes nothing, and rows may have come meanwhile.
JUDGED_AGAIN = timedelta(days=1)


class AlertWatch:
    """Judges each device's new readings once they are there."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._store = ReadingStore(database)
        self._judged: dict[str, datetime] = {}

    def catch_up(self, most: int | None = None) -> int:
        """Evaluate what arrived since the last call, of so many devices at most; gives how many alerts were raised."""
        devices = {device.device_id: device for device in self._store.fleet().devices}
        raised = judged = 0
        for device_id, span in self._store.spans(list(devices)).items():
            since = self._judged.get(device_id, span.last - JUDGED_AGAIN)
            if span.last <= since or judged == most:
                continue
            judged += 1
            raised += evaluate_alerts(self._database, [devices[device_id]], since)
            self._judged[device_id] = span.last
        if raised:
            log.info("alerts raised", extra={"count": raised})
        return raised
