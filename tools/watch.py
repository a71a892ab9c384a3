"""Tools that watch: which alerts stand or stood, and what is anomalous, with its cause and whose fault it is."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from tools.analytics.alert_rules import AlertSeverity
from tools.analytics.alerts import AlertReport, AlertState, list_alerts
from tools.analytics.anomalies import AnomalyReport, find_anomalies
from tools.clock import Clock, Utc
from tools.quantity import Window
from tools.telemetry.fleet import Device
from tools.telemetry.names import chosen_devices
from tools.telemetry.store import ReadingStore
from tools.telemetry.windows import asked_window, begin_of

# Faults creep in over days, so a day would hardly show one.
WATCHED = timedelta(days=30)


class WatchTools:
    """Questions about what went wrong and when."""

    def __init__(self, store: ReadingStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def list_alerts(
        self,
        devices: Sequence[str] | None = None,
        sites: Sequence[str] | None = None,
        severity: AlertSeverity | None = None,
        state: AlertState | None = None,
        start: Utc | None = None,
        end: Utc | None = None,
    ) -> AlertReport:
        """List alerts: what was raised when, how serious, and whether it still stands.

        Use for "any alarms at Harbor", "open critical alerts", "what went off last night", "is it acknowledged".

        Args:
            devices: Device ids, for example ["D03"]; the whole fleet where neither is named.
            sites: Site names, for example ["Harbor"].
            severity: This severity and worse: "info", "minor", "major" or "critical".
            state: "active", "acknowledged" or "cleared"; all where none.
            start: Begin of the window, ISO 8601; 30 days back where none.
            end: End of the window, exclusive; now where none.
        """
        chosen = chosen_devices(self._store.fleet(), devices, sites)
        return list_alerts(self._store.database, chosen, self._window(chosen, start, end), severity, state)

    def find_anomalies(
        self,
        devices: Sequence[str] | None = None,
        sites: Sequence[str] | None = None,
        start: Utc | None = None,
        end: Utc | None = None,
    ) -> AnomalyReport:
        """Find what is not normal, its likely cause, and whether battery, sensor, charger or link is at fault.

        Use for "anything unusual at Harbor", "is it the sensor or the battery", "which cell is failing",
        "since when", "how sure are you", "which layer saw it".

        Args:
            devices: Device ids, for example ["D03"]; the whole fleet where neither is named.
            sites: Site names, for example ["Harbor"].
            start: Begin of the window, ISO 8601; 30 days back where none.
            end: End of the window, exclusive; now where none.
        """
        chosen = chosen_devices(self._store.fleet(), devices, sites)
        return find_anomalies(self._store, chosen, self._window(chosen, start, end))

    def _window(self, chosen: Sequence[Device], start: datetime | None, end: datetime | None) -> Window:
        ids, now = [device.device_id for device in chosen], self._clock.now()
        return asked_window(self._store, ids, begin_of(start, end, now, WATCHED), end, now).window
