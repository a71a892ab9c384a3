"""Whether the data of the fleet still is what it was: per signal, for the quality of the data, and for what is said."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal

import numpy as np
import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from tools.analytics.device_history import DeviceHistory, read_history
from tools.errors import NotEnoughDataError
from tools.mlops.conditions import CONDITIONS
from tools.mlops.features import MEASURED
from tools.mlops.registry import CONDITION
from tools.mlops.schema import condition_scores
from tools.mlops.shift import LEAST_REFERENCE_DAYS, Shift, shift_of
from tools.mlops.signals import signals_of
from tools.quantity import Asked, Frozen, Quantity, Window
from tools.telemetry.fleet import Device
from tools.telemetry.store import ReadingStore

CURRENT = timedelta(days=7)
REFERENCE = timedelta(days=56)
DriftOf = Literal["signal", "data quality", "prediction"]
# Several signals of several devices are looked at: this many times the threshold is needed for one alone to count.
_CERTAIN = 1.5
_PERMUTATIONS = 1000
_LEAST_SCORES = 20
_P_VALUE = 0.01


class Drift(Frozen):
    """One thing that moved: its distance in standard deviations of its past, the threshold, times the threshold."""

    of: DriftOf
    name: str
    means: str
    device_id: str | None = None
    site_id: str | None = None
    distance: Quantity
    threshold: Quantity
    strength: Quantity


class DriftReport(Frozen):
    """What moved in the newest week against the weeks before it, the strongest first."""

    asked: Asked
    reference: Window
    drifts: tuple[Drift, ...]
    count: Quantity
    looked_at: Quantity
    not_judged: tuple[str, ...] = ()
    # Whether the answers were compared.
    note: str
    means: str


def find_drift(store: ReadingStore, devices: Sequence[Device], now: datetime) -> DriftReport:
    """Drift of the last week against up to eight weeks before it.

    Raises:
        NotEnoughDataError: no device has enough days to compare with.
    """
    current = Window(start=now - CURRENT, end=now)
    reference = Window(start=current.start - REFERENCE, end=current.start)
    found, not_judged, looked_at, rows = [], [], 0, 0
    for device in devices:
        history = read_history(store, device, reference.start, now)
        shifts = device_shifts(history, current.start)
        if not shifts:
            not_judged.append(device.device_id)
        looked_at += len(shifts)
        rows += len(history.received)
        found += [_drift(device, name, of, shift, current) for (of, name), shift in shifts.items() if is_told(shift)]
    if looked_at == 0:
        raise NotEnoughDataError(
            f"No device has {LEAST_REFERENCE_DAYS} days of readings before the last week.",
            "Drift can be judged once there are three weeks of readings.",
        )
    with store.database.read() as connection:
        moved, prediction = prediction_drift(connection, current, [device.device_id for device in devices])
    found += moved
    found.sort(key=lambda one: -(one.strength.value or 0))
    return DriftReport(
        asked=Asked(devices=tuple(device.device_id for device in devices), window=current, rows=rows),
        reference=reference,
        drifts=tuple(found),
        count=Quantity(value=len(found), statistic="count", field="drifts", window=current),
        looked_at=Quantity(value=looked_at, statistic="count", field="signals compared", window=current),
        not_judged=tuple(not_judged),
        note=f"Predicted conditions: {prediction}.",
        means="the last week differs from the weeks before it" if found else "the last week is like those before it",
    )


def is_told(shift: Shift) -> bool:
    """Whether a shift stands out among the many that are looked at."""
    return shift.strength > _CERTAIN


def device_shifts(history: DeviceHistory, since: datetime) -> Mapping[tuple[DriftOf, str], Shift]:
    """The shift of every signal of one device that can be judged."""
    if history.rows.empty:
        return {}
    found: dict[tuple[DriftOf, str], Shift] = {}
    series: list[tuple[DriftOf, str, pd.Series]] = [
        *(("signal", name, values) for name, values in signals_of(history).items() if name not in _NOT_COMPARED),
        *(("data quality", name, values) for name, values in quality_of(history).items()),
    ]
    moment = pd.Timestamp(since)
    for of, name, values in series:
        shift = shift_of(values[values.index < moment], values[values.index >= moment])
        if shift is not None:
            found[of, name] = shift
    return found


# Quality is compared by hour, below; the slope is an estimate from a few hours, and moves with the weather.
_NOT_COMPARED = frozenset({"not_fresh", "gap_polls", "frame_age_polls", "slope_v_per_k"})


def quality_of(history: DeviceHistory) -> Mapping[str, pd.Series]:
    """Quality of the data by hour: rows there over rows expected, rows repeating old values, values missing."""
    received = history.received
    expected = timedelta(hours=1) / history.poll
    by_hour = received["cell_count"].resample("1h").size()
    is_old = pd.Series((~received.index.isin(history.rows.index)).astype(float), index=received.index)
    measured = received.select_dtypes("number")
    return {
        "rows_received": by_hour / expected,
        "rows_not_fresh": is_old.resample("1h").mean().dropna(),
        "values_missing": measured.isna().mean(axis=1).resample("1h").mean().dropna(),
    }


_QUALITY_MEANS = {
    "rows_received": "share of the expected rows that arrived",
    "rows_not_fresh": "share of rows that repeat old values",
    "values_missing": "share of values that are missing",
}
_SIGNAL_MEANS = {feature.signal: feature.means for feature in reversed(MEASURED)}


def _drift(device: Device, name: str, of: DriftOf, shift: Shift, window: Window) -> Drift:
    about = {"device_id": device.device_id, "site_id": device.site_id, "window": window, "field": name}
    unit = "standard deviations"
    return Drift(
        of=of,
        name=name,
        means=_QUALITY_MEANS.get(name) or _SIGNAL_MEANS.get(name, name.replace("_", " ")),
        device_id=device.device_id,
        site_id=device.site_id,
        distance=Quantity(value=round(shift.distance, 2), unit=unit, statistic="difference", **about),
        threshold=Quantity(value=round(shift.threshold, 2), unit=unit, statistic="limit_high", **about),
        strength=Quantity(value=round(shift.strength, 2), unit="times", statistic="ratio", **about),
    )


def prediction_drift(
    connection: Connection, current: Window, device_ids: Sequence[str], model: str = CONDITION
) -> tuple[list[Drift], str]:
    """Whether the answers of the last week name other conditions than before; with a word where that cannot be told."""
    table = condition_scores.c
    query = sa.select(table.device_id, table.end_utc, table.said).where(
        table.model == model,
        table.is_answer,
        table.end_utc <= current.end,
        table.device_id.in_(device_ids),
    )
    rows = list(connection.execute(query))
    before = [(row.device_id, row.said) for row in rows if row.end_utc <= current.start]
    now = [(row.device_id, row.said) for row in rows if row.end_utc > current.start]
    if len(before) < _LEAST_SCORES or len(now) < _LEAST_SCORES:
        return [], (
            f"not judged: {len(before)} scores before the last week and {len(now)} in it, {_LEAST_SCORES} each are needed"
        )
    distance = _variation([said for _, said in before], [said for _, said in now])
    threshold = _chance_variation(before, now)
    about = {"window": current, "field": "predicted conditions"}
    if distance <= threshold:
        return [], "the answers name the conditions about as often as before"
    return [
        Drift(
            of="prediction",
            name="predicted conditions",
            means="the answers name other conditions than before",
            distance=Quantity(value=round(distance, 3), statistic="difference", **about),
            threshold=Quantity(value=round(threshold, 3), statistic="limit_high", **about),
            strength=Quantity(value=round(distance / threshold, 2), unit="times", statistic="ratio", **about),
        )
    ], "the answers name other conditions than before"


def _variation(first: Sequence[str], second: Sequence[str]) -> float:
    """Half of the summed differences of the shares: 0 alike, 1 nothing in common."""
    one, two = Counter(first), Counter(second)
    return sum(abs(one[name] / len(first) - two[name] / len(second)) for name in CONDITIONS) / 2


def _chance_variation(before: Sequence[tuple[str, str]], now: Sequence[tuple[str, str]]) -> float:
    """The distance that chance exceeds in one of a hundred cases; whole devices change sides, as their weeks are alike."""
    rng = np.random.default_rng(0)
    devices = sorted({device for device, _ in [*before, *now]})
    drawn = []
    for _ in range(_PERMUTATIONS):
        flipped = dict(zip(devices, rng.random(len(devices)) < 0.5, strict=True))
        first = [said for device, said in before if not flipped[device]] + [
            said for device, said in now if flipped[device]
        ]
        second = [said for device, said in now if not flipped[device]] + [
            said for device, said in before if flipped[device]
        ]
        if first and second:
            drawn.append(_variation(first, second))
    return float(np.quantile(drawn, 1 - _P_VALUE))
