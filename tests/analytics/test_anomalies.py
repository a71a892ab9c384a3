"""Anomalies name the cause, the cell and the party at fault, and a sound string has none."""

from datetime import timedelta

import pytest

from tests.support.builders import NOW
from tests.support.simulations import fault_on, fleet_of, steady_site, string
from tools.analytics.anomalies import Anomaly, device_anomalies
from tools.analytics.device_history import MONITOR_OPINIONS, history_of
from tools.telemetry.faults import Fault, FaultKind
from tools.telemetry.simulated_fleet import SimulatedSite
from tools.telemetry.simulator import simulate

SITE = steady_site(day_swing_c=1.5)


def anomalies(*faults: Fault, at: SimulatedSite = SITE) -> list[Anomaly]:
    fleet = fleet_of([string()], [at])
    seen = simulate(fleet, NOW - timedelta(days=14), NOW, seed=11, faults=faults)
    readings = seen.readings.drop(columns=[*sorted(MONITOR_OPINIONS), "device_id"])
    return device_anomalies(history_of(fleet.plain().devices[0], readings, seen.cells))


def test_a_sound_string_has_no_anomaly() -> None:
    assert anomalies() == []


@pytest.mark.parametrize(
    ("kind", "cell_no", "party"),
    [
        (FaultKind.SOFT_SHORT, 9, "battery"),
        (FaultKind.HIGH_RESISTANCE_JOINT, 5, "battery"),
        (FaultKind.SENSOR_DRIFT, None, "sensor"),
        (FaultKind.SENSOR_OFFSET, None, "sensor"),
        (FaultKind.CHARGER_OVER_VOLTAGE, None, "charger"),
        (FaultKind.WRONG_TEMPERATURE_COMPENSATION, None, "charger"),
        (FaultKind.CLOCK_SKEW, None, "communication"),
    ],
)
def test_a_fault_is_named_with_its_cell_and_who_is_to_blame(kind: FaultKind, cell_no: int | None, party: str) -> None:
    found = anomalies(fault_on("D01", kind, days_ago=7, cell_no=cell_no))
    assert [(one.kind, one.cell_no, one.party) for one in found] == [(kind.value, cell_no, party)]


def test_a_runaway_is_one_anomaly_and_not_also_a_warm_room() -> None:
    found = anomalies(fault_on("D01", FaultKind.THERMAL_RUNAWAY, days_ago=4))
    assert [one.kind for one in found] == ["thermal_runaway"]


def test_the_recharge_of_an_undercharged_string_is_no_runaway() -> None:
    weak = steady_site(day_swing_c=1.5, outages_per_month=8.0)
    found = anomalies(fault_on("D01", FaultKind.CHARGER_UNDER_VOLTAGE, days_ago=7), at=weak)
    assert [one.kind for one in found] == ["charger_under_voltage"]
