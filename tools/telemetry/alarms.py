"""The alarms of the battery monitor itself: one bit each, set by a plain threshold of the row it stands in.

Names and bits are those of SunSpec model 802 (Evt1) where it has the alarm. Its names that mean nothing for one
lead-acid string on float (full charge, doors, parallel strings, configuration) leave their places to alarms of ours.
Alerts with delays, baselines and hysteresis are another thing and not the monitor's.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tools.telemetry.fields import all_fields
from tools.telemetry.reading import Severity

# Columns of the rows by field, no data as NaN or None: quicker on the few rows of a live sample than a frame.
Columns = dict[str, NDArray[Any]]
Mask = NDArray[np.bool_]
Condition = Callable[[Columns], Mask]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)


@dataclass(frozen=True)
class Alarm:
    """One alarm: its bit, how bad it is, what it means, and when a row raises it."""

    name: str
    bit: int
    severity: Severity
    meaning: str
    is_raised: Condition


def _above(field: str, threshold: float) -> Condition:
    return lambda rows: rows[field] > threshold


def _below(field: str, threshold: float) -> Condition:
    return lambda rows: rows[field] < threshold


def _is(field: str, *choices: str) -> Condition:
    return lambda rows: _is_one_of(rows, field, *choices)


def _current_above(share: float) -> Condition:
    """Charge current above a share of C10; a negative share means a discharge beyond it."""
    if share < 0:
        return lambda rows: _per_ah(rows, "string_current_a") < share
    return lambda rows: _per_ah(rows, "string_current_a") > share


def _rise_above(degrees: float) -> Condition:
    return lambda rows: rows["cell_temperature_max_c"] - rows["ambient_temperature_c"] > degrees


def _is_one_of(rows: Columns, field: str, *choices: str) -> Mask:
    is_one: Mask = np.logical_or.reduce([rows[field] == choice for choice in choices])
    return is_one


def _per_cell(rows: Columns) -> NDArray[np.float64]:
    volts: NDArray[np.float64] = rows["string_voltage_v"] / rows["cell_count"]
    return volts


def _per_ah(rows: Columns, field: str) -> NDArray[np.float64]:
    share: NDArray[np.float64] = rows[field] / rows["rated_capacity_ah"]
    return share


_is_on_battery = _current_above(-0.02)


def _is_floating(rows: Columns) -> Mask:
    # A string that is still taking charge back is not on float yet, whatever the charger's mode.
    is_taking = _per_ah(rows, "string_current_a") >= 0.02
    return _is_one_of(rows, "charger_mode", "float") & ~is_taking & ~_is_on_battery(rows)


def _is_uneven(rows: Columns) -> Mask:
    is_full = _is_floating(rows) & ~np.isnan(rows["float_current_ma"])
    is_uneven: Mask = is_full & ((rows["cell_voltage_min_v"] < 2.18) | (rows["cell_voltage_max_v"] > 2.35))
    return is_uneven


def _is_over_voltage(rows: Columns) -> Mask:
    return (_per_cell(rows) > 2.33) & _is_one_of(rows, "charger_mode", "float", "off")


def _is_under_voltage(rows: Columns) -> Mask:
    is_empty = _is_on_battery(rows) & (rows["cell_voltage_min_v"] < 1.80)
    is_undercharged: Mask = is_empty | (
        _is_one_of(rows, "mains_state", "ok") & _is_floating(rows) & (_per_cell(rows) < 2.20)
    )
    return is_undercharged


def _is_discharge_serious(rows: Columns) -> Mask:
    is_expected = _is_one_of(rows, "mains_state", "lost") & ~(rows["soc_pct"] < 50)
    is_serious: Mask = _is_on_battery(rows) & ~is_expected
    return is_serious


def _is_rippling(rows: Columns) -> Mask:
    is_rippling: Mask = (_per_ah(rows, "ripple_current_a") > 0.05) | (
        rows["dc_ripple_voltage_mv"] > 5 * rows["rectifier_voltage_v"]
    )
    return is_rippling


def _is_mains_unsound(rows: Columns) -> Mask:
    phases = np.stack([rows[f"ac_voltage_l{number}_v"] for number in (1, 2, 3)])
    is_outside = ((phases < 207) | (phases > 253)).any(axis=0)
    is_there = _is_one_of(rows, "mains_state", "ok", "generator")
    return _is_one_of(rows, "mains_state", "phase_loss", "brownout") | (is_outside & is_there)


ALARMS: tuple[Alarm, ...] = (
    Alarm(
        "COMMUNICATION_ERROR",
        0,
        "minor",
        "The link to the monitor is degraded or lost",
        _is("bms_comm_status", "degraded", "lost"),
    ),
    Alarm(
        "OVER_TEMP_ALARM", 1, "critical", "A post is above 50 °C: stop charging", _above("cell_temperature_max_c", 50)
    ),
    Alarm("OVER_TEMP_WARNING", 2, "minor", "A post is above 35 °C", _above("cell_temperature_max_c", 35)),
    Alarm("UNDER_TEMP_ALARM", 3, "major", "The cells are below 0 °C", _below("cell_temperature_c", 0)),
    Alarm("UNDER_TEMP_WARNING", 4, "minor", "The cells are below 5 °C", _below("cell_temperature_c", 5)),
    Alarm("OVER_CHARGE_CURRENT_ALARM", 5, "major", "The charge current is above 0.25 C10", _current_above(0.25)),
    Alarm("OVER_CHARGE_CURRENT_WARNING", 6, "minor", "The charge current is above 0.15 C10", _current_above(0.15)),
    Alarm("OVER_DISCHARGE_CURRENT_ALARM", 7, "major", "The discharge current is above 1 C10", _current_above(-1.0)),
    Alarm(
        "OVER_DISCHARGE_CURRENT_WARNING", 8, "minor", "The discharge current is above 0.25 C10", _current_above(-0.25)
    ),
    Alarm("OVER_VOLT_ALARM", 9, "critical", "The string is above 2.45 V a cell", lambda rows: _per_cell(rows) > 2.45),
    Alarm("OVER_VOLT_WARNING", 10, "major", "The string is above 2.33 V a cell without a boost", _is_over_voltage),
    Alarm(
        "UNDER_VOLT_ALARM",
        11,
        "critical",
        "The lowest cell is below 1.75 V in discharge",
        lambda rows: _is_on_battery(rows) & (rows["cell_voltage_min_v"] < 1.75),
    ),
    Alarm(
        "UNDER_VOLT_WARNING",
        12,
        "major",
        "The lowest cell is below 1.80 V in discharge, or the string below 2.20 V a cell on float",
        _is_under_voltage,
    ),
    Alarm("UNDER_SOC_MIN_ALARM", 13, "critical", "The state of charge is below 15 %", _below("soc_pct", 15)),
    Alarm("UNDER_SOC_MIN_WARNING", 14, "major", "The state of charge is below 30 %", _below("soc_pct", 30)),
    Alarm(
        "THERMAL_RUNAWAY",
        16,
        "critical",
        "Float current and temperature rise together",
        _is("thermal_runaway_risk", "high"),
    ),
    Alarm(
        "VOLTAGE_IMBALANCE_WARNING",
        17,
        "minor",
        "On float the lowest cell is below 2.18 V or the highest above 2.35 V",
        _is_uneven,
    ),
    Alarm("TEMPERATURE_IMBALANCE_ALARM", 18, "critical", "A post is over 10 °C above the room", _rise_above(10)),
    Alarm("TEMPERATURE_IMBALANCE_WARNING", 19, "major", "A post is over 5 °C above the room", _rise_above(5)),
    Alarm(
        "CONTACTOR_ERROR",
        20,
        "critical",
        "The low-voltage disconnect or a fuse has dropped the load",
        lambda rows: _is_one_of(rows, "mains_state", "lost") & (rows["dc_load_current_a"] < 0.5),
    ),
    Alarm(
        "FLOAT_CURRENT_HIGH",
        24,
        "major",
        "The float current is above 3 mA/Ah",
        lambda rows: _per_ah(rows, "float_current_ma") > 3,
    ),
    Alarm(
        "OTHER_ALARM",
        25,
        "major",
        "The worst cell's ohmic value is 50 % above its baseline",
        _is("ohmic_state", "alarm"),
    ),
    Alarm(
        "OTHER_WARNING",
        26,
        "minor",
        "The worst cell's ohmic value is 20 % above its baseline",
        _is("ohmic_state", "warning"),
    ),
    Alarm(
        "ON_BATTERY",
        27,
        "major",
        "The string discharges though the mains is there, or is below half charge",
        _is_discharge_serious,
    ),
    Alarm(
        "RECTIFIER_FAILED",
        28,
        "minor",
        "A rectifier module or the charger reports a fault",
        _above("charger_fault_code", 0),
    ),
    Alarm("RIPPLE_HIGH", 29, "minor", "Ripple is above 5 % of C10 or 0.5 % of the bus voltage", _is_rippling),
    Alarm(
        "MAINS_LOST",
        30,
        "info",
        "The mains is lost or a generator stands in for it",
        _is("mains_state", "lost", "generator"),
    ),
    Alarm("MAINS_DISTURBED", 31, "major", "A phase is lost or outside 207-253 V", _is_mains_unsound),
)


def raise_alarms(rows: pd.DataFrame) -> pd.DataFrame:
    """`alarm_bits`, `alarm_count` and `alarm_severity` of each row, from nothing but the row's own values.

    A value that is missing raises nothing.
    """
    columns = _columns(rows)
    raised = np.stack([alarm.is_raised(columns) for alarm in ALARMS], axis=1).astype(bool)
    ranks = np.array([SEVERITIES.index(alarm.severity) for alarm in ALARMS])
    worst = (raised * ranks).max(axis=1)
    return pd.DataFrame(
        {
            "alarm_severity": np.array(SEVERITIES, dtype=object)[worst],
            "alarm_count": raised.sum(axis=1).astype(np.int64),
            "alarm_bits": (raised * _weights()).sum(axis=1),
        },
        index=rows.index,
    )


def _columns(rows: pd.DataFrame) -> Columns:
    """Numbers and categories of the rows; a field that is not there is no data."""
    columns: Columns = {}
    for name, facts in all_fields().items():
        if facts.is_numeric:
            values = pd.to_numeric(rows[name]) if name in rows else np.full(len(rows), np.nan)
            columns[name] = np.asarray(values, dtype=float)
        elif facts.kind == "category":
            known = rows[name] if name in rows else pd.Series(None, index=rows.index, dtype=object)
            columns[name] = known.to_numpy(dtype=object, na_value="")
    return columns


def _weights() -> NDArray[np.int64]:
    return np.array([1 << alarm.bit for alarm in ALARMS], dtype=np.int64)


def alarm_names(bits: int) -> list[str]:
    """Names of the alarms in a bit field, lowest bit first; a bit we do not know is named by its number."""
    names = {alarm.bit: alarm.name for alarm in ALARMS}
    return [names.get(bit, f"BIT_{bit}") for bit in range(32) if bits >> bit & 1]
