"""What alerts look at: one value a row, larger is worse, no data where the row cannot tell.

A value that cannot be told neither raises nor clears: so alerts about float are quiet in a discharge.
"""

from datetime import datetime, timedelta

import numpy as np
import pandas as pd

from tools.analytics.anomaly_rules import stuck_strength
from tools.analytics.device_history import DeviceHistory, is_on_battery
from tools.analytics.thresholds import THRESHOLDS
from tools.analytics.work_heat import work_heat_c

# Over its room a string must never be warmer, recharge or not (the table's last step).
DANGEROUS_HEAT_C = 10.0
SECOND = timedelta(seconds=1)
# Thresholds of silence are a few polls; how long a longer one was is told by its end.
MOST_POLLS_TOLD = 24
PHASES = ["ac_voltage_l1_v", "ac_voltage_l2_v", "ac_voltage_l3_v"]


def _on_float(history: DeviceHistory, values: pd.Series) -> pd.Series:
    return values.where(history.is_on_settled_float)


def lowest_cell_shortfall_v(history: DeviceHistory) -> pd.Series:
    """Volts of the lowest cell under 2.18 V."""
    return _on_float(history, 2.18 - history.rows["cell_voltage_min_v"])


def lowest_cell_behind_mv(history: DeviceHistory) -> pd.Series:
    """Millivolts of the lowest cell behind the mean of its string."""
    rows = history.rows
    return _on_float(history, 1000 * (rows["cell_voltage_v"] - rows["cell_voltage_min_v"]))


def highest_cell_v(history: DeviceHistory) -> pd.Series:
    """Volts of the highest cell."""
    return _on_float(history, history.rows["cell_voltage_max_v"])


def string_excess_v(history: DeviceHistory) -> pd.Series:
    """Volts over the set point plus 1.5 V or over 2.40 V a cell, whichever comes first; not in boost."""
    rows = history.rows
    allowed = np.minimum(rows["charger_set_voltage_v"] + 1.5, 2.40 * rows["cell_count"])
    return (rows["string_voltage_v"] - allowed).where(rows["charger_mode"].isin(["float", "off"]))


def string_shortfall_v(history: DeviceHistory) -> pd.Series:
    """Volts under 2.20 V a cell with mains and without a recharge."""
    rows = history.rows
    floats = (rows["charger_mode"] == "float") & (rows["mains_state"] == "ok")
    is_recharging = rows["string_current_a"] >= 0.02 * rows["rated_capacity_ah"]
    return (2.20 * rows["cell_count"] - rows["string_voltage_v"]).where(floats & ~is_recharging)


def discharge_level(history: DeviceHistory) -> pd.Series:
    """1 on battery as planned (mains lost, more than half left), 2 on battery otherwise."""
    rows = history.rows
    planned = (rows["mains_state"] == "lost") & (rows["soc_pct"] > 50)
    level: pd.Series = is_on_battery(rows) * np.where(planned, 1.0, 2.0)
    return level


def charge_missing_pct(history: DeviceHistory) -> pd.Series:
    """Percent of charge that is gone."""
    return 100 - history.rows["soc_pct"]


def lowest_cell_under_2v_in_discharge(history: DeviceHistory) -> pd.Series:
    """Volts of the lowest cell under 2 V in a discharge."""
    rows = history.rows
    return (2.0 - rows["cell_voltage_min_v"]).where(is_on_battery(rows), -1.0)


def hottest_post_c(history: DeviceHistory) -> pd.Series:
    """Hottest post, °C."""
    return history.rows["cell_temperature_max_c"]


def cold_c(history: DeviceHistory) -> pd.Series:
    """Mean post temperature with its sign turned, so that colder is larger, °C."""
    return -history.rows["cell_temperature_c"]


def post_over_room_c(history: DeviceHistory) -> pd.Series:
    """Hottest post over the room, °C.

    Cells follow the room about a day behind, so a cool night is no heat of theirs: the warmer of the room now and
    its mean of the last day counts.
    """
    room = history.rows["ambient_temperature_c"]
    return history.rows["cell_temperature_max_c"] - np.maximum(room, room.rolling("1D").mean())


def unexplained_heat_c(history: DeviceHistory) -> pd.Series:
    """The same without what a discharge and its recharge explain, °C; beyond 10 °C all of it, whatever the cause."""
    over = post_over_room_c(history)
    return over.where(over > DANGEROUS_HEAT_C, over - work_heat_c(history))


def float_current_ratio(history: DeviceHistory) -> pd.Series:
    """Float current over its own median of the 30 days before, both at 25 °C; doubles per 10 °C."""
    rows = history.rows
    current = _on_float(history, rows["float_current_ma"] / 2 ** ((rows["cell_temperature_c"] - 25) / 10))
    daily = current.resample("1D").median()
    usual = daily.rolling(30, min_periods=3).median().shift(1).reindex(rows.index, method="ffill")
    ratio: pd.Series = current / usual
    return ratio


def runaway_level(history: DeviceHistory) -> pd.Series:
    """1 while the float current is three times its own, the posts over 5 °C above the room, and still warming."""
    hottest = hottest_post_c(history)
    before = hottest.asof(pd.DatetimeIndex(hottest.index) - pd.Timedelta(hours=6)) if len(hottest) else hottest
    is_rising = hottest.to_numpy() - np.asarray(before, dtype=float) > 0
    current = history.rows["float_current_ma"] / history.rows["rated_capacity_ah"]
    is_high = (float_current_ratio(history) >= 3) | (current > 3)
    level: pd.Series = (is_high & (post_over_room_c(history) > 5) & is_rising).astype(float)
    return level


def ohmic_rise_pct(history: DeviceHistory) -> pd.Series:
    """Worst cell over the string's value at commissioning, percent."""
    return _rise(history.rows["internal_resistance_max_mohm"], history.device.resistance_baseline_mohm)


def joint_rise_pct(history: DeviceHistory) -> pd.Series:
    """Worst connection over its installed value, percent."""
    return _rise(history.rows["joint_resistance_max_mohm"], history.device.joint_baseline_mohm)


def _rise(values: pd.Series, baseline: float | None) -> pd.Series:
    return 100 * (values / (baseline or np.nan) - 1)


def ripple_share(history: DeviceHistory) -> pd.Series:
    """Ripple over what is allowed: 5 % of C10 as current or 0.5 % of the bus voltage."""
    rows = history.rows
    current = rows["ripple_current_a"] / (0.05 * rows["rated_capacity_ah"])
    bus = rows["rectifier_voltage_v"].where(rows["rectifier_voltage_v"] > 0)
    return pd.concat([current, rows["dc_ripple_voltage_mv"] / 1000 / (0.005 * bus)], axis=1).max(axis=1)


def mains_level(history: DeviceHistory) -> pd.Series:
    """1 lost, on generator or a phase outside 207 to 253 V; 2 a phase missing."""
    rows = history.rows
    is_gone = rows["mains_state"].isin(["lost", "generator"])
    outside = ((rows[PHASES] < 207) | (rows[PHASES] > 253)).any(axis=1)
    return pd.Series(
        np.select([is_gone, rows["mains_state"] == "phase_loss", outside], [1.0, 2.0, 1.0], 0.0), index=rows.index
    )


def modules_missing(history: DeviceHistory) -> pd.Series:
    """Rectifier modules fewer than there were; 99 when none is left."""
    modules = history.rows["rectifier_modules_ok"]
    return (modules.cummax() - modules).where(modules > 0, 99.0).where(modules.notna())


def hours_undercharged(history: DeviceHistory) -> pd.Series:
    """Hours since the mains came back while the charge is still below 95 %."""
    rows = history.rows
    times = pd.Series(rows.index, index=rows.index)
    since = times.where(rows["mains_state"].isin(["lost"])).ffill()
    hours = (times - since).dt.total_seconds() / 3600
    return hours.where(rows["soc_pct"] < 95, 0.0).fillna(0.0)


def polls_without_frame(history: DeviceHistory) -> pd.Series:
    """Poll intervals since the newest good frame: the age a row tells, and between rows the time that passes.

    A silence has values of its own, one for each poll that was missed: so an alert stands from the moment it was due,
    whether the next row ends it or the clock says that none has come.
    """
    received, poll = history.received, history.poll
    told = received["bms_frame_age_s"].astype(float).fillna(0.0) / poll.total_seconds()
    heard = pd.DatetimeIndex(received.index)
    missed: dict[datetime, float] = {}
    for place in np.flatnonzero(heard[1:] - heard[:-1] > pd.Timedelta(poll)).tolist():
        begin, last = heard[place].to_pydatetime(), heard[place + 1].to_pydatetime() - SECOND
        missed |= _polls_missed(begin, last, poll) | {last: (last - begin) / poll}
    if history.until is not None and len(heard):
        # How long a silence that goes on will have been is not known yet; so its moments are the same at every look.
        missed |= _polls_missed(heard[-1].to_pydatetime(), history.until, poll)
    polls: pd.Series = pd.concat([told, pd.Series(missed, dtype=float)]) if missed else told
    return polls.sort_index(kind="stable")


def _polls_missed(begin: datetime, end: datetime, poll: timedelta) -> dict[datetime, float]:
    """Polls missed since a row at each moment one more is, up to an end."""
    moments = (begin + number * poll + SECOND for number in range(1, MOST_POLLS_TOLD + 1))
    return {moment: (moment - begin) / poll for moment in moments if moment < end}


def stuck_level(history: DeviceHistory) -> pd.Series:
    """Temperature reading that stands still, in times the allowed samples."""
    return stuck_strength(history, THRESHOLDS)


def capacity_missing_pct(history: DeviceHistory) -> pd.Series:
    """Percent of the rated capacity that is gone, by the last test or the monitor's estimate."""
    return 100 - history.rows[["capacity_test_pct", "soh_pct"]].min(axis=1)
