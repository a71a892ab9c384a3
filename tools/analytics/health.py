"""How healthy a string is, from 0 to 100, and which findings lower the score.

By the indicators of the team's domain notes, section 1.3, and "unknown" instead of a number on bad data.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import numpy as np

from tools.analytics.alerts import OpenFinding, open_findings
from tools.analytics.group_health import Band, GroupHealth, score_group
from tools.analytics.health_scale import CAPS, Driver, IndicatorName, driver_of, weigh, what_lowers, worst_first
from tools.quantity import Asked, Frozen, Quantity, Window
from tools.telemetry.fleet import Device
from tools.telemetry.rollups import Figures
from tools.telemetry.store import LatestValue, ReadingStore, by_device

DAY = timedelta(days=1)
BASELINE = timedelta(days=30)
# Below this share of good rows a score would be a guess.
GOOD_ENOUGH = 0.8


class DeviceHealth(Frozen):
    """The score of one device with its drivers, worst first; no score where the data does not carry one."""

    device_id: str
    site_id: str
    score: Quantity
    band: Band
    capped_by: str | None = None
    drivers: tuple[Driver, ...]
    unknown: tuple[IndicatorName, ...]
    findings: tuple[OpenFinding, ...] = ()
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
    findings = open_findings(store.database, ids)
    return [
        _device_health(store, device, latest[device.device_id], newest, now, findings.get(device.device_id, ()))
        for device in devices
    ]


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
    findings: tuple[OpenFinding, ...],
) -> DeviceHealth:
    last = newest.get(device.device_id)
    window = _judged_window(last, now)
    measured = _measure(store, device, latest, window)
    drivers = worst_first(
        [
            driver_of(device, name, value, window, _MEANINGS[name])
            for name, value in measured.items()
            if value is not None
        ]
    )
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
        findings=findings,
        why=_why(band, drivers, unknown, findings),
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


def _score(drivers: Sequence[Driver], good_pct: float | None) -> tuple[float | None, Band, str | None]:
    judged = [driver for driver in drivers if driver.name != "data quality"]
    if not judged or good_pct is None or good_pct < 100 * GOOD_ENOUGH:
        return None, "unknown", None
    return weigh(drivers)


_MEANINGS: dict[IndicatorName, str] = {
    "state of health": "the monitor reports {:.0f} % of the rated capacity",
    "ohmic rise": "the worst cell's ohmic value is {:+.0f} % against its baseline",
    "cell deviation": "the lowest cell stands {:.0f} mV below its string's median",
    "temperature rise": "the hottest post is {:.1f} °C above the room",
    "float current": "the float current is {:.2f} times its own 30-day level at the same temperature",
    "data quality": "{:.0f} % of the expected rows arrived and were good",
}


def _why(band: Band, drivers: Sequence[Driver], unknown: Sequence[str], findings: Sequence[OpenFinding]) -> str:
    if band == "unknown":
        quality = next((driver.means for driver in drivers if driver.name == "data quality"), None)
        return quality or "there is too little data of the last day to judge by"
    standing = [f"an alert stands: {one.means}" for one in findings if one.severity in CAPS]
    if all(driver.grade == "ok" for driver in drivers) and standing:
        return standing[0]
    lowering = what_lowers(drivers)
    if lowering:
        return "; ".join(lowering[:3])
    return "nothing lowers the score" + (f" (not judged: {', '.join(unknown)})" if unknown else "")
