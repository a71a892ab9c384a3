"""What a device measured minus what its cells, its charger and its own past let one expect, hour by hour."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from tools.analytics.device_history import DeviceHistory, is_calm
from tools.analytics.thresholds import AnomalyThresholds

# Charger: -3 mV a cell and °C round 2.27 V at 25 °C (domain notes 2.1, invariant 6).
FLOAT_V, COMPENSATION_V_PER_K = 2.27, 0.003
# Float current over voltage and temperature (Schiffer et al. 2007).
PER_VOLT, PER_KELVIN = 11.0, 0.065


@dataclass(frozen=True)
class Residuals:
    """Hourly residuals; every one has NaN where it cannot be told.

    `device` has one column a residual: set_point_v, slope_v_per_k, float_log, room_c, post_rise_c, ripple_log,
    joint, current_shift_a, temperature_mismatch_c. `deviation_v`, `ohmic` and `heat_c` have one column a cell.
    `past` marks the hours that others are compared with, `levels` holds the past's median of each residual.
    """

    device: pd.DataFrame
    deviation_v: pd.DataFrame
    ohmic: pd.DataFrame
    heat_c: pd.DataFrame
    past: pd.Series
    levels: pd.Series


def residuals_of(history: DeviceHistory, limits: AnomalyThresholds) -> Residuals:
    """The residuals of a device; its first days are its past."""
    rows = history.rows
    calm = is_calm(rows, limits.settle)
    hourly = rows.select_dtypes("number").where(calm).resample("1h").median()
    # A drifting string sensor must not look like a charger out of order: the posts' own sensors are better.
    posts = history.temperatures.median(axis=1).reindex(hourly.index) if len(history.temperatures) else None
    warmth = hourly["cell_temperature_c"] if posts is None else posts.fillna(hourly["cell_temperature_c"])
    past = pd.Series(hourly.index < hourly.index[0] + limits.baseline, index=hourly.index)
    posts_mean = _mean_post(history, hourly.index)
    deviation = _cells(history.voltages, hourly.index, hourly["float_current_ma"].notna())
    heat = _cells(history.temperatures, hourly.index, pd.Series(True, index=hourly.index))
    device = pd.DataFrame(
        {
            **_charger(hourly, warmth, history.device.cell_count, limits),
            "float_log": _float_log(hourly, history, warmth),
            "room_c": _hourly(rows, "ambient_temperature_c"),
            "post_rise_c": _post_rise(rows, limits),
            "ripple_log": np.log(hourly["dc_ripple_voltage_mv"].where(hourly["dc_ripple_voltage_mv"] > 0)),
            "joint": _hourly(rows, "joint_resistance_max_mohm"),
            "current_shift_a": _current_shift(hourly),
            "temperature_mismatch_c": rows["cell_temperature_c"].resample("1h").first() - posts_mean,
        }
    )
    return Residuals(
        device=_against_past(device, past, limits),
        deviation_v=_against_past(deviation, past, limits),
        ohmic=_ohmic(history, hourly.index, past, limits),
        heat_c=_against_past(heat, past, limits),
        past=past,
        levels=device[past].median(),
    )


# Told against a standard of their own, not against the device's past.
_ABSOLUTE = frozenset({"set_point_v", "slope_v_per_k", "temperature_mismatch_c"})


def _against_past(frame: pd.DataFrame, past: pd.Series, limits: AnomalyThresholds) -> pd.DataFrame:
    """Each column minus the median of its past; NaN all along where the past is too short to tell."""
    earlier = frame[past]
    middle = earlier.median().where(earlier.count() >= limits.baseline_hours)
    return frame - middle.where(~middle.index.isin(list(_ABSOLUTE)), 0.0)


def _hourly(rows: pd.DataFrame, field: str) -> pd.Series:
    return rows[field].resample("1h").median()


def _post_rise(rows: pd.DataFrame, limits: AnomalyThresholds) -> pd.Series:
    """Hottest post over the room once the heat of a recharge is gone; cells cool down over a day or two."""
    cooled = rows[is_calm(rows, limits.cool_down)].reindex(rows.index)
    return _hourly(cooled, "cell_temperature_max_c") - _hourly(cooled, "ambient_temperature_c")


def _current_shift(hourly: pd.DataFrame) -> pd.Series:
    """String current minus the float clamp's, where both can see it: the clamp ends at 20 A."""
    current = hourly["float_current_ma"] / 1000
    return (hourly["string_current_a"] - current).where(current < 0.01 * hourly["rated_capacity_ah"])


def _charger(
    hourly: pd.DataFrame, warmth: pd.Series, cell_count: int, limits: AnomalyThresholds
) -> dict[str, pd.Series]:
    """Set point over the one at this temperature (V), and how far its slope over temperature is off (V/K a cell)."""
    target = hourly["charger_set_voltage_v"]
    expected = cell_count * (FLOAT_V - COMPENSATION_V_PER_K * (warmth - 25))
    # Only hours with both: a mean over others would tilt the slope.
    both = warmth.where(target.notna())
    variance, together = both.rolling(24, min_periods=12).var(), target.rolling(24, min_periods=12).cov(both)
    swing = both.rolling(24, min_periods=12).max() - both.rolling(24, min_periods=12).min()
    # A set point that stepped is not a slope: the line must fit.
    misfit = np.sqrt((target.rolling(24, min_periods=12).var() - together**2 / variance).clip(lower=0))
    fits = (swing > limits.compensation_range_c) & (misfit < limits.compensation_misfit_v)
    return {
        "set_point_v": target - expected,
        "slope_v_per_k": (together / variance / cell_count + COMPENSATION_V_PER_K).where(fits),
    }


def _float_log(hourly: pd.DataFrame, history: DeviceHistory, warmth: pd.Series) -> pd.Series:
    """Logarithm of the float current, brought to 2.23 V and 25 °C."""
    # The median cell: a shorted one lifts all others, and the current is theirs.
    volts = hourly["cell_voltage_v"]
    if len(history.voltages):
        volts = history.voltages.median(axis=1).reindex(hourly.index).fillna(volts)
    current = hourly["float_current_ma"].where(hourly["float_current_ma"] > 0)
    expected: pd.Series = np.log(current) - PER_VOLT * (volts - 2.23) - PER_KELVIN * (warmth - 25)
    return expected


def _mean_post(history: DeviceHistory, index: pd.Index) -> pd.Series:
    if history.temperatures.empty:
        return pd.Series(np.nan, index=index)
    return history.temperatures.mean(axis=1).reindex(index)


def _cells(wide: pd.DataFrame, index: pd.Index, when: pd.Series) -> pd.DataFrame:
    """Each cell minus the median of its string, at the hours that count."""
    if wide.empty or wide.shape[1] < 3:
        return pd.DataFrame(index=index)
    return wide.sub(wide.median(axis=1), axis=0).reindex(index).where(when)


def _ohmic(history: DeviceHistory, index: pd.Index, past: pd.Series, limits: AnomalyThresholds) -> pd.DataFrame:
    """Ohmic value of each cell over its own past, the string's common change taken out; median of three days."""
    wide = history.resistances.reindex(index) if len(history.resistances) else pd.DataFrame(index=index)
    if wide.shape[1] < 3:
        return pd.DataFrame(index=index)
    earlier = wide[past]
    ratio = wide / earlier.median().where(earlier.count() >= limits.baseline_hours)
    rise = ratio.div(ratio.median(axis=1), axis=0) - 1
    return rise.rolling(72, min_periods=24).median()
