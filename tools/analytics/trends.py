"""Which way a field goes over a window: its slope with an interval, and whether that is more than chance."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Literal

import numpy as np
from scipy import stats

from tools.analytics.even_series import Spacing, even_series
from tools.analytics.good_rows import Array
from tools.errors import BadArgumentError, NotEnoughDataError
from tools.quantity import CONFIDENCE, Asked, Frozen, Quantity, Statistic, Window
from tools.telemetry.fields import field_facts
from tools.telemetry.fleet import Device
from tools.telemetry.store import ReadingStore

Direction = Literal["rising", "falling", "steady"]
LEAST_POINTS = 5
# Up to here hours are the points of the line, beyond it days, so that the daily swing is no trend.
HOURS_UP_TO = timedelta(days=5)


class DeviceTrend(Frozen):
    """Slope of one device's field, in its unit per day and per week.

    The direction is steady where the 99 % interval holds zero, so that a fleet of steady values shows no rising one by
    chance.
    """

    device_id: str
    site_id: str
    per_day: Quantity
    per_week: Quantity
    low_per_week: Quantity
    high_per_week: Quantity
    first: Quantity
    last: Quantity
    direction: Direction


class TrendReport(Frozen):
    """Trend of a field for every device with enough data, with the reasons for the others."""

    asked: Asked
    field: str
    confidence: Quantity = CONFIDENCE
    devices: tuple[DeviceTrend, ...]
    refused: tuple[str, ...] = ()


def field_trend(store: ReadingStore, devices: Sequence[Device], field: str, window: Window) -> TrendReport:
    """Theil-Sen slope of hourly (up to five days) or daily means, per day and per week.

    Raises:
        BadArgumentError: the field is not a number.
        NotEnoughDataError: no device has five points.
    """
    facts = field_facts(field)
    if not facts.is_numeric:
        raise BadArgumentError(f"The {facts.label} is not a number, so it has no trend.", "Ask for its history.")
    spacing: Spacing = "hour" if window.length <= HOURS_UP_TO else "day"
    found, refused, rows = [], [], 0
    for device in devices:
        try:
            series = even_series(store, device, field, window, spacing)
            found.append(_device_trend(device, field, series.values, spacing, window))
            rows += series.rows
        except NotEnoughDataError as short:
            refused.append(f"{device.device_id}: {short.message}")
    if not found:
        raise NotEnoughDataError(refused[0], "Ask for a longer window.")
    ids = tuple(device.device_id for device in devices)
    newest = store.newest(ids)
    return TrendReport(
        asked=Asked(devices=ids, fields=(field,), window=window, rows=rows, newest=max(newest.values())),
        field=field,
        devices=tuple(found),
        refused=tuple(refused),
    )


def _device_trend(device: Device, field: str, values: Array, spacing: Spacing, window: Window) -> DeviceTrend:
    if len(values) < LEAST_POINTS:
        raise NotEnoughDataError(
            f"{device.device_id} has {len(values)} {spacing}s of it; a trend needs {LEAST_POINTS}."
        )
    days = np.arange(len(values)) / (24 if spacing == "hour" else 1)
    fit = stats.theilslopes(values, days, alpha=0.90)
    # Neighbouring means resemble each other, so there are fewer independent ones than it seems.
    widened = _independence(values - fit.slope * days)
    low = fit.slope - (fit.slope - fit.low_slope) * widened
    high = fit.slope + (fit.high_slope - fit.slope) * widened
    surely = stats.theilslopes(values, days, alpha=0.99)
    lowest = fit.slope - (fit.slope - surely.low_slope) * widened
    highest = fit.slope + (surely.high_slope - fit.slope) * widened
    direction: Direction = "rising" if lowest > 0 else "falling" if highest < 0 else "steady"
    unit = field_facts(field).unit

    def of(value: float, statistic: Statistic) -> Quantity:
        return Quantity(
            value=round(value, 6),
            unit=unit,
            statistic=statistic,
            field=field,
            device_id=device.device_id,
            site_id=device.site_id,
            window=window,
            rows=len(values),
        )

    return DeviceTrend(
        device_id=device.device_id,
        site_id=device.site_id,
        per_day=of(fit.slope, "slope"),
        per_week=of(7 * fit.slope, "slope"),
        low_per_week=of(7 * low, "interval_low"),
        high_per_week=of(7 * high, "interval_high"),
        first=of(float(values[0]), "first"),
        last=of(float(values[-1]), "last"),
        direction=direction,
    )


def _independence(residuals: Array) -> float:
    """How much wider an interval is for the resemblance of neighbours (lag-1 autocorrelation)."""
    centred = residuals - residuals.mean()
    power = float(centred @ centred)
    if power <= 0:
        return 1.0
    resemblance = float(np.clip(centred[1:] @ centred[:-1] / power, 0, 0.95))
    return float(np.sqrt((1 + resemblance) / (1 - resemblance)))
