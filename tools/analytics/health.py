"""How healthy a string is, from 0 to 100, and which findings lower the score.

Indicators, ramps, weights and caps are those of the team's domain notes, section 1.3: a weighted geometric mean,
capped while something major or critical stands, and "unknown" instead of a number on bad data.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import numpy as np

from tools.analytics.group_health import BANDS, Band, GroupHealth, score_group
from tools.quantity import Asked, Frozen, Quantity, Window
from tools.telemetry.fleet import Device
from tools.telemetry.rollups import Figures
from tools.telemetry.store import LatestValue, ReadingStore, by_device

Grade = Literal["ok", "minor", "major", "critical"]
IndicatorName = Literal[
    "state of health", "ohmic rise", "cell deviation", "temperature rise", "float current", "data quality"
]

DAY = timedelta(days=1)
BASELINE = timedelta(days=30)
# Below this share of good rows a score would be a guess.
GOOD_ENOUGH = 0.8
_CAPS: dict[Grade, float] = {"critical": 40.0, "major": 65.0}


@dataclass(frozen=True)
class _Indicator:
    """Weight, ramp (value -> sub-score, linear between the points) and the values at which it is graded."""

    weight: float
    unit: str
    ramp: tuple[tuple[float, float], ...]
    minor: float
    major: float
    critical: float | None = None


_INDICATORS: dict[IndicatorName, _Indicator] = {
    "state of health": _Indicator(0.35, "%", ((60, 0), (80, 50), (100, 100)), minor=90, major=80),
    "ohmic rise": _Indicator(0.20, "%", ((0, 100), (20, 75), (50, 30), (100, 0)), minor=20, major=30, critical=50),
    "cell deviation": _Indicator(0.15, "mV", ((20, 100), (45, 75), (90, 40), (150, 0)), minor=45, major=90),
    "temperature rise": _Indicator(0.15, "°C", ((1, 100), (3, 75), (5, 50), (10, 0)), minor=3, major=5, critical=10),
    "float current": _Indicator(0.10, "", ((1, 100), (2, 60), (3, 30), (5, 0)), minor=2, major=3),
    "data quality": _Indicator(0.05, "%", ((0, 0), (100, 100)), minor=95, major=-1),
}


def steps_of(name: IndicatorName) -> dict[Grade, float]:
    """From which values on an indicator is minor, major and critical, in its unit."""
    indicator = _INDICATORS[name]
    steps: dict[Grade, float] = {"minor": indicator.minor, "major": indicator.major}
    return steps if indicator.critical is None else steps | {"critical": indicator.critical}


class Driver(Frozen):
    """One indicator: its value, the points it is worth from 0 to 100, and how serious that is."""

    name: IndicatorName
    measured: Quantity
    score: Quantity
    weight: float
    grade: Grade
    means: str


class DeviceHealth(Frozen):
    """The score of one device with its drivers, worst first; no score where the data does not carry one."""

    device_id: str
    site_id: str
    score: Quantity
    band: Band
    capped_by: str | None = None
    drivers: tuple[Driver, ...]
    unknown: tuple[IndicatorName, ...]
    why: str


class HealthReport(Frozen):
    """Health of every device asked about, lowest first, of each site they are at, and of all of them together."""

    asked: Asked
    devices: tuple[DeviceHealth, ...]
    counts: tuple[Quantity, ...]
    sites: tuple[GroupHealth, ...] = ()
    together: GroupHealth | None = None


def score_health(store: ReadingStore, devices: Sequence[Device], now: datetime) -> HealthReport:
    """Judge devices by their last day of data, against 30 days of their own past where that is the measure."""
    newest = store.newest([device.device_id for device in devices])
    return report_health(devices, judge_devices(store, devices, newest, now), newest, now)


def judge_devices(
    store: ReadingStore, devices: Sequence[Device], newest: Mapping[str, datetime], now: datetime
) -> list[DeviceHealth]:
    """The health of each device, in the order given; `newest` is when each was last heard."""
    ids = [device.device_id for device in devices]
    latest = by_device(store.latest(["soh_pct", "internal_resistance_max_mohm"], ids))
    return [_device_health(store, device, latest[device.device_id], newest, now) for device in devices]


def report_health(
    devices: Sequence[Device], judged: Sequence[DeviceHealth], newest: Mapping[str, datetime], now: datetime
) -> HealthReport:
    """One report of devices that were judged, lowest first."""
    scored = sorted(judged, key=lambda one: (one.score.value is None, one.score.value or 0))
    bands = [one.band for one in scored]
    return HealthReport(
        asked=Asked(
            devices=tuple(device.device_id for device in devices),
            window=Window(start=now - DAY, end=now),
            newest=max(newest.values()) if newest else None,
        ),
        devices=tuple(scored),
        counts=tuple(
            Quantity(value=bands.count(band), statistic="count", text=band) for band in dict.fromkeys(bands)
        ),
        sites=tuple(
            score_group(site_id, [one for one in scored if one.site_id == site_id])
            for site_id in dict.fromkeys(device.site_id for device in devices)
        ),
        together=score_group(None, scored) if len(scored) > 1 else None,
    )


def _device_health(
    store: ReadingStore,
    device: Device,
    latest: Mapping[str, LatestValue],
    newest: Mapping[str, datetime],
    now: datetime,
) -> DeviceHealth:
    last = newest.get(device.device_id)
    window = _judged_window(last, now)
    measured = _measure(store, device, latest, window)
    drivers = [_driver(device, name, value, window) for name, value in measured.items() if value is not None]
    drivers.sort(key=lambda driver: (driver.score.value or 0) - 100 * (driver.grade == "critical"))
    unknown = tuple(name for name, value in measured.items() if value is None)
    score, band, capped_by = _score(drivers, measured["data quality"])
    return DeviceHealth(
        device_id=device.device_id,
        site_id=device.site_id,
        score=Quantity(
            value=score,
            statistic="score",
            field="health",
            device_id=device.device_id,
            site_id=device.site_id,
            window=window,
        ),
        band=band,
        capped_by=capped_by,
        drivers=tuple(drivers),
        unknown=unknown,
        why=_why(band, drivers, unknown),
    )


def _judged_window(last: datetime | None, now: datetime) -> Window:
    """The last 24 hours, of the data where the device has been silent for longer."""
    end = now if last is None or last > now - DAY else last + timedelta(seconds=1)
    return Window(start=end - DAY, end=end)


def _measure(
    store: ReadingStore, device: Device, latest: Mapping[str, LatestValue], window: Window
) -> dict[IndicatorName, float | None]:
    return {
        "state of health": _number(latest["soh_pct"]),
        "ohmic rise": _ohmic_rise(device, _number(latest["internal_resistance_max_mohm"])),
        "cell deviation": _cell_deviation(store, device, window),
        "temperature rise": _temperature_rise(store, device, window),
        "float current": _float_current_ratio(store, device, window),
        "data quality": _data_quality(store, device, window),
    }


def _number(latest: LatestValue) -> float | None:
    return latest.value if isinstance(latest.value, float) else None


def _ohmic_rise(device: Device, worst_mohm: float | None) -> float | None:
    """Worst cell over the value at commissioning, in percent."""
    if worst_mohm is None or not device.resistance_baseline_mohm:
        return None
    return 100 * (worst_mohm / device.resistance_baseline_mohm - 1)


def _cell_deviation(store: ReadingStore, device: Device, window: Window) -> float | None:
    """Median over the day of how far the lowest cell stood below its string's median, mV."""
    frame = store.cell_sets(device.device_id, window.start, window.end)
    if frame.empty:
        return None
    voltages = frame.pivot_table(index="timestamp_utc", columns="cell_no", values="voltage_v")
    if voltages.shape[1] < 3:
        return None
    behind = voltages.rsub(voltages.median(axis=1), axis=0).median(axis=0)
    return max(0.0, 1000 * float(behind.max()))


def _temperature_rise(store: ReadingStore, device: Device, window: Window) -> float | None:
    """Hottest post over the room, mean of the day, °C."""
    means = [_mean(store, device, field, window) for field in ("cell_temperature_max_c", "ambient_temperature_c")]
    post, room = means
    return None if post is None or room is None else max(0.0, post - room)


def _mean(store: ReadingStore, device: Device, field: str, window: Window) -> float | None:
    figures = store.figures(field, [device.device_id], window.start, window.end).get(device.device_id)
    return figures.mean if figures else None


def _float_current_ratio(store: ReadingStore, device: Device, window: Window) -> float | None:
    """Float current of the day over the median day of the 30 before; float current doubles per 10 °C, so both
    are brought to 25 °C first."""
    start = window.start - BASELINE
    currents = store.hours("float_current_ma", [device.device_id], start, window.end)
    temperatures = {
        hour: figures.mean
        for _, hour, figures in store.hours("cell_temperature_c", [device.device_id], start, window.end)
    }
    days: dict[int, list[float]] = {}
    for _, hour, figures in currents:
        at_25 = _at_25_c(figures, temperatures.get(hour))
        if at_25 is not None:
            days.setdefault((window.end - hour) // DAY, []).append(at_25)
    before = [float(np.mean(values)) for day, values in days.items() if day >= 1]
    if 0 not in days or len(before) < 3 or (baseline := float(np.median(before))) <= 0:
        return None
    return float(np.mean(days[0])) / baseline


def _at_25_c(current: Figures, temperature_c: float | None) -> float | None:
    if current.mean is None or temperature_c is None:
        return None
    return float(current.mean / 2 ** ((temperature_c - 25) / 10))


def _data_quality(store: ReadingStore, device: Device, window: Window) -> float | None:
    """Good rows over the rows expected of the day, in percent."""
    rows = store.row_counts([device.device_id], window.start, window.end).get(device.device_id)
    if rows is None:
        return None
    expected = max(1.0, window.length.total_seconds() / device.poll_interval_s)
    return min(100.0, 100 * (rows[0] - rows[1]) / expected)


def _driver(device: Device, name: IndicatorName, value: float, window: Window) -> Driver:
    indicator = _INDICATORS[name]
    about = {"device_id": device.device_id, "site_id": device.site_id, "window": window}
    at, worth = zip(*indicator.ramp, strict=True)
    points = float(np.interp(value, np.array(at, float), np.array(worth, float)))
    grade = _grade(indicator, value)
    return Driver(
        name=name,
        measured=Quantity(value=round(value, 2), unit=indicator.unit, statistic="latest", field=name, **about),
        score=Quantity(value=round(points, 1), statistic="score", field=name, **about),
        weight=indicator.weight,
        grade=grade,
        means=_meaning(name, value),
    )


def _grade(indicator: _Indicator, value: float) -> Grade:
    # On a falling scale (state of health, data quality) smaller is worse.
    sign = 1 if indicator.ramp[0][1] > indicator.ramp[-1][1] else -1
    if indicator.critical is not None and sign * value > sign * indicator.critical:
        return "critical"
    if sign * value > sign * indicator.major:
        return "major"
    return "minor" if sign * value > sign * indicator.minor else "ok"


def _score(drivers: Sequence[Driver], good_pct: float | None) -> tuple[float | None, Band, str | None]:
    judged = [driver for driver in drivers if driver.name != "data quality"]
    if not judged or good_pct is None or good_pct < 100 * GOOD_ENOUGH:
        return None, "unknown", None
    weight = sum(driver.weight for driver in drivers)
    # A sub-score of 0 would make the mean 0 whatever else is right; 1 keeps it comparable.
    logs = [driver.weight * math.log(max(driver.score.value or 0, 1.0)) for driver in drivers]
    score, capped_by = math.exp(sum(logs) / weight), None
    for grade, cap in _CAPS.items():
        worst = [driver for driver in drivers if driver.grade == grade]
        if worst and score > cap:
            score, capped_by = cap, worst[0].name
    rounded = round(score, 1)
    return rounded, next(band for floor, band in BANDS if rounded >= floor), capped_by


_MEANINGS: dict[IndicatorName, str] = {
    "state of health": "the monitor reports {:.0f} % of the rated capacity",
    "ohmic rise": "the worst cell's ohmic value is {:+.0f} % against its baseline",
    "cell deviation": "the lowest cell stands {:.0f} mV below its string's median",
    "temperature rise": "the hottest post is {:.1f} °C above the room",
    "float current": "the float current is {:.2f} times its own 30-day level at the same temperature",
    "data quality": "{:.0f} % of the expected rows arrived and were good",
}


def _meaning(name: IndicatorName, value: float) -> str:
    return _MEANINGS[name].format(value)


def _why(band: Band, drivers: Sequence[Driver], unknown: Sequence[str]) -> str:
    if band == "unknown":
        quality = next((driver.means for driver in drivers if driver.name == "data quality"), None)
        return quality or "there is too little data of the last day to judge by"
    lowering = [driver.means for driver in drivers if driver.grade != "ok"]
    if lowering:
        return "; ".join(lowering[:3])
    weakest = [driver.means for driver in drivers if (driver.score.value or 0) < 90]
    return (
        weakest[0]
        if weakest
        else "nothing lowers the score" + (f" (not judged: {', '.join(unknown)})" if unknown else "")
    )
