"""What a field will be: temperature and load by the hour, ohmic value and state of health by the day, with intervals."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import numpy as np

from tools.analytics.even_series import STEP, EvenSeries, Spacing, even_series
from tools.analytics.good_rows import Array
from tools.analytics.rolling_origin import CarriedOn, carry_on
from tools.analytics.soh_signals import ohmic_signal
from tools.errors import BadArgumentError, NotEnoughDataError
from tools.quantity import CONFIDENCE, Asked, ChartSpec, Frozen, Point, Quantity, Series, Statistic, Window
from tools.telemetry.fields import field_facts
from tools.telemetry.fleet import Device
from tools.telemetry.store import ReadingStore

ForecastField = Literal[
    "cell_temperature_c",
    "cell_temperature_max_c",
    "ambient_temperature_c",
    "dc_load_current_a",
    "internal_resistance_mohm",
    "internal_resistance_max_mohm",
    "soh_pct",
]
HOURLY = frozenset({"cell_temperature_c", "cell_temperature_max_c", "ambient_temperature_c", "dc_load_current_a"})
LOOK_BACK = {"hour": timedelta(days=30), "day": timedelta(days=180)}
HORIZON_H = {"hour": 24, "day": 28 * 24}
LONGEST_H = {"hour": 72, "day": 56 * 24}
SEASON = {"hour": 24, "day": 1}


@dataclass(frozen=True)
class _Scale:
    """How a field is forecast: which field is read, in what steps, and how many."""

    field: str
    spacing: Spacing
    steps: int


class LimitReached(Frozen):
    """When a limit is reached within the horizon: the likely moment, and the earliest and latest of the 90 % band."""

    limit: float
    likely: Quantity
    earliest: Quantity
    latest: Quantity


class DeviceForecast(Frozen):
    """One device's forecast. `measured_coverage` is how often the band held in its own past."""

    device_id: str
    site_id: str
    now: Quantity
    at_end: Quantity
    low: Quantity
    high: Quantity
    highest: Quantity
    lowest: Quantity
    limit: LimitReached | None = None
    method: str
    windows: Quantity
    measured_coverage: Quantity


class ForecastReport(Frozen):
    """Forecast of a field for every device that has enough data, with the reasons for the others."""

    asked: Asked
    field: str
    horizon: Quantity
    confidence: Quantity = CONFIDENCE
    devices: tuple[DeviceForecast, ...]
    refused: tuple[str, ...] = ()
    chart: ChartSpec | None = None


def forecast(
    store: ReadingStore,
    devices: Sequence[Device],
    field: ForecastField,
    now: datetime,
    horizon_hours: float | None = None,
    limit: float | None = None,
) -> ForecastReport:
    """Carry a field on for each device; the way is chosen on each series' own past.

    Raises:
        BadArgumentError: the horizon is too long or not above 0.
        NotEnoughDataError: no device has enough data.
    """
    scale = _scale(field, horizon_hours)
    window = Window(start=now - LOOK_BACK[scale.spacing], end=now)
    found, lines, refused, rows = [], [], [], 0
    for device in devices:
        try:
            series = _series(store, device, field, scale, window)
            ahead = carry_on(series.values, SEASON[scale.spacing], scale.steps, f"{scale.spacing}s")
        except NotEnoughDataError as short:
            refused.append(f"{device.device_id}: {short.message}")
            continue
        rows += series.rows
        found.append(_device_forecast(device, field, series, ahead, scale, limit))
        lines.extend(_lines(device, field, series, ahead, scale))
    if not found:
        raise NotEnoughDataError(refused[0], "Ask for a shorter horizon, or again when more data has come in.")
    facts = field_facts(field)
    ids = tuple(device.device_id for device in devices)
    newest = store.newest(ids)
    return ForecastReport(
        asked=Asked(devices=ids, fields=(scale.field,), window=window, rows=rows, newest=max(newest.values())),
        field=field,
        horizon=Quantity(value=scale.steps * (STEP[scale.spacing] / STEP["hour"]), unit="h", statistic="duration"),
        devices=tuple(found),
        refused=tuple(refused),
        chart=ChartSpec(
            title=f"Forecast of {facts.label}", kind="line", unit=facts.unit, series=tuple(lines), limit_high=limit
        ),
    )


def _scale(field: ForecastField, horizon_hours: float | None) -> _Scale:
    spacing: Spacing = "hour" if field in HOURLY else "day"
    hours = HORIZON_H[spacing] if horizon_hours is None else horizon_hours
    if not 0 < hours <= LONGEST_H[spacing]:
        raise BadArgumentError(
            f"A forecast of {field_facts(field).label} {hours:.0f} hours ahead would be a guess.",
            f"Ask for at most {LONGEST_H[spacing]} hours.",
        )
    # Health is our own estimate, so it is read from the ohmic value, never from the monitor's figure.
    read = "internal_resistance_mohm" if field == "soh_pct" else field
    return _Scale(read, spacing, max(1, int(np.ceil(hours / (STEP[spacing] / STEP["hour"])))))


def _series(store: ReadingStore, device: Device, field: ForecastField, scale: _Scale, window: Window) -> EvenSeries:
    series = even_series(store, device, scale.field, window, scale.spacing)
    if field != "soh_pct":
        return series
    signals = [ohmic_signal(device, float(value)) for value in series.values]
    health = [signal.soh_pct for signal in signals if signal is not None]
    if len(health) < len(signals):
        raise NotEnoughDataError(
            f"{device.device_id} has no ohmic value from its commissioning to judge health by.",
            "Ask for the internal resistance instead.",
        )
    return EvenSeries(np.array(health), series.end, series.rows)


def _device_forecast(
    device: Device, field: ForecastField, series: EvenSeries, ahead: CarriedOn, scale: _Scale, limit: float | None
) -> DeviceForecast:
    step, unit = STEP[scale.spacing], field_facts(field).unit

    def of(value: float, statistic: Statistic, place: int | None = None) -> Quantity:
        at = series.end if place is None else series.end + (place + 1) * step
        return Quantity(
            value=round(value, 3),
            unit=unit,
            statistic=statistic,
            field=field,
            device_id=device.device_id,
            site_id=device.site_id,
            at=at,
            rows=series.rows,
        )

    last, top, bottom = scale.steps - 1, int(np.argmax(ahead.values)), int(np.argmin(ahead.values))
    about = {"device_id": device.device_id, "site_id": device.site_id, "field": field}
    return DeviceForecast(
        device_id=device.device_id,
        site_id=device.site_id,
        now=of(float(series.values[-1]), "last"),
        at_end=of(float(ahead.values[last]), "forecast", last),
        low=of(float(ahead.low[last]), "interval_low", last),
        high=of(float(ahead.high[last]), "interval_high", last),
        highest=of(float(ahead.values[top]), "max", top),
        lowest=of(float(ahead.values[bottom]), "min", bottom),
        limit=None if limit is None else limit_reached(device, field, series, ahead, step, limit),
        method=ahead.candidate,
        windows=Quantity(value=ahead.windows, statistic="count", **about),
        measured_coverage=Quantity(value=round(100 * ahead.coverage), unit="%", statistic="share", **about),
    )


def limit_reached(
    device: Device, field: str, series: EvenSeries, ahead: CarriedOn, step: timedelta, limit: float
) -> LimitReached:
    """Hours until forecast and band reach a limit; no value where they do not within the horizon."""
    rises = series.values[-1] < limit
    near, far = (ahead.high, ahead.low) if rises else (ahead.low, ahead.high)

    def hours(line: Array, statistic: Statistic) -> Quantity:
        beyond = np.flatnonzero(line >= limit if rises else line <= limit)
        place = int(beyond[0]) + 1 if beyond.size else None
        return Quantity(
            value=None if place is None else place * (step / STEP["hour"]),
            unit="h",
            statistic=statistic,
            field=field,
            device_id=device.device_id,
            site_id=device.site_id,
            at=None if place is None else series.end + place * step,
        )

    return LimitReached(
        limit=limit,
        likely=hours(ahead.values, "forecast"),
        earliest=hours(near, "interval_low"),
        latest=hours(far, "interval_high"),
    )


def _lines(device: Device, field: str, series: EvenSeries, ahead: CarriedOn, scale: _Scale) -> list[Series]:
    step, unit = STEP[scale.spacing], field_facts(field).unit
    shown = min(len(series.values), 3 * scale.steps)
    past = [
        Point(at=series.end - (shown - place) * step, value=float(value))
        for place, value in enumerate(series.values[-shown:])
    ]
    lines = {"": ahead.values, " low": ahead.low, " high": ahead.high}
    drawn = {f"{device.device_id} forecast{name}": values for name, values in lines.items()}
    about = {"device_id": device.device_id, "site_id": device.site_id, "field": field, "unit": unit}
    return [
        Series(name=device.device_id, statistic="mean", points=tuple(past), **about),
        *(
            Series(
                name=name,
                statistic="forecast",
                points=tuple(
                    Point(at=series.end + (place + 1) * step, value=float(value))
                    for place, value in enumerate(values)
                ),
                **about,
            )
            for name, values in drawn.items()
        ),
    ]
