"""The newest health of each device; one is judged anew once it has new rows or alerts, and no request waits long for it."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from tools.analytics.health import DeviceHealth, judge_devices
from tools.telemetry.fleet import Device
from tools.telemetry.store import ReadingStore

# A request judges for so many seconds at most; what it does not get to is shown as it was judged before.
PATIENCE_S = 1.0


@dataclass(frozen=True)
class _Judged:
    health: DeviceHealth
    mark: object
    order: int


class HealthBook:
    """Judgements by device. May be asked from any thread; `generation` differs once one is new."""

    def __init__(self, watch: Callable[[], float] = time.perf_counter) -> None:
        self._watch = watch
        self._lock = threading.Lock()
        self._judged: dict[str, _Judged] = {}
        self.generation = 0

    def judge(
        self,
        store: ReadingStore,
        devices: Sequence[Device],
        newest: Mapping[str, datetime],
        marks: Mapping[str, object],
        now: datetime,
    ) -> list[DeviceHealth]:
        """The health of each device, as of now or as of shortly before.

        Args:
            newest: when each device was last heard.
            marks: what differs once a device has new rows or alerts.
        """
        unknown = any(device.device_id not in self._judged for device in devices)
        # While another request judges, what is known will do.
        if self._lock.acquire(blocking=unknown):
            try:
                self._bring_up_to_date(store, devices, newest, marks, now)
            finally:
                self._lock.release()
        return [self._judged[device.device_id].health for device in devices]

    def _bring_up_to_date(
        self,
        store: ReadingStore,
        devices: Sequence[Device],
        newest: Mapping[str, datetime],
        marks: Mapping[str, object],
        now: datetime,
    ) -> None:
        due = [device for device in devices if self._is_due(device, marks)]
        due.sort(key=self._order)
        until = self._watch() + PATIENCE_S
        for device in due:
            if device.device_id in self._judged and self._watch() > until:
                break
            (health,) = judge_devices(store, [device], newest, now)
            self.generation += 1
            self._judged[device.device_id] = _Judged(health, marks.get(device.device_id), self.generation)

    def _is_due(self, device: Device, marks: Mapping[str, object]) -> bool:
        known = self._judged.get(device.device_id)
        return known is None or known.mark != marks.get(device.device_id)

    def _order(self, device: Device) -> int:
        """Those never judged first, then those whose judgement is the oldest."""
        known = self._judged.get(device.device_id)
        return 0 if known is None else known.order
