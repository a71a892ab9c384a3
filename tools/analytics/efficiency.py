"""What comes out over what went in: charge of the battery per discharge and recharge, and power of the charger."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from tools.analytics.discharges import DRAWING_SHARE, FIELDS, current_offset_a
from tools.analytics.good_rows import Array, good_rows, held_hours, numbers
from tools.quantity import Asked, Frozen, Quantity, Statistic, Window
from tools.telemetry.fleet import Device
from tools.telemetry.store import ReadingStore

LEAST_DEPTH = 0.05
# Below this the charger idles and a ratio of powers is noise.
LEAST_POWER_KW = 0.05


class Cycle(Frozen):
    """One recharge: what was missing when it began, and what was put back until the string was full again."""

    out: Quantity
    back: Quantity
    efficiency: Quantity


class DeviceEfficiency(Frozen):
    """Charge efficiency over whole cycles and charger efficiency; without a value where the window shows none."""

    device_id: str
    site_id: str
    charge: Quantity
    charger: Quantity
    cycles: tuple[Cycle, ...]
    why: str


class EfficiencyReport(Frozen):
    """Efficiency of every device asked about over a window."""

    asked: Asked
    devices: tuple[DeviceEfficiency, ...]


def find_efficiency(store: ReadingStore, devices: Sequence[Device], window: Window) -> EfficiencyReport:
    """Ah out over Ah in of each whole cycle deeper than 5 % of C10, and DC over AC energy of the charger."""
    ids = tuple(device.device_id for device in devices)
    newest = store.newest(ids)
    return EfficiencyReport(
        asked=Asked(devices=ids, window=window, newest=max(newest.values()) if newest else None),
        devices=tuple(_device_efficiency(store, device, window) for device in devices),
    )


def _device_efficiency(store: ReadingStore, device: Device, window: Window) -> DeviceEfficiency:
    fields = [*FIELDS, "rectifier_voltage_v", "rectifier_current_a", "ac_power_kw"]
    rows = good_rows(store, device.device_id, fields, window)
    hours = held_hours(rows, device.poll_interval_s)

    def of(value: float | None, unit: str, statistic: Statistic, field: str) -> Quantity:
        return Quantity(
            value=None if value is None else round(value, 1),
            unit=unit,
            statistic=statistic,
            field=field,
            device_id=device.device_id,
            site_id=device.site_id,
            window=window,
            rows=len(rows),
        )

    pairs = _whole_cycles(rows, device)
    cycles = tuple(
        Cycle(
            out=of(out, "Ah", "count", "charge missing"),
            back=of(back, "Ah", "count", "charge back"),
            efficiency=of(100 * out / back, "%", "efficiency", "charge efficiency"),
        )
        for out, back in pairs
    )
    total = 100 * sum(out for out, _ in pairs) / sum(back for _, back in pairs) if pairs else None
    return DeviceEfficiency(
        device_id=device.device_id,
        site_id=device.site_id,
        charge=of(total, "%", "efficiency", "charge efficiency"),
        charger=of(_charger_pct(rows, hours), "%", "efficiency", "charger efficiency"),
        cycles=cycles,
        why=f"{len(pairs)} whole cycles" if pairs else "no discharge deeper than 5 % with its recharge in the window",
    )


def _whole_cycles(rows: pd.DataFrame, device: Device) -> list[tuple[float, float]]:
    """Ah missing when each recharge had begun, and Ah put back from then until full.

    The mains comes back somewhere between two rows; the monitor's charge counter at the first charging row holds
    what happened in between, so the poll interval does not blur the ratio.
    """
    rated = device.rated_capacity_ah
    if rated is None or rows.empty:
        return []
    current = np.nan_to_num(numbers(rows, "string_current_a") - current_offset_a(rows))
    missing, clock = numbers(rows, "ah_since_full_ah"), rows["hours"].to_numpy(dtype=np.float64)
    is_full = np.isfinite(numbers(rows, "float_current_ma"))
    edges = np.flatnonzero(np.diff(np.concatenate([[True], is_full, [True]]).astype(int)))
    found = []
    for first, after in zip(edges[::2], edges[1::2], strict=True):
        drawing = np.flatnonzero(current[first:after] < -DRAWING_SHARE * rated)
        begin = first + int(drawing[-1]) + 1 if drawing.size else after
        if after >= len(rows) or begin >= after - 1 or not missing[begin] > LEAST_DEPTH * rated:
            continue
        found.append((float(missing[begin]), float(np.trapezoid(current[begin:after], clock[begin:after]))))
    return [(out, back) for out, back in found if back > 0]


def _charger_pct(rows: pd.DataFrame, hours: Array) -> float | None:
    direct = numbers(rows, "rectifier_voltage_v") * numbers(rows, "rectifier_current_a") / 1000
    alternating = numbers(rows, "ac_power_kw")
    use = np.isfinite(direct) & np.isfinite(alternating) & (alternating > LEAST_POWER_KW)
    if not use.any():
        return None
    return float(100 * (direct * hours)[use].sum() / (alternating * hours)[use].sum())
