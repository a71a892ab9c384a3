"""The alarm table: condition, delay, severity, clearing. Numbers are the domain notes', section 1.2, for 2 V cells."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal

import pandas as pd

from tools.analytics import alert_signals as signals
from tools.analytics.device_history import DeviceHistory

AlertSeverity = Literal["info", "minor", "major", "critical"]
SEVERITIES: tuple[AlertSeverity, ...] = ("info", "minor", "major", "critical")
AlertName = Literal[
    "V_CELL_LOW_FLOAT", "V_CELL_BEHIND", "V_CELL_HIGH_FLOAT", "V_CELL_SHORT", "V_STRING_HIGH", "V_STRING_LOW",
    "DISCHARGE", "LOW_RESERVE", "END_V", "T_HIGH", "T_LOW", "DT_AMB", "IFLOAT", "RUNAWAY", "OHMIC", "JOINT",
    "RIPPLE", "MAINS", "RECT_N1", "RECHARGE_SLOW", "COMM", "STUCK", "CAPACITY",
]  # fmt: skip
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@dataclass(frozen=True)
class AlertRule:
    """Raised when the signal is above a step for `delay`, cleared `hysteresis` below the lowest step.

    `steps` are thresholds by severity, lowest first. Where `is_manual`, it clears only once acknowledged.
    """

    name: AlertName
    means: str
    signal: Callable[[DeviceHistory], pd.Series]
    steps: Mapping[AlertSeverity, float]
    delay: timedelta
    unit: str
    hysteresis: float = 0.0
    is_manual: bool = False

    def with_steps(self, changed: Mapping[AlertSeverity, float | None]) -> "AlertRule":
        """The rule with other thresholds; None takes a step out."""
        merged = {**self.steps, **changed}
        return replace(self, steps={name: merged[name] for name in SEVERITIES if merged.get(name) is not None})  # type: ignore[misc]


_NOW = timedelta(0)
RULES: tuple[AlertRule, ...] = (
    AlertRule("V_CELL_LOW_FLOAT", "a cell is below 2.18 V on float", signals.lowest_cell_shortfall_v,
              {"minor": 0.0}, 30 * MINUTE, "V", 0.015),
    AlertRule("V_CELL_BEHIND", "a cell is far behind its string on float", signals.lowest_cell_behind_mv,
              {"major": 90.0}, 30 * MINUTE, "mV", 15.0),
    AlertRule("V_CELL_HIGH_FLOAT", "a cell is above 2.35 V on float", signals.highest_cell_v,
              {"minor": 2.35}, 30 * MINUTE, "V", 0.015),
    AlertRule("V_CELL_SHORT", "a cell looks shorted", signals.lowest_cell_behind_mv,
              {"major": 150.0}, 5 * MINUTE, "mV", is_manual=True),
    AlertRule("V_STRING_HIGH", "the string voltage is too high", signals.string_excess_v,
              {"critical": 0.0}, MINUTE, "V", 0.5),
    AlertRule("V_STRING_LOW", "the string is undercharged with the mains there", signals.string_shortfall_v,
              {"major": 0.0}, HOUR, "V"),
    AlertRule("DISCHARGE", "the string is on battery", signals.discharge_level,
              {"info": 0.5, "major": 1.5}, MINUTE, ""),
    AlertRule("LOW_RESERVE", "little charge is left", signals.charge_missing_pct,
              {"major": 70.0, "critical": 85.0}, MINUTE, "%", 5.0),
    AlertRule("END_V", "a cell is near its end voltage in discharge", signals.lowest_cell_under_2v_in_discharge,
              {"major": 0.20, "critical": 0.25}, _NOW, "V"),
    AlertRule("T_HIGH", "a post is hot", signals.hottest_post_c,
              {"minor": 35.0, "major": 45.0, "critical": 50.0}, 10 * MINUTE, "°C", 2.0),
    AlertRule("T_LOW", "the cells are cold", signals.cold_c, {"minor": -5.0}, 30 * MINUTE, "°C", 2.0),
    AlertRule("DT_AMB", "a post is much warmer than the room", signals.unexplained_heat_c,
              {"minor": 3.0, "major": 5.0, "critical": 10.0}, 30 * MINUTE, "°C", 1.0),
    AlertRule("IFLOAT", "the float current is a multiple of its own level", signals.float_current_ratio,
              {"minor": 2.0, "major": 3.0}, HOUR, "times", 0.2),
    AlertRule("RUNAWAY", "signs of thermal runaway: lower the charge voltage or open the charger",
              signals.runaway_level, {"critical": 0.5}, _NOW, "", is_manual=True),
    AlertRule("OHMIC", "a cell's ohmic value is above its baseline", signals.ohmic_rise_pct,
              {"minor": 20.0, "major": 30.0, "critical": 50.0}, timedelta(days=3), "%", is_manual=True),
    AlertRule("JOINT", "a connection's resistance is above its installed value", signals.joint_rise_pct,
              {"minor": 20.0, "major": 50.0}, timedelta(days=3), "%", is_manual=True),
    AlertRule("RIPPLE", "the ripple is too high", signals.ripple_share, {"minor": 1.0}, HOUR, "times"),
    AlertRule("MAINS", "the mains is away or out of its range", signals.mains_level,
              {"info": 0.5, "major": 1.5}, MINUTE, ""),
    AlertRule("RECT_N1", "rectifier modules are missing", signals.modules_missing,
              {"minor": 0.5, "major": 1.5, "critical": 50.0}, MINUTE, "modules"),
    AlertRule("RECHARGE_SLOW", "still not charged a day after the mains came back", signals.hours_undercharged,
              {"major": 24.0}, _NOW, "h"),
    AlertRule("COMM", "the monitor is not heard", signals.polls_without_frame,
              {"minor": 2.0, "major": 5.0}, _NOW, "polls"),
    AlertRule("STUCK", "a temperature reading stands still", signals.stuck_level, {"minor": 1.0}, _NOW, "times"),
    AlertRule("CAPACITY", "the capacity is low", signals.capacity_missing_pct,
              {"minor": 10.0, "major": 20.0}, _NOW, "%"),
)  # fmt: skip
BY_NAME: Mapping[str, AlertRule] = {rule.name: rule for rule in RULES}
