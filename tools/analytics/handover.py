"""What changed since a moment, as one shift tells the next: alerts raised and cleared, devices gone silent."""

from collections.abc import Sequence
from datetime import datetime

from tools.analytics.alerts import Alert, list_alerts
from tools.analytics.overview import is_stale
from tools.clock import Utc
from tools.quantity import Frozen, Quantity, Window
from tools.telemetry.fleet import Device
from tools.telemetry.store import ReadingStore


class Handover(Frozen):
    """Changes over [since, now), the newest first in each list."""

    since: Utc
    raised: tuple[Alert, ...]
    cleared: tuple[Alert, ...]
    gone_silent: tuple[str, ...]
    raised_count: Quantity
    cleared_count: Quantity


def find_changes(store: ReadingStore, devices: Sequence[Device], since: datetime, now: datetime) -> Handover:
    """Alerts raised or cleared since a moment, and devices last heard after it that are silent now."""
    window = Window(start=min(since, now), end=now)
    found = list_alerts(store.database, devices, window).alerts
    raised = sorted((one for one in found if one.raised >= since), key=lambda one: one.raised, reverse=True)
    cleared = sorted(
        (one for one in found if one.cleared is not None and one.cleared >= since),
        key=lambda one: one.cleared or now,
        reverse=True,
    )
    heard = store.newest([device.device_id for device in devices])
    return Handover(
        since=window.start,
        raised=tuple(raised),
        cleared=tuple(cleared),
        gone_silent=tuple(
            device.device_id
            for device in devices
            if (last := heard.get(device.device_id)) and last >= since and is_stale(device, last, now)
        ),
        raised_count=Quantity(value=len(raised), statistic="count", field="alerts", window=window),
        cleared_count=Quantity(value=len(cleared), statistic="count", field="alerts", window=window),
    )
