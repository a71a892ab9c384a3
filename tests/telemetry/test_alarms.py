"""The monitor's alarm bits follow from the row they stand in and from nothing else."""

import pandas as pd
import pytest

from tests.support.builders import readings
from tools.telemetry.alarms import ALARMS, alarm_names, raise_alarms

HEALTHY: dict[str, object] = {
    "ac_voltage_l1_v": 230.0,
    "ac_voltage_l2_v": None,
    "ac_voltage_l3_v": None,
    "rectifier_voltage_v": 54.5,
    "dc_ripple_voltage_mv": 50.0,
    "ripple_current_a": 8.0,
    "dc_load_current_a": 40.0,
    "charger_fault_code": 0,
    "ohmic_state": "normal",
    "thermal_runaway_risk": "none",
}


def _row(**values: object) -> pd.DataFrame:
    row = pd.DataFrame(readings(days=1 / 96).iloc[0].to_dict() | HEALTHY | values, index=[0])
    return row.astype({"ac_voltage_l2_v": float, "ac_voltage_l3_v": float})


def _names(**values: object) -> list[str]:
    return alarm_names(int(raise_alarms(_row(**values))["alarm_bits"].iloc[0]))


def test_a_healthy_row_raises_nothing() -> None:
    raised = raise_alarms(_row())
    assert raised.iloc[0].to_dict() == {"alarm_severity": "none", "alarm_count": 0, "alarm_bits": 0}


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("COMMUNICATION_ERROR", {"bms_comm_status": "lost"}),
        ("OVER_TEMP_ALARM", {"cell_temperature_max_c": 51.0}),
        ("UNDER_TEMP_WARNING", {"cell_temperature_c": 4.0}),
        ("OVER_VOLT_WARNING", {"string_voltage_v": 56.9}),
        ("UNDER_VOLT_WARNING", {"string_voltage_v": 52.0}),
        ("UNDER_VOLT_ALARM", {"string_current_a": -40.0, "cell_voltage_min_v": 1.70}),
        ("UNDER_SOC_MIN_ALARM", {"soc_pct": 10.0}),
        ("VOLTAGE_IMBALANCE_WARNING", {"cell_voltage_min_v": 2.10}),
        ("TEMPERATURE_IMBALANCE_WARNING", {"cell_temperature_max_c": 27.0}),
        ("CONTACTOR_ERROR", {"mains_state": "lost", "dc_load_current_a": 0.0}),
        ("FLOAT_CURRENT_HIGH", {"float_current_ma": 1600.0}),
        ("OTHER_ALARM", {"ohmic_state": "alarm"}),
        ("ON_BATTERY", {"string_current_a": -40.0}),
        ("RECTIFIER_FAILED", {"charger_fault_code": 1}),
        ("RIPPLE_HIGH", {"dc_ripple_voltage_mv": 300.0}),
        ("MAINS_LOST", {"mains_state": "lost"}),
        ("MAINS_DISTURBED", {"ac_voltage_l1_v": 200.0}),
        ("THERMAL_RUNAWAY", {"thermal_runaway_risk": "high"}),
    ],
)
def test_each_alarm_is_raised_by_its_condition(name: str, values: dict[str, object]) -> None:
    assert name in _names(**values)


def test_an_outage_with_a_good_reserve_is_information() -> None:
    raised = raise_alarms(_row(mains_state="lost", string_current_a=-40.0, charger_mode="discharge", soc_pct=90.0))
    assert raised["alarm_severity"].iloc[0] == "info"


def test_the_worst_severity_and_the_number_of_alarms_are_told() -> None:
    raised = raise_alarms(_row(soc_pct=10.0, bms_comm_status="degraded"))
    assert raised["alarm_severity"].iloc[0] == "critical"
    assert raised["alarm_count"].iloc[0] == 3


def test_missing_values_raise_nothing() -> None:
    row = _row(soc_pct=None, cell_temperature_max_c=None, string_current_a=None, float_current_ma=None)
    numbers = ["soc_pct", "cell_temperature_max_c", "string_current_a", "float_current_ma"]
    assert raise_alarms(row.astype(dict.fromkeys(numbers, float)))["alarm_count"].iloc[0] == 0


def test_bits_and_names_are_unique_and_fit_the_field() -> None:
    assert len({alarm.bit for alarm in ALARMS}) == len({alarm.name for alarm in ALARMS}) == len(ALARMS)
    assert all(0 <= alarm.bit < 32 for alarm in ALARMS)


def test_names_of_bits_are_those_of_sunspec_where_it_has_them() -> None:
    assert alarm_names(0b11) == ["COMMUNICATION_ERROR", "OVER_TEMP_ALARM"]
    assert alarm_names(1 << 22) == ["BIT_22"]
