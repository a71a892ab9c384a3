"""The features of a device-week, declared once: the same list and the same code for training and for serving."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import pandas as pd

from tools.analytics.anomaly_rules import PHASE_LOSS_LASTS
from tools.analytics.device_history import DeviceHistory
from tools.analytics.thresholds import THRESHOLDS
from tools.errors import NotEnoughDataError
from tools.mlops.signals import Signals, signals_of

WEEK, DAY = timedelta(days=7), timedelta(days=1)
# A week is judged together with the three before it; the first days of them are its past.
HISTORY = timedelta(days=28)
# Past, some days between, and the week itself.
LEAST_HISTORY = timedelta(days=12)
Statistic = Callable[[pd.Series], float]


def highest(week: pd.Series) -> float:
    """The highest value of the week."""
    return float(week.max()) if week.notna().any() else np.nan


def lowest(week: pd.Series) -> float:
    """The lowest value of the week."""
    return float(week.min()) if week.notna().any() else np.nan


def typical(week: pd.Series) -> float:
    """The median of the week."""
    return float(week.median()) if week.notna().any() else np.nan


def last_day(week: pd.Series) -> float:
    """The median of the newest day that has values."""
    known = week.dropna()
    return float(known[known.index > known.index[-1] - DAY].median()) if len(known) else np.nan


def growth(week: pd.Series) -> float:
    """The median of the newest day minus that of the oldest day that has values."""
    known = week.dropna()
    if not len(known) or known.index[-1] - known.index[0] < 2 * DAY:
        return np.nan
    return float(
        known[known.index > known.index[-1] - DAY].median() - known[known.index < known.index[0] + DAY].median()
    )


def share(week: pd.Series) -> float:
    """Mean of a yes-or-no series: the share of its rows."""
    return float(week.mean()) if week.notna().any() else np.nan


def spread(week: pd.Series) -> float:
    """Half of the distance between the 5th and the 95th percentile."""
    return float(week.quantile(0.95) - week.quantile(0.05)) / 2 if week.notna().any() else np.nan


@dataclass(frozen=True)
class Measured:
    """A statistic of a signal over the week. Outside `low` to `high` the data is broken."""

    name: str
    signal: str
    statistic: Statistic
    unit: str
    low: float
    high: float
    means: str


@dataclass(frozen=True)
class Evidence:
    """How many times its limit the furthest of some features lies: kinds of fault that are rare share what speaks for them.

    A negative limit is one from below.
    """

    name: str
    parts: Mapping[str, float]
    unit: str
    low: float
    high: float
    means: str


MEASURED: tuple[Measured, ...] = (
    Measured("set_point_high_v", "set_point_v", highest, "V", -80, 80, "set point over the one at this temperature, highest"),
    Measured("set_point_low_v", "set_point_v", lowest, "V", -80, 80, "set point over the one at this temperature, lowest"),
    Measured("set_point_last_v", "set_point_v", last_day, "V", -80, 80, "set point over the one at this temperature, newest day"),
    Measured("compensation_off_v_per_k", "slope_v_per_k", highest, "V/K", 0, 5, "how far the compensation is off"),
    Measured("compensation_typical_v_per_k", "slope_v_per_k", typical, "V/K", 0, 5, "how far the compensation is off, median"),
    Measured("float_high_log", "float_log", highest, "", -20, 20, "float current over its own past, highest"),
    Measured("float_low_log", "float_log", lowest, "", -20, 20, "float current over its own past, lowest"),
    Measured("float_growth_log", "float_log", growth, "", -20, 20, "growth of the float current in the week"),
    Measured("float_level_log", "float_level_log", typical, "", -30, 30, "float current for this capacity"),
    Measured("float_ratio", "float_current_ratio", highest, "times", 0, 1e4, "float current over its days before"),
    Measured("room_rise_c", "room_c", highest, "°C", -90, 90, "room over its own past"),
    Measured("room_typical_c", "room_c", typical, "°C", -90, 90, "room over its own past, median"),
    Measured("post_rise_c", "post_rise_c", highest, "°C", -90, 90, "hottest post over the room against its past"),
    Measured("post_over_room_c", "post_over_room_c", highest, "°C", -90, 120, "hottest post over the room"),
    Measured("hottest_post_c", "hottest_post_c", highest, "°C", -60, 150, "hottest post"),
    Measured("hot_post_growth_c", "hottest_post_c", growth, "°C", -90, 120, "growth of the hottest post in the week"),
    Measured("ripple_log", "ripple_log", last_day, "", -20, 20, "ripple over its own past"),
    Measured("ripple_share", "ripple_share", typical, "times", 0, 1e4, "ripple over what is allowed"),
    Measured("current_shift_high_a", "current_shift_a", highest, "A", -3000, 3000, "string current against the clamp, highest"),
    Measured("current_shift_low_a", "current_shift_a", lowest, "A", -3000, 3000, "string current against the clamp, lowest"),
    Measured("current_shift_level_a", "current_shift_level_a", typical, "A", -3000, 3000, "string current minus the clamp's"),
    Measured("mismatch_high_c", "temperature_mismatch_c", highest, "°C", -150, 150, "string temperature over its posts, highest"),
    Measured("mismatch_low_c", "temperature_mismatch_c", lowest, "°C", -150, 150, "string temperature over its posts, lowest"),
    Measured("mismatch_growth_c", "temperature_mismatch_c", growth, "°C", -150, 150, "string temperature drifting off its posts"),
    Measured("stuck_times", "stuck_times", highest, "times", 0, 1e4, "string temperature that stands still"),
    Measured("voltage_mismatch", "voltage_mismatch", highest, "", 0, 10, "string voltage against its cells, highest"),
    Measured("voltage_mismatch_typical", "voltage_mismatch", typical, "", 0, 10, "string voltage against its cells, median"),
    Measured("bus_gap_v", "bus_gap_v", highest, "V", 0, 200, "bus voltage against the string's"),
    Measured("bus_gap_last_v", "bus_gap_v", last_day, "V", 0, 200, "bus voltage against the string's, newest day"),
    Measured("modules_missing", "modules_missing", last_day, "modules", 0, 99, "rectifier modules fewer than there were"),
    Measured("phase_missing_share", "phase_missing", share, "", 0, 1, "share of rows with a phase missing"),
    Measured("string_excess_v", "string_excess_v", typical, "V", -100, 100, "string voltage over what is allowed"),
    Measured("string_shortfall_v", "string_shortfall_v", typical, "V", -100, 100, "string voltage under 2.20 V a cell"),
    Measured("cell_low_v", "cell_low_v", highest, "V", -3, 3, "lowest cell under its own past"),
    Measured("cell_low_last_v", "cell_low_v", last_day, "V", -3, 3, "lowest cell under its own past, newest day"),
    Measured("cell_low_growth_v", "cell_low_v", growth, "V", -3, 3, "lowest cell sinking in the week"),
    Measured("cell_low_lead_v", "cell_low_lead_v", typical, "V", 0, 3, "lowest cell before the next one"),
    Measured("cell_high_v", "cell_high_v", highest, "V", -3, 3, "highest cell over its own past"),
    Measured("cell_behind_mv", "cell_behind_mv", highest, "mV", -500, 3000, "lowest cell behind its string"),
    Measured("cell_behind_typical_mv", "cell_behind_mv", typical, "mV", -500, 3000, "lowest cell behind its string, median"),
    Measured("cell_ohmic_rise", "cell_ohmic_rise", last_day, "", -1, 50, "highest ohmic value over its own past"),
    Measured("cell_ohmic_growth", "cell_ohmic_rise", growth, "", -50, 50, "highest ohmic value rising in the week"),
    Measured("cell_ohmic_lead", "cell_ohmic_lead", last_day, "", 0, 50, "highest ohmic value before the next one"),
    Measured("cell_ohmic_ratio", "cell_ohmic_ratio", typical, "", 0, 50, "highest ohmic value over the string's mean"),
    Measured("ohmic_rise_pct", "ohmic_rise_pct", typical, "%", -100, 5000, "highest ohmic value over commissioning"),
    Measured("cell_heat_c", "cell_heat_c", highest, "°C", -90, 90, "hottest cell over its own past"),
    Measured("joint_rise", "joint", last_day, "", -1, 500, "highest connection resistance over its own past"),
    Measured("joint_growth", "joint", growth, "", -500, 500, "highest connection resistance rising in the week"),
    Measured("joint_rise_pct", "joint_rise_pct", typical, "%", -100, 50000, "highest connection resistance over its installed value"),
    Measured("frame_age_polls", "frame_age_polls", highest, "polls", 0, 1e5, "longest time without a good frame"),
    Measured("gap_polls", "gap_polls", highest, "polls", 0, 1e5, "longest gap between rows"),
    Measured("not_fresh_share", "not_fresh", share, "", 0, 1, "share of rows that repeat old values"),
    Measured("clock_lag_s", "clock_lag_s", highest, "s", 0, 1e7, "clock of the monitor against the gateway's"),
    Measured("clock_lag_typical_s", "clock_lag_s", typical, "s", 0, 1e7, "clock of the monitor against the gateway's, median"),
    Measured("calm_share", "calm", share, "", 0, 1, "share of rows on settled float"),
    Measured("battery_share", "on_battery", share, "", 0, 1, "share of rows on battery"),
)  # fmt: skip
# The limits are those of the anomaly rules, and of the alarm table where it has another view of the same.
_T = THRESHOLDS
_EVIDENCE: Mapping[str, Mapping[str, float]] = {
    "dry_out": {"cell_ohmic_rise": _T.ohmic_rise, "cell_ohmic_lead": _T.ohmic_rise},
    "short": {"cell_low_v": _T.leaking_cell_v, "cell_behind_typical_mv": 90.0},
    "joint": {"joint_rise": _T.joint_rise, "joint_rise_pct": 20.0},
    "thermal": {
        "room_rise_c": _T.room_rise_c, "post_rise_c": _T.post_rise_c, "float_high_log": float(np.log(_T.float_ratio)),
    },
    "charger": {
        "set_point_high_v": _T.set_point_v, "set_point_low_v": -_T.set_point_v,
        "compensation_off_v_per_k": _T.compensation_v_per_k, "ripple_log": float(np.log(_T.ripple_ratio)),
        "ripple_share": 1.0, "bus_gap_v": _T.bus_gap_v, "modules_missing": 1.0,
        "phase_missing_share": PHASE_LOSS_LASTS / WEEK,
    },
    "sensor": {
        "mismatch_high_c": _T.temperature_mismatch_c, "mismatch_low_c": -_T.temperature_mismatch_c,
        "current_shift_high_a": _T.current_shift_a, "current_shift_low_a": -_T.current_shift_a,
        "voltage_mismatch": _T.voltage_mismatch, "stuck_times": 1.0,
    },
    "communication": {"gap_polls": _T.gap_polls, "frame_age_polls": _T.gap_polls, "clock_lag_s": _T.lag_s},
}  # fmt: skip
EVIDENCE: Mapping[str, Evidence] = {
    condition: Evidence(
        f"{condition}_evidence", parts, "times", -1e6, 1e6, f"furthest of what speaks for {condition}, over its limit"
    )
    for condition, parts in _EVIDENCE.items()
}
FEATURES: tuple[Measured | Evidence, ...] = (*MEASURED, *EVIDENCE.values())
NAMES: tuple[str, ...] = tuple(feature.name for feature in FEATURES)


def week_features(signals: Signals, end: datetime) -> dict[str, float]:
    """The features of the week up to `end`, in the order of the list; NaN where a week cannot tell."""
    start = pd.Timestamp(end - WEEK)
    weeks: dict[str, pd.Series] = {}
    for name, series in signals.items():
        weeks[name] = series[(series.index >= start) & (series.index < pd.Timestamp(end))]
    found = {feature.name: _told(feature.statistic(weeks[feature.signal])) for feature in MEASURED}
    return found | {evidence.name: _furthest(evidence, found) for evidence in EVIDENCE.values()}


def _furthest(evidence: Evidence, found: Mapping[str, float]) -> float:
    """The largest part over its limit; NaN where no part can tell."""
    times = [found[name] / limit for name, limit in evidence.parts.items() if np.isfinite(found[name])]
    return max(times, default=np.nan)


def _told(value: float) -> float:
    """A ratio to nothing, as of a current that was zero before, tells nothing."""
    return value if np.isfinite(value) else np.nan


def features_of(history: DeviceHistory, end: datetime) -> dict[str, float]:
    """The features of the week up to `end` of a device, from what was stored before `end`.

    Raises:
        NotEnoughDataError: the history does not reach back far enough, or its last week is empty.
    """
    known = history.rows.index[history.rows.index < pd.Timestamp(end)]
    if not len(known) or known[-1] < pd.Timestamp(end - WEEK) or end - known[0] < LEAST_HISTORY:
        raise NotEnoughDataError(
            f"{history.device.device_id} has no {LEAST_HISTORY.days} days of readings up to {end:%Y-%m-%d %H:%M} UTC.",
            "A week is judged against the days before it.",
        )
    return week_features(signals_of(history), end)


def feature_reference() -> Mapping[str, str]:
    """What each feature means, for the model card."""
    return {feature.name: f"{feature.means}{f', {feature.unit}' if feature.unit else ''}" for feature in FEATURES}
