"""The whole nightly analysis of a fleet, as one call: health, runtime, forecasts, trends, efficiency, coverage."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import get_args

from tools.analytics.efficiency import find_efficiency
from tools.analytics.forecast import ForecastField, forecast
from tools.analytics.health import score_health
from tools.analytics.runtime import estimate_runtime
from tools.analytics.soh import estimate_soh
from tools.analytics.trends import field_trend
from tools.errors import NotEnoughDataError
from tools.quantity import Window
from tools.telemetry.coverage import find_coverage
from tools.telemetry.fleet import Device
from tools.telemetry.store import ReadingStore

TRENDS = ("internal_resistance_mohm", "float_current_ma", "cell_temperature_c")


def analyse(store: ReadingStore, devices: Sequence[Device], now: datetime) -> None:
    """Everything a night computes for these devices; the results are thrown away."""
    month = Window(start=now - timedelta(days=30), end=now)
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
