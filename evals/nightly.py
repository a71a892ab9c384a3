"""The whole nightly analysis of a fleet, as one call: everything the tools can say of a device, once.

Alerts are brought up to date with the day, as they are when readings come in.
"""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import get_args

from tools.analytics.alerts import evaluate_alerts
from tools.analytics.anomalies import find_anomalies
from tools.analytics.efficiency import find_efficiency
from tools.analytics.forecast import LOOK_BACK, ForecastField, forecast
from tools.analytics.health import score_health
from tools.analytics.runtime import estimate_runtime
from tools.analytics.soh import estimate_soh
from tools.analytics.trends import field_trend
from tools.database import Database
from tools.errors import NotEnoughDataError
from tools.quantity import Window
from tools.telemetry.coverage import find_coverage
from tools.telemetry.fleet import Device
from tools.telemetry.read_once import ReadOnceStore
from tools.telemetry.store import ReadingStore

TRENDS = ("internal_resistance_mohm", "float_current_ma", "cell_temperature_c")
DAY = timedelta(days=1)


def analyse(database: Database, devices: Sequence[Device], now: datetime) -> None:
    """Everything a night computes for these devices, each read once; the results are thrown away."""
    # Alerts look at the newest row too, which may be of this moment.
    known = Window(start=now - max(LOOK_BACK.values()), end=now + DAY)
    store = ReadOnceStore(database, known)
    for device in devices:
        _analyse(store, device, now)


def _analyse(store: ReadingStore, device: Device, now: datetime) -> None:
    devices, month = [device], Window(start=now - timedelta(days=30), end=now)
    evaluate_alerts(store.database, devices, now - DAY, store)
    find_anomalies(store, devices, Window(start=now - DAY, end=now))
    score_health(store, devices, now)
    estimate_soh(store, devices, now)
    estimate_runtime(store, devices, now)
    find_efficiency(store, devices, month)
    find_coverage(store, devices, month, now)
    for field in TRENDS:
        field_trend(store, devices, field, month)
    for name in get_args(ForecastField):
        # A month of days does not carry four weeks ahead; refusing is part of the night.
        with suppress(NotEnoughDataError):
            forecast(store, devices, name, now)
