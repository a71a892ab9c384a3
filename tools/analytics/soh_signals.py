"""What speaks for the state of health of a string: each signal an estimate in % of rated capacity and how sure it is.

The monitor's own estimates are never used. A standard deviation here is what the sources of the domain notes differ by,
carried through the law that turns the measurement into health. So the interval says how much one string may differ from
the textbook, and not only how well the sensors read.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import numpy as np
import pandas as pd

from tools.analytics.discharge_fit import MOST_DISCHARGES, fit_health, usable_rows
from tools.analytics.discharge_model import StringModel, typical_ohmic
from tools.analytics.discharges import SeenDischarge
from tools.analytics.good_rows import numbers
from tools.telemetry.fleet import Device

SignalName = Literal["discharge", "ohmic value", "float current", "equivalent age"]
# Joints differ by up to this factor when nothing is loose.
LOOSE_FROM = 1.15
DESIGN_LIFE_YEARS, FULL_CYCLES = 12.0, 600.0
# A discharge shallower than this says nothing: one point of health is then worth less than 0.1 mV.
LEAST_DEPTH = 0.05
# Capacity is corrected by 0.6 % a degree (IEC 60896) or 0.7 (the notes), and falls with the rate to the power 0.12.
PER_KELVIN_SD, RATE_POWER_SD = 0.001, 0.02
# "Half as much again at 80 % health" is a rule of thumb: a third to two thirds are seen. The value at commissioning is
# one measurement, repeatable to 2 %.
OHMIC_RISE_SHARE, BASELINE_SHARE = 0.2, 0.02
# Design lives of one class run from 10 to 15 years; the degrees that halve it from 7.5 to 10; the years before were
# warmer or cooler than the window by so much, season and all; strings are not made and treated alike.
LIFE_SHARE, WARMTH_SHARE_PER_C, YEARS_SD_C, MADE_SHARE = 0.12, 0.014, 3.0, 0.10
HALVED_BY_C = 8.3
# A new string holds 95 to 105 % of its rating within two deviations and a half.
NEW_SD_PCT = 1.0
# Dry-out (notes 3.2): at five times its float current a cell has lost 45 % of its capacity.
FLOAT_LOSS_PCT = 45 / 4
# Float currents of sound strings differ by a quarter in time, and a normal one says nothing of health: grids corrode
# without it. Above that, what it says is a hint.
FLOAT_SPEAKS_FROM, FLOAT_SD_PCT, FLOAT_SD_OF_LOSS = 1.5, 10.0, 0.5
FLOAT_PER_VOLT, FLOAT_PER_KELVIN = 11.0, 0.065
# A recharge lifts the float current for a day or two; the lower part of a fortnight's values is the settled one.
SETTLED_PART, LEAST_FLOAT_ROWS = 0.25, 96
WEEK_H = 168.0
_GRID = np.arange(0.40, 1.061, 0.01)


@dataclass(frozen=True)
class Signal:
    """One estimate of health, %, its standard deviation, and where it comes from in words."""

    name: SignalName
    soh_pct: float
    sd_pct: float
    source: str


def measured_ohmic_mohm(rows: pd.DataFrame, device: Device) -> float | None:
    """Median of the newest week's mean ohmic values, mΩ, without what one loose joint adds to it."""
    values = numbers(rows, "internal_resistance_mohm")
    if device.joint_baseline_mohm is not None:
        loose = numbers(rows, "joint_resistance_max_mohm") - LOOSE_FROM * device.joint_baseline_mohm
        values = values - np.maximum(np.nan_to_num(loose), 0) / device.cell_count
    recent = values[rows["hours"].to_numpy() >= rows["hours"].max() - 168] if len(rows) else values
    known = recent[np.isfinite(recent)]
    return float(np.median(known)) if known.size else None


def discharge_signal(seen: list[SeenDischarge], device: Device, ohmic_mohm: float | None) -> Signal | None:
    """Health at which the discharge model meets the measured voltages, the string's own make allowed for."""
    useful = [one for one in seen if one.depth >= LEAST_DEPTH and usable_rows(one).sum() >= 2]
    rated = device.rated_capacity_ah
    if not useful or rated is None:
        return None
    useful = useful[-MOST_DISCHARGES:]
    tried = [[_model(one, rated, ohmic_mohm, float(soh)) for one in useful] for soh in _GRID]
    near = int(np.argmin(np.abs(_GRID - 0.9)))
    for _ in range(2):
        chi_square = fit_health(useful, tried, near).chi_square
        weights = np.exp(-(chi_square - chi_square.min()) / 2)
        weights /= weights.sum()
        mean = float((weights * _GRID).sum())
        near = int(np.argmin(np.abs(_GRID - mean)))
    spread = float(np.sqrt((weights * (_GRID - mean) ** 2).sum()))
    deepest = max(useful, key=lambda one: one.depth)
    sd = float(np.hypot(spread, mean * _capacity_share(deepest, rated)))
    words = f"{len(useful)} discharges from full, the deepest {100 * deepest.depth:.0f} % of the rated capacity"
    return Signal("discharge", 100 * mean, 100 * sd, words)


def _model(seen: SeenDischarge, rated: float, ohmic_mohm: float | None, soh: float) -> StringModel:
    ohm = ohmic_mohm / 1000 if ohmic_mohm is not None else typical_ohmic(rated, soh)
    return StringModel(rated, seen.temperature_c, ohm, soh)


def _capacity_share(seen: SeenDischarge, rated: float) -> float:
    """How far the corrections of capacity to 25 °C and the ten-hour rate may be off, as a share."""
    rate = min(rated / 10 / max(float(seen.load_a.mean()), 1e-9), 1.0)
    return float(np.hypot(PER_KELVIN_SD * (seen.temperature_c - 25), RATE_POWER_SD * np.log(rate)))


def ohmic_signal(device: Device, ohmic_mohm: float | None, near_pct: float | None = None) -> Signal | None:
    """Health from the rise of the mean ohmic value over commissioning: 1 + 1.5 x + 5 x², x the health lost.

    Args:
        near_pct: about where health lies, which says how wide the signal is; where it puts health itself if not given.
    """
    baseline = device.resistance_baseline_mohm
    if ohmic_mohm is None or baseline is None:
        return None
    joint = device.joint_baseline_mohm if device.joint_baseline_mohm is not None else 0.0
    if baseline - joint <= 0:
        return None
    rise = max((ohmic_mohm - joint) / (baseline - joint), 1.0)
    lost = float(-1.5 + np.sqrt(2.25 + 20 * (rise - 1))) / 10
    near = lost if near_pct is None else max(1 - near_pct / 100, 0.0)
    near_rise = 1 + 1.5 * near + 5 * near**2
    off = float(np.hypot(OHMIC_RISE_SHARE * (near_rise - 1), BASELINE_SHARE * near_rise))
    words = f"the mean ohmic value stands at {100 * (ohmic_mohm / baseline - 1):+.0f} % against commissioning"
    return Signal("ohmic value", 100 * (1 - lost), 100 * off / (1.5 + 10 * near), words)


def float_current_ratio(rows: pd.DataFrame, device: Device) -> float | None:
    """Float current of the last fortnight over that of the first, both at 2.23 V a cell and 25 °C; None where the
    rows are too few or too close together."""
    volts = numbers(rows, "string_voltage_v") / device.cell_count
    warmth = FLOAT_PER_VOLT * (volts - 2.23) + FLOAT_PER_KELVIN * (numbers(rows, "cell_temperature_c") - 25)
    current, hours = numbers(rows, "float_current_ma") / np.exp(warmth), rows["hours"].to_numpy(dtype=np.float64)
    is_known = np.isfinite(current) & (current > 0)
    if not is_known.any() or hours[is_known][-1] - hours[is_known][0] < 3 * WEEK_H:
        return None
    first = current[is_known & (hours < hours[is_known][0] + 2 * WEEK_H)]
    last = current[is_known & (hours >= hours[is_known][-1] - 2 * WEEK_H)]
    if min(first.size, last.size) < LEAST_FLOAT_ROWS:
        return None
    return float(np.quantile(last, SETTLED_PART) / np.quantile(first, SETTLED_PART))


def float_signal(rows: pd.DataFrame, device: Device) -> Signal | None:
    """Health lost to drying out, where the float current has risen beyond chance; a normal one is no evidence."""
    ratio = float_current_ratio(rows, device)
    if ratio is None or ratio < FLOAT_SPEAKS_FROM:
        return None
    lost = min(FLOAT_LOSS_PCT * (ratio - 1), 80.0)
    words = f"the float current stands at {ratio:.1f} times what it was at the same voltage and temperature"
    return Signal("float current", 100 - lost, FLOAT_SD_PCT + FLOAT_SD_OF_LOSS * lost, words)


def wear_pct_per_year(mean_c: float, full_cycles_per_year: float) -> float:
    """Health lost a year: 20 % in the design life at 25 °C, twice as fast 8.3 °C above (IEEE 1188), and by cycles."""
    calendar = 20 / DESIGN_LIFE_YEARS * 2 ** ((mean_c - 25) / HALVED_BY_C)
    return float(calendar + 20 * full_cycles_per_year / FULL_CYCLES)


def age_signal(
    device: Device,
    mean_c: float | None,
    full_cycles_per_year: float,
    now: datetime,
    near_pct: float | None = None,
) -> Signal | None:
    """Health from the equivalent age, if the years before were as warm and as busy as the window.

    Args:
        near_pct: as for the ohmic value.
    """
    if device.install_date is None or mean_c is None:
        return None
    years = (now.date() - device.install_date).days / 365.25
    if years < 0:
        return None
    lost = years * wear_pct_per_year(mean_c, full_cycles_per_year)
    near = lost if near_pct is None else max(100 - near_pct, 0.0)
    years_share = YEARS_SD_C * np.log(2) / HALVED_BY_C
    share = np.linalg.norm([LIFE_SHARE, WARMTH_SHARE_PER_C * (mean_c - 25), years_share, MADE_SHARE])
    words = f"{years:.1f} years at {mean_c:.0f} °C on average"
    return Signal("equivalent age", max(100 - lost, 20.0), float(np.hypot(NEW_SD_PCT, share * near)), words)
