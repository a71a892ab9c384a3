"""What speaks for the state of health of a string: each signal an estimate in % of rated capacity and how sure it is.

The monitor's own estimates are never used. The standard deviations were set on simulated fleets of seeds 100-119, not
on those the suite reports; on real strings the ohmic value scatters more (Feder et al., 500 cells).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import numpy as np
import pandas as pd

from tools.analytics.discharge_model import StringModel, typical_ohmic
from tools.analytics.discharges import SeenDischarge
from tools.analytics.good_rows import numbers
from tools.telemetry.fleet import Device

SignalName = Literal["discharge", "ohmic value", "equivalent age"]
# Joints differ by up to this factor when nothing is loose.
LOOSE_FROM = 1.15
DESIGN_LIFE_YEARS, FULL_CYCLES = 12.0, 600.0
# A discharge shallower than this says nothing: one point of health is then worth less than 0.1 mV.
LEAST_DEPTH = 0.05
# The first minutes hold the coup de fouet.
SETTLED_H = 0.35
VOLTAGE_SHIFT_MV, VOLTAGE_NOISE_MV = 0.9, 0.5
OHMIC_SD_PCT, AGE_SD_PCT, AGE_SD_OF_WEAR = 0.3, 1.0, 0.10
LEAST_SD_PCT = 0.4
_GRID = np.arange(0.40, 1.061, 0.0025)


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
    """Health at which the discharge model meets the measured voltages; a constant shift of voltage is allowed for."""
    useful = [one for one in seen if one.depth >= LEAST_DEPTH and (one.hours > SETTLED_H).sum() >= 2]
    if not useful or device.rated_capacity_ah is None:
        return None
    misfit = sum((_misfit(one, device, ohmic_mohm) for one in useful), np.zeros_like(_GRID))
    weights = np.exp(-(misfit - misfit.min()) / 2)
    weights /= weights.sum()
    mean = float((weights * _GRID).sum())
    spread = float(np.sqrt((weights * (_GRID - mean) ** 2).sum()))
    deepest = max(one.depth for one in useful)
    words = f"{len(useful)} discharges from full, the deepest {100 * deepest:.0f} % of the rated capacity"
    return Signal("discharge", 100 * mean, max(100 * spread, LEAST_SD_PCT), words)


def _misfit(seen: SeenDischarge, device: Device, ohmic_mohm: float | None) -> np.ndarray:
    """Chi-square over the grid of health, with the shift marginalised."""
    rated = device.rated_capacity_ah or 0.0
    use = (seen.hours > SETTLED_H) & np.isfinite(seen.cell_v)
    found = np.empty_like(_GRID)
    for place, soh in enumerate(_GRID):
        ohm = ohmic_mohm / 1000 if ohmic_mohm is not None else typical_ohmic(rated, float(soh))
        model = StringModel(rated, seen.temperature_c, ohm, float(soh))
        volts = model.voltage(seen.drawn_ah, seen.load_a, seen.polarisation_v)
        error = 1000 * (seen.cell_v - volts)[use]
        # A shift common to all rows: sensor gain and the moment the mains failed.
        share = VOLTAGE_SHIFT_MV**2 / (VOLTAGE_NOISE_MV**2 + error.size * VOLTAGE_SHIFT_MV**2)
        found[place] = (float(error @ error) - share * float(error.sum()) ** 2) / VOLTAGE_NOISE_MV**2
    return found


def ohmic_signal(device: Device, ohmic_mohm: float | None) -> Signal | None:
    """Health from the rise of the mean ohmic value over commissioning: 1 + 1.5 x + 5 x², x the health lost."""
    baseline = device.resistance_baseline_mohm
    if ohmic_mohm is None or baseline is None:
        return None
    joint = device.joint_baseline_mohm if device.joint_baseline_mohm is not None else 0.0
    if baseline - joint <= 0:
        return None
    rise = max((ohmic_mohm - joint) / (baseline - joint), 1.0)
    lost = (-1.5 + np.sqrt(2.25 + 20 * (rise - 1))) / 10
    words = f"the mean ohmic value stands at {100 * (ohmic_mohm / baseline - 1):+.0f} % against commissioning"
    return Signal("ohmic value", 100 * (1 - float(lost)), OHMIC_SD_PCT, words)


def wear_pct_per_year(mean_c: float, full_cycles_per_year: float) -> float:
    """Health lost a year: 20 % in the design life at 25 °C, twice as fast 8.3 °C above (IEEE 1188), and by cycles."""
    calendar = 20 / DESIGN_LIFE_YEARS * 2 ** ((mean_c - 25) / 8.3)
    return float(calendar + 20 * full_cycles_per_year / FULL_CYCLES)


def age_signal(device: Device, mean_c: float | None, full_cycles_per_year: float, now: datetime) -> Signal | None:
    """Health from the equivalent age, if the years before were as warm and as busy as the window."""
    if device.install_date is None or mean_c is None:
        return None
    years = (now.date() - device.install_date).days / 365.25
    if years < 0:
        return None
    lost = years * wear_pct_per_year(mean_c, full_cycles_per_year)
    words = f"{years:.1f} years at {mean_c:.0f} °C on average"
    return Signal("equivalent age", max(100 - lost, 20.0), AGE_SD_PCT + AGE_SD_OF_WEAR * lost, words)
