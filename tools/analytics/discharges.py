"""Discharges of one string as the sensors saw them: charge drawn since full, load and voltage of the mean cell."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from tools.analytics.discharge_model import polarisation
from tools.analytics.good_rows import Array, numbers
from tools.telemetry.fleet import Device

FIELDS = (
    "string_voltage_v",
    "string_current_a",
    "float_current_ma",
    "ah_since_full_ah",
    "cell_temperature_c",
    "internal_resistance_mohm",
    "joint_resistance_max_mohm",
)
# On battery: more than 2 % of C10 is drawn (domain notes, section 1.5).
DRAWING_SHARE = 0.02


@dataclass(frozen=True)
class SeenDischarge:
    """One discharge from full. Arrays are one entry a row: hours since it began, Ah drawn, A, V a cell, V."""

    hours: Array
    drawn_ah: Array
    load_a: Array
    cell_v: Array
    polarisation_v: Array
    temperature_c: float
    is_running: bool
    depth: float


def current_offset_a(rows: pd.DataFrame) -> float:
    """Error of the current sensor at rest, A: against the float-current clamp; 0 where no row shows both."""
    gap = numbers(rows, "string_current_a") - numbers(rows, "float_current_ma") / 1000
    known = gap[np.isfinite(gap)]
    return float(np.median(known)) if known.size >= 8 else 0.0


def seen_discharges(rows: pd.DataFrame, device: Device) -> list[SeenDischarge]:
    """Every discharge that began with the string full (a float current was measured just before), in time order."""
    rated = device.rated_capacity_ah
    if rated is None or rows.empty:
        return []
    offset = current_offset_a(rows)
    load = offset - numbers(rows, "string_current_a")
    is_drawing = np.nan_to_num(load) > DRAWING_SHARE * rated
    was_full = np.isfinite(numbers(rows, "float_current_ma"))
    edges = np.flatnonzero(np.diff(np.concatenate([[False], is_drawing, [False]]).astype(int)))
    found = []
    for first, after in zip(edges[::2], edges[1::2], strict=True):
        if first > 0 and was_full[first - 1]:
            found.append(
                _discharge(rows.iloc[first - 1 : after], load[first - 1 : after], device, after == len(rows))
            )
    return found


def _discharge(rows: pd.DataFrame, load_a: Array, device: Device, is_running: bool) -> SeenDischarge:
    """The first row given is the last one before the discharge."""
    rated = device.rated_capacity_ah or 0.0
    clock = rows["hours"].to_numpy(dtype=np.float64)
    counted = numbers(rows, "ah_since_full_ah")
    # The mains failed somewhere between two rows; the monitor's charge counter tells how far back.
    first_ah = counted[1] if np.isfinite(counted[1]) else load_a[1] * (clock[1] - clock[0]) / 2
    first_ah = float(np.clip(first_ah, 0, load_a[1] * (clock[1] - clock[0])))
    steps = (load_a[1:-1] + load_a[2:]) / 2 * np.diff(clock[1:])
    drawn = first_ah + np.concatenate([[0.0], np.cumsum(np.nan_to_num(steps))])
    hours = clock[1:] - clock[1] + first_ah / load_a[1]
    return SeenDischarge(
        hours=hours,
        drawn_ah=drawn,
        load_a=load_a[1:],
        cell_v=numbers(rows, "string_voltage_v")[1:] / device.cell_count,
        polarisation_v=polarisation(hours, load_a[1:], rated),
        temperature_c=float(np.nanmean(numbers(rows, "cell_temperature_c"))),
        is_running=is_running,
        depth=float(drawn[-1] / rated),
    )
