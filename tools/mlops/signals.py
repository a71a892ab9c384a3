"""The series behind the features: residuals, cells, and what the alerts look at; none of them looks ahead.

The value at a moment depends on earlier rows alone, so a week cut out of a longer history has the same features as
the week would have had on its last day. A test compares the two.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from tools.analytics import alert_signals
from tools.analytics.anomaly_rules import DEAD_PHASE_V, LIVE_PHASE_V, stuck_strength
from tools.analytics.device_history import DeviceHistory, is_calm, is_on_battery
from tools.analytics.residuals import Residuals, residuals_of
from tools.analytics.thresholds import THRESHOLDS

Signals = Mapping[str, pd.Series]
# One odd sample is a sensor's; what holds for these hours is the device's.
HELD_HOURS = 6


def signals_of(history: DeviceHistory) -> Signals:
    """Every series the features are made from, by name."""
    residuals = residuals_of(history, THRESHOLDS)
    return {
        **_device(residuals, history.device.rated_capacity_ah),
        **_cells(residuals),
        **_rows(history),
        **_alerts(history),
    }


def _device(found: Residuals, rated_ah: float | None) -> dict[str, pd.Series]:
    """Residuals of the whole device, held over some hours, and the absolute level of those that lose it."""
    held = {str(name): _held(found.device[name]) for name in found.device.columns}
    joint_level = found.levels.get("joint", np.nan)
    return {
        **held,
        "slope_v_per_k": held["slope_v_per_k"].abs(),
        "joint": held["joint"] / joint_level if joint_level > 0 else held["joint"] * np.nan,
        # A fault older than the history does not show against its past.
        "float_level_log": held["float_log"] + found.levels["float_log"] - np.log(rated_ah or np.nan),
        "current_shift_level_a": held["current_shift_a"] + found.levels["current_shift_a"],
    }


def _held(values: pd.Series) -> pd.Series:
    return values.rolling(HELD_HOURS, min_periods=HELD_HOURS // 2).median()


def _cells(found: Residuals) -> dict[str, pd.Series]:
    """The cell that stands out most, and how far it leads the next one: a fault of one cell has a lead."""
    index = found.device.index
    low, high = -_held_cells(found.deviation_v), _held_cells(found.deviation_v)
    heat = _held_cells(found.heat_c)
    ohmic = found.ohmic
    return {
        "cell_low_v": _top(low, 1, index),
        "cell_low_lead_v": _top(low, 1, index) - _top(low, 2, index),
        "cell_high_v": _top(high, 1, index),
        "cell_ohmic_rise": _top(ohmic, 1, index),
        "cell_ohmic_lead": _top(ohmic, 1, index) - _top(ohmic, 2, index),
        "cell_heat_c": _top(heat, 1, index),
    }


def _held_cells(wide: pd.DataFrame) -> pd.DataFrame:
    return wide.rolling(HELD_HOURS, min_periods=HELD_HOURS // 2).median() if len(wide.columns) else wide


def _top(wide: pd.DataFrame, place: int, index: pd.Index) -> pd.Series:
    """The highest (1) or second highest (2) cell of each hour; no data where fewer are known."""
    if wide.shape[1] < 3:
        return pd.Series(np.nan, index=index)
    ordered = np.sort(wide.fillna(-np.inf).to_numpy(), axis=1)[:, -place]
    return pd.Series(np.where(np.isfinite(ordered), ordered, np.nan), index=wide.index)


def _rows(history: DeviceHistory) -> dict[str, pd.Series]:
    """What single rows say: sensors against each other, the bus, the mains, the link, the clock."""
    rows, received, poll_s = history.rows, history.received, history.poll.total_seconds()
    total = rows["cell_count"] * rows["cell_voltage_v"]
    floats = rows["mains_state"].isin(["ok", "phase_loss"]) & (rows["charger_mode"] == "float")
    gap = (rows["rectifier_voltage_v"] - rows["string_voltage_v"]).abs().where(floats)
    phases = rows[["ac_voltage_l1_v", "ac_voltage_l2_v", "ac_voltage_l3_v"]]
    lag = (pd.to_datetime(received["received_utc"], utc=True) - received.index).dt.total_seconds().abs()
    worst_ohmic = rows["internal_resistance_max_mohm"] / rows["internal_resistance_mohm"]
    return {
        "voltage_mismatch": (rows["string_voltage_v"] - total).abs() / total,
        "bus_gap_v": gap.rolling(3).min(),
        "phase_missing": ((phases < DEAD_PHASE_V).any(axis=1) & (phases > LIVE_PHASE_V).any(axis=1)).astype(float),
        "clock_lag_s": lag.rolling(8, min_periods=4).median(),
        "gap_polls": received.index.to_series().diff().dt.total_seconds() / poll_s,
        "not_fresh": (~received.index.isin(rows.index)).astype(float) + 0 * received["cell_count"].fillna(0.0),
        "stuck_times": stuck_strength(history, THRESHOLDS),
        "calm": is_calm(rows, THRESHOLDS.settle).astype(float),
        "on_battery": is_on_battery(rows).astype(float),
        "cell_ohmic_ratio": worst_ohmic,
    }


def _alerts(history: DeviceHistory) -> dict[str, pd.Series]:
    """What the alert rules look at, against limits that hold for every device."""
    return {
        "hottest_post_c": alert_signals.hottest_post_c(history),
        "post_over_room_c": alert_signals.post_over_room_c(history),
        "float_current_ratio": alert_signals.float_current_ratio(history),
        "cell_behind_mv": alert_signals.lowest_cell_behind_mv(history),
        "string_excess_v": alert_signals.string_excess_v(history),
        "string_shortfall_v": alert_signals.string_shortfall_v(history),
        "ohmic_rise_pct": alert_signals.ohmic_rise_pct(history),
        "joint_rise_pct": alert_signals.joint_rise_pct(history),
        "ripple_share": alert_signals.ripple_share(history),
        "modules_missing": alert_signals.modules_missing(history),
        "frame_age_polls": alert_signals.polls_without_frame(history),
    }
