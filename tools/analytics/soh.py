"""State of health with a 90 % interval, fused from independent signals, and the risk of falling below 80 %."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import NormalDist

import numpy as np
import pandas as pd
from scipy.stats import chi2

from tools.analytics.discharges import FIELDS, seen_discharges
from tools.analytics.good_rows import good_rows, held_hours, numbers
from tools.analytics.soh_signals import (
    Signal,
    SignalName,
    age_signal,
    discharge_signal,
    float_signal,
    measured_ohmic_mohm,
    ohmic_signal,
    wear_pct_per_year,
)
from tools.quantity import CONFIDENCE, Asked, Frozen, Quantity, Statistic, Window
from tools.telemetry.fleet import Device
from tools.telemetry.store import ReadingStore

LOOK_BACK = timedelta(days=60)
WEEKS = (4, 8, 12)
END_OF_LIFE_PCT = 80.0
END_OF_LIFE = Quantity(value=END_OF_LIFE_PCT, unit="%", statistic="limit_low", field="soh_pct")
DEEP = 0.20
Z_90 = 1.645
# How far the wear of the coming weeks may be from that of the window.
WEAR_SD_SHARE = 0.5
# Signals further apart than in 19 of 20 cases contradict each other.
CHANCE = 0.95


@dataclass(frozen=True)
class HealthState:
    """Health of a string as a normal distribution, %, and how fast it falls, % a year."""

    soh_pct: float
    sd_pct: float
    wear_pct_per_year: float
    signals: tuple[Signal, ...]
    deepest: float | None
    rows: int


class SohSignal(Frozen):
    """What one signal says, and its weight in the estimate from 0 to 1."""

    name: SignalName
    says: Quantity
    weight: Quantity
    means: str


class Risk(Frozen):
    """Probability in % that health is below 80 % in so many weeks."""

    weeks: int
    probability: Quantity


class DeviceSoh(Frozen):
    """Health of one device with its interval; without a value where nothing measured supports one."""

    device_id: str
    site_id: str
    soh: Quantity
    low: Quantity
    high: Quantity
    risks: tuple[Risk, ...] = ()
    signals: tuple[SohSignal, ...] = ()
    deepest_discharge: Quantity
    why: str


class SohReport(Frozen):
    """Our estimate of health of every device asked about, lowest first; not the monitor's."""

    asked: Asked
    confidence: Quantity = CONFIDENCE
    end_of_life: Quantity = END_OF_LIFE
    devices: tuple[DeviceSoh, ...]


def estimate_soh(store: ReadingStore, devices: Sequence[Device], now: datetime) -> SohReport:
    """Health in % of rated capacity from the last 60 days of good rows."""
    window = Window(start=now - LOOK_BACK, end=now)
    states = [health_state(store, device, window) for device in devices]
    found = [_device_soh(device, state, window) for device, state in zip(devices, states, strict=True)]
    found.sort(key=lambda one: (one.soh.value is None, one.soh.value or 0))
    ids = tuple(device.device_id for device in devices)
    newest = store.newest(ids)
    return SohReport(
        asked=Asked(
            devices=ids,
            fields=FIELDS,
            window=window,
            rows=sum(state.rows for state in states if state),
            newest=max(newest.values()) if newest else None,
        ),
        devices=tuple(found),
    )


def health_state(store: ReadingStore, device: Device, window: Window) -> HealthState | None:
    """The fused estimate at the end of a window; None where no signal supports one."""
    return health_of_rows(good_rows(store, device.device_id, FIELDS, window), device, window.end)


def health_of_rows(rows: pd.DataFrame, device: Device, now: datetime) -> HealthState | None:
    """The same from rows already read."""
    if rows.empty or device.rated_capacity_ah is None:
        return None
    ohmic = measured_ohmic_mohm(rows, device)
    seen = seen_discharges(rows, device)
    warm = numbers(rows, "cell_temperature_c")
    mean_c = float(np.nanmean(warm)) if np.isfinite(warm).any() else None
    drawn = np.maximum(-np.nan_to_num(numbers(rows, "string_current_a")), 0)
    is_drawing = drawn > 0.02 * device.rated_capacity_ah
    drawn_ah = float((drawn * is_drawing * held_hours(rows, device.poll_interval_s)).sum())
    years = max(float(rows["hours"].max() - rows["hours"].min()), 1.0) / 8766
    cycles = drawn_ah / device.rated_capacity_ah / years
    discharge, current = discharge_signal(seen, device, ohmic), float_signal(rows, device)

    def signals_near(near_pct: float | None) -> tuple[Signal, ...]:
        rise, age = ohmic_signal(device, ohmic, near_pct), age_signal(device, mean_c, cycles, now, near_pct)
        return tuple(signal for signal in (discharge, rise, current, age) if signal is not None)

    signals = signals_near(None)
    if not signals:
        return None
    # Each law is surer of a new string than of a worn one. Taken at its own word, a signal that errs towards new would
    # count for more; so all are taken at the same health.
    signals = signals_near(_fuse(signals)[0])
    mean, sd = _fuse(signals)
    deepest = max((one.depth for one in seen), default=None)
    # A string without a temperature is taken to wear as at the reference; its interval is no narrower for it.
    wear = wear_pct_per_year(mean_c if mean_c is not None else 25.0, cycles)
    return HealthState(mean, sd, wear, signals, deepest, len(rows))


def _fuse(signals: Sequence[Signal]) -> tuple[float, float]:
    """Weighted by inverse variance; signals that contradict each other beyond chance widen the result (Birge ratio)."""
    values = np.array([signal.soh_pct for signal in signals])
    weights = np.array([signal.sd_pct for signal in signals]) ** -2.0
    mean = float((weights * values).sum() / weights.sum())
    sd = float(weights.sum() ** -0.5)
    contradiction, free = float((weights * (values - mean) ** 2).sum()), len(signals) - 1
    # Differences that the signals' own spreads explain are in the result already.
    if free and contradiction > chi2.ppf(CHANCE, free):
        sd *= float(np.sqrt(contradiction / free))
    return mean, sd


def risk_below(state: HealthState, weeks: int) -> float:
    """Probability from 0 to 1 that health is below 80 % in so many weeks."""
    lost = state.wear_pct_per_year * weeks * 7 / 365.25
    spread = float(np.hypot(state.sd_pct, WEAR_SD_SHARE * lost))
    return NormalDist(state.soh_pct - lost, spread).cdf(END_OF_LIFE_PCT)


def _device_soh(device: Device, state: HealthState | None, window: Window) -> DeviceSoh:
    def of(value: float | None, statistic: Statistic, unit: str = "%", field: str = "state of health") -> Quantity:
        return Quantity(
            value=None if value is None else round(value, 1),
            unit=unit,
            statistic=statistic,
            field=field,
            device_id=device.device_id,
            site_id=device.site_id,
            window=window,
            rows=state.rows if state else None,
        )

    deepest = 100 * state.deepest if state and state.deepest is not None else None
    if state is None:
        return DeviceSoh(
            device_id=device.device_id,
            site_id=device.site_id,
            soh=of(None, "estimate"),
            low=of(None, "interval_low"),
            high=of(None, "interval_high"),
            deepest_discharge=of(None, "max"),
            why=_why_not(device),
        )
    weights = np.array([signal.sd_pct for signal in state.signals]) ** -2.0
    return DeviceSoh(
        device_id=device.device_id,
        site_id=device.site_id,
        soh=of(state.soh_pct, "estimate"),
        low=of(state.soh_pct - Z_90 * state.sd_pct, "interval_low"),
        high=of(state.soh_pct + Z_90 * state.sd_pct, "interval_high"),
        risks=tuple(
            Risk(weeks=weeks, probability=of(100 * risk_below(state, weeks), "probability")) for weeks in WEEKS
        ),
        signals=tuple(
            SohSignal(
                name=signal.name,
                says=of(signal.soh_pct, "estimate", field=signal.name),
                weight=of(100 * float(weight / weights.sum()), "weight", field=signal.name),
                means=signal.source,
            )
            for signal, weight in zip(state.signals, weights, strict=True)
        ),
        deepest_discharge=of(deepest, "max", field="discharge depth"),
        why=_why(state),
    )


def _why(state: HealthState) -> str:
    if state.deepest is not None and state.deepest >= DEEP:
        return "; ".join(signal.source for signal in state.signals)
    return "no discharge deeper than 20 % in the window, so it rests on the other signals"


def _why_not(device: Device) -> str:
    if device.rated_capacity_ah is None:
        return "cannot be estimated: the rated capacity of this string is not known"
    return (
        "cannot be estimated: in the last 60 days there is no discharge from full, no ohmic value with a baseline, "
        "and no temperature with an installation date"
    )
