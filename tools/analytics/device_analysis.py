"""Everything that is judged of one device in one result: health, anomalies, state of health, runtime."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from tools.analytics.anomalies import AnomalyReport, find_anomalies
from tools.analytics.health import HealthReport, score_health
from tools.analytics.runtime import RuntimeReport, estimate_runtime
from tools.analytics.soh import SohReport, estimate_soh
from tools.errors import NoDataError, NotEnoughDataError
from tools.quantity import Frozen, Window
from tools.telemetry.fleet import Device
from tools.telemetry.store import ReadingStore

Judged = TypeVar("Judged", bound=Frozen)


class NotJudged(Frozen):
    """What could not be judged, and why."""

    what: str
    why: str


class DeviceAnalysis(Frozen):
    """The judgements of one device; what is missing stands in `not_judged` with its reason."""

    device_id: str
    site_id: str
    window: Window
    health: HealthReport
    anomalies: AnomalyReport | None = None
    soh: SohReport | None = None
    runtime: RuntimeReport | None = None
    not_judged: tuple[NotJudged, ...] = ()


def analyse_device(store: ReadingStore, device: Device, window: Window, now: datetime) -> DeviceAnalysis:
    """Judge one device: anomalies over the window, the rest as it stands now."""
    missing: list[NotJudged] = []

    def judged(what: str, judge: Callable[[], Judged]) -> Judged | None:
        try:
            return judge()
        except (NotEnoughDataError, NoDataError) as error:
            missing.append(NotJudged(what=what, why=f"{error.message} {error.hint}".strip()))
            return None

    return DeviceAnalysis(
        device_id=device.device_id,
        site_id=device.site_id,
        window=window,
        health=score_health(store, [device], now),
        anomalies=judged("anomalies", lambda: find_anomalies(store, [device], window)),
        soh=judged("state of health", lambda: estimate_soh(store, [device], now)),
        runtime=judged("runtime", lambda: estimate_runtime(store, [device], now)),
        not_judged=tuple(missing),
    )
