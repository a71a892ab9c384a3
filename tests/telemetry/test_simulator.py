"""The simulated fleet obeys physics and the record's invariants, and each fault shows where it should."""

from collections.abc import Sequence
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from tests.support.builders import NOW
from tests.support.simulations import fault_on, fleet_of, steady_site, string
from tools.errors import BadArgumentError
from tools.telemetry.alarms import alarm_names, raise_alarms
from tools.telemetry.checks import reject_reasons
from tools.telemetry.demo_fleet import demo_faults, demo_fleet
from tools.telemetry.faults import Fault, FaultKind
from tools.telemetry.fields import all_fields
from tools.telemetry.mains import MainsCalendar
from tools.telemetry.simulator import Simulated, simulate

WEEK = timedelta(days=7)
OF_A_CELL = (FaultKind.DRY_OUT, FaultKind.SOFT_SHORT, FaultKind.HARD_SHORT, FaultKind.HIGH_RESISTANCE_JOINT)
HOT, WEAK, ONE_PHASE, QUIET = "S01", "S02", "S03", "S04"
SITES = [
    steady_site(HOT, mean_room_c=38.0),
    steady_site(WEAK, has_weak_grid=True, outages_per_month=12.0, day_swing_c=1.0),
    steady_site(ONE_PHASE, phases=1),
    steady_site(QUIET),
]


def _device_of(kind: FaultKind) -> str:
    return kind.value[:16]


def _site_of(kind: FaultKind) -> str:
    special = {
        FaultKind.WRONG_TEMPERATURE_COMPENSATION: HOT,
        FaultKind.HIGH_RESISTANCE_JOINT: WEAK,
        FaultKind.RECTIFIER_MODULES_LOST: WEAK,
        FaultKind.FUSE_OPEN: WEAK,
    }
    return special.get(kind, QUIET)


def _fault(kind: FaultKind) -> Fault:
    """A fault at full strength, except that sensors, links and clocks fail in the middle of the week."""
    late = kind.value.startswith(("sensor", "comms", "clock"))
    return fault_on(_device_of(kind), kind, days_ago=3 if late else 40, cell_no=7 if kind in OF_A_CELL else None)


@pytest.fixture(scope="module")
def week() -> Simulated:
    """A week of healthy strings at four sites and of one string for every kind of fault."""
    healthy = [string(f"{site.site_id}-ok", site.site_id, years_since_capacity_test=0.5) for site in SITES]
    faulty = [string(_device_of(kind), _site_of(kind)) for kind in FaultKind]
    faults = [_fault(kind) for kind in FaultKind]
    return simulate(fleet_of([*healthy, *faulty], SITES), NOW - WEEK, NOW, seed=3, faults=faults)


@pytest.fixture(scope="module")
def healthy(week: Simulated) -> pd.DataFrame:
    """Good rows of the strings without a fault."""
    rows = week.readings
    good: pd.DataFrame = rows[rows["device_id"].str.endswith("-ok") & (rows["data_quality"] == "good")]
    return good


def _rows(week: Simulated, kind: FaultKind) -> pd.DataFrame:
    return week.readings[week.readings["device_id"] == _device_of(kind)]


def _healthy_rows(week: Simulated, site_id: str = QUIET) -> pd.DataFrame:
    return week.readings[week.readings["device_id"] == f"{site_id}-ok"]


def _cells_at_end(week: Simulated, kind: FaultKind) -> pd.DataFrame:
    mine = week.cells[week.cells["device_id"] == _device_of(kind)]
    newest: pd.DataFrame = mine[mine["timestamp_utc"] == mine["timestamp_utc"].max()].set_index("cell_no")
    return newest


def _cell_7(cells: pd.DataFrame, column: str) -> float:
    return float(cells[column].to_numpy()[6])


def _beside_median(cells: pd.DataFrame, column: str) -> float:
    return _cell_7(cells, column) - float(cells[column].median())


def _phases(rows: pd.DataFrame, quantity: str) -> np.ndarray:
    unit = quantity[0].replace("c", "a")
    return rows[[f"ac_{quantity}_l{number}_{unit}" for number in (1, 2, 3)]].to_numpy(dtype=float)


def test_the_same_seed_gives_the_same_data() -> None:
    def once(seed: int) -> Simulated:
        return simulate(fleet_of([string()]), NOW - timedelta(hours=6), NOW, seed=seed)

    pd.testing.assert_frame_equal(once(1).readings, once(1).readings)
    assert not once(1).readings.equals(once(2).readings)


def test_rows_hold_every_field_but_the_key_in_the_order_of_the_record(week: Simulated) -> None:
    assert list(week.readings.columns) == [name for name in all_fields() if name != "record_id"]


def test_no_simulated_row_would_be_rejected(week: Simulated) -> None:
    devices = {device: string(device).plain() for device in week.readings["device_id"].unique()}
    reasons = reject_reasons(week.readings, devices, pd.Timestamp(NOW))
    assert set(reasons) == {""}


def test_time_and_device_are_unique_and_a_few_rows_never_arrive(week: Simulated, healthy: pd.DataFrame) -> None:
    assert not week.readings.duplicated(["device_id", "timestamp_utc"]).any()
    assert 0.97 <= len(healthy) / (4 * 96 * 7) <= 0.998


def test_invariant_1_cells_add_up_to_the_string(healthy: pd.DataFrame) -> None:
    gap = (healthy["string_voltage_v"] - 24 * healthy["cell_voltage_v"]).abs()
    assert (gap <= 0.005 * healthy["string_voltage_v"]).all()
    assert (healthy["cell_voltage_min_v"] <= healthy["cell_voltage_v"]).all()
    assert (healthy["cell_voltage_v"] <= healthy["cell_voltage_max_v"]).all()


def test_invariant_2_rectifiers_carry_load_and_battery(healthy: pd.DataFrame) -> None:
    gap = healthy["rectifier_current_a"] - healthy["dc_load_current_a"] - healthy["string_current_a"]
    assert (gap.abs() <= np.maximum(1.0, 0.01 * healthy["rectifier_current_a"])).all()
    lost = healthy[healthy["mains_state"] == "lost"]
    assert len(lost) > 0
    assert (lost["rectifier_current_a"] == 0).all()
    assert ((lost["string_current_a"] + lost["dc_load_current_a"]).abs() <= 1.0).all()


def test_invariant_3_input_power_is_output_power_over_efficiency(healthy: pd.DataFrame) -> None:
    fed = healthy[healthy["mains_state"] == "ok"]
    efficiency = fed["rectifier_voltage_v"] * fed["rectifier_current_a"] / fed["ac_power_kw"] / 1000
    assert efficiency.between(0.90, 0.975).all()
    apparent = np.nansum(_phases(fed, "voltage") * _phases(fed, "current"), axis=1)
    assert (apparent * fed["power_factor"] / fed["ac_power_kw"] / 1000).between(0.97, 1.03).all()


def test_invariant_4_charge_removed_follows_the_current(healthy: pd.DataFrame) -> None:
    rows = healthy[healthy["device_id"] == f"{WEAK}-ok"].set_index("timestamp_utc")
    is_discharging = rows["string_current_a"] < -20
    quarter = is_discharging & is_discharging.shift(1) & (rows.index.to_series().diff() == timedelta(minutes=15))
    change = rows["ah_since_full_ah"].diff()[quarter]
    assert len(change) > 5
    assert np.allclose(change, -rows["string_current_a"][quarter] / 4, atol=0.6)


def test_invariant_5_temperatures_keep_together(healthy: pd.DataFrame) -> None:
    assert (healthy["cell_temperature_max_c"] >= healthy["cell_temperature_c"]).all()
    rise = healthy["cell_temperature_c"] - healthy["ambient_temperature_c"]
    assert rise.between(-3, 10).all()
    change = healthy.groupby("device_id")["cell_temperature_c"].diff(4).abs()
    assert change.max() < 5


def test_invariant_6_the_set_point_is_compensated(healthy: pd.DataFrame) -> None:
    floating = healthy[healthy["charger_mode"] == "float"]
    expected = 24 * (2.27 - 0.003 * (floating["cell_temperature_c"] - 25))
    assert ((floating["charger_set_voltage_v"] - expected).abs() <= 0.3).all()


def test_invariant_7_alarm_bits_can_be_computed_again_from_the_row(week: Simulated) -> None:
    again = raise_alarms(week.readings)
    assert (again["alarm_bits"] == week.readings["alarm_bits"]).all()
    assert (again["alarm_severity"] == week.readings["alarm_severity"]).all()


def test_cell_voltages_stay_in_their_limits_through_outages_and_boosts(healthy: pd.DataFrame) -> None:
    assert healthy["cell_voltage_min_v"].min() > 1.8
    assert healthy["cell_voltage_max_v"].max() < 2.5
    assert set(healthy["charger_mode"]) == {"float", "boost", "discharge"}


def test_float_current_has_no_value_while_discharging_or_boosting(healthy: pd.DataFrame) -> None:
    floating = healthy["charger_mode"] == "float"
    assert healthy.loc[~floating, "float_current_ma"].isna().all()
    per_ah = healthy["float_current_ma"].dropna() / 500
    assert per_ah.between(0.2, 1.0).all()


def test_phases_a_site_does_not_have_are_no_data(week: Simulated) -> None:
    rows = _healthy_rows(week, ONE_PHASE)
    assert rows[["ac_voltage_l2_v", "ac_current_l3_a"]].isna().all(axis=None)
    assert rows["ac_voltage_l1_v"].between(207, 253).all()


def test_a_lost_mains_has_no_frequency_and_no_power(healthy: pd.DataFrame) -> None:
    lost = healthy[healthy["mains_state"] == "lost"]
    assert lost["ac_frequency_hz"].isna().all()
    assert (lost["ac_power_kw"] == 0).all()


def test_the_ohmic_value_changes_once_a_day(week: Simulated) -> None:
    rows = _healthy_rows(week)
    assert rows["internal_resistance_mohm"].diff().ne(0).sum() <= 8
    assert rows["internal_resistance_mohm"].between(0.20, 0.26).all()


def test_counters_only_count_up(healthy: pd.DataFrame) -> None:
    counts = healthy.groupby("device_id")[["crc_error_count", "discharge_cycle_count"]]
    assert (counts.diff().fillna(0) >= 0).all(axis=None)


def test_a_discharge_deeper_than_five_percent_is_counted(week: Simulated) -> None:
    cycles = _healthy_rows(week, WEAK)["discharge_cycle_count"]
    assert cycles.iloc[-1] > cycles.iloc[0]


def test_a_capacity_test_is_known_only_where_one_was_made(week: Simulated) -> None:
    assert _healthy_rows(week)["capacity_test_pct"].nunique() == 1
    assert _rows(week, FaultKind.RIPPLE)["capacity_test_pct"].isna().all()


def test_cells_and_truth_stand_at_full_hours(week: Simulated) -> None:
    assert set(week.cells["timestamp_utc"].dt.minute) == {0}
    mine = week.truth[week.truth["device_id"] == f"{QUIET}-ok"]
    assert len(mine) == 24 * 7 * 24
    assert mine["soc_true"].min() > 0.99


def test_the_reported_state_of_charge_is_not_the_true_one(week: Simulated) -> None:
    truth = week.truth[week.truth["device_id"] == f"{WEAK}-ok"].groupby("timestamp_utc")["soc_true"].mean()
    rows = _healthy_rows(week, WEAK).set_index("timestamp_utc")["soc_pct"]
    error = (rows - 100 * truth).dropna()
    assert 0.2 < error.abs().mean() < 8


def test_a_dried_out_cell_is_lower_on_float_and_twice_as_resistive(week: Simulated) -> None:
    cells = _cells_at_end(week, FaultKind.DRY_OUT)
    assert -0.080 < _beside_median(cells, "voltage_v") < -0.030
    assert _cell_7(cells, "resistance_mohm") / cells["resistance_mohm"].median() == pytest.approx(2.0, abs=0.25)


def test_a_dried_out_cell_hardly_shows_in_the_string(week: Simulated) -> None:
    dry, sound = (rows["float_current_ma"].median() for rows in (_rows(week, FaultKind.DRY_OUT), _healthy_rows(week)))
    assert dry == pytest.approx(sound, rel=0.25)


def test_a_soft_short_pulls_its_cell_down_warms_it_and_lifts_the_others(week: Simulated) -> None:
    cells = _cells_at_end(week, FaultKind.SOFT_SHORT)
    assert -0.40 < _beside_median(cells, "voltage_v") < -0.10
    assert 3.0 < _beside_median(cells, "temperature_c") < 7.0
    assert 2.270 < cells["voltage_v"].median() < 2.290


def test_a_hard_short_leaves_the_string_and_overcharges_the_other_cells(week: Simulated) -> None:
    cells, rows = _cells_at_end(week, FaultKind.HARD_SHORT), _rows(week, FaultKind.HARD_SHORT)
    assert _cell_7(cells, "voltage_v") < 0.05
    assert 2.345 < cells["voltage_v"].median() < 2.375
    assert rows["string_voltage_v"].median() == pytest.approx(54.3, abs=0.3)
    assert 1.6 < rows["float_current_ma"].median() / _healthy_rows(week)["float_current_ma"].median() < 2.8


def test_a_bad_joint_shows_only_under_load(week: Simulated) -> None:
    kind = FaultKind.HIGH_RESISTANCE_JOINT
    assert abs(_beside_median(_cells_at_end(week, kind), "voltage_v")) < 0.035
    assert _rows(week, kind)["joint_resistance_max_mohm"].max() == pytest.approx(0.825, abs=0.05)
    under_load = _during_discharge(week, kind)
    assert -0.045 < under_load[7] - under_load.median() < -0.015


def _during_discharge(week: Simulated, kind: FaultKind) -> pd.Series:
    """Mean voltage of each cell over the full hours with a discharge."""
    rows = _rows(week, kind)
    hours = rows.loc[rows["string_current_a"] < -20, "timestamp_utc"]
    mine = week.cells[(week.cells["device_id"] == _device_of(kind)) & week.cells["timestamp_utc"].isin(hours)]
    return mine.groupby("cell_no")["voltage_v"].mean()


def test_thermal_runaway_runs_to_the_current_limit_and_the_voltage_collapses(week: Simulated) -> None:
    rows = _rows(week, FaultKind.THERMAL_RUNAWAY)
    assert rows["cell_temperature_c"].max() > 70
    assert rows["string_current_a"].max() > 40
    assert rows["string_voltage_v"].iloc[-1] < rows["charger_set_voltage_v"].iloc[-1] - 0.5
    assert "THERMAL_RUNAWAY" in alarm_names(int(rows["alarm_bits"].iloc[-1]))


@pytest.mark.parametrize(
    ("kind", "volts", "low_ma", "high_ma"),
    [(FaultKind.CHARGER_OVER_VOLTAGE, 2.37, 400, 800), (FaultKind.CHARGER_UNDER_VOLTAGE, 2.17, 20, 120)],
)
def test_a_wrong_float_voltage_moves_all_cells(
    week: Simulated, kind: FaultKind, volts: float, low_ma: float, high_ma: float
) -> None:
    rows = _rows(week, kind)
    assert rows["cell_voltage_v"].median() == pytest.approx(volts, abs=0.015)
    assert low_ma < rows["float_current_ma"].median() < high_ma


def test_lost_rectifier_modules_show_only_in_a_slow_recharge(week: Simulated) -> None:
    weak, sound = _rows(week, FaultKind.RECTIFIER_MODULES_LOST), _healthy_rows(week, WEAK)
    assert set(weak["rectifier_modules_ok"]) == {1}
    fed = weak[(weak["mains_state"] == "ok")]
    assert fed["string_current_a"].max() < 20 < sound["string_current_a"].max()
    assert (weak["soc_pct"] < 95).sum() > (sound["soc_pct"] < 95).sum()


def test_a_failed_air_conditioning_heats_the_room_and_lowers_the_set_point(week: Simulated) -> None:
    rows, sound = _rows(week, FaultKind.HVAC_FAILURE), _healthy_rows(week)
    assert rows["ambient_temperature_c"].median() - sound["ambient_temperature_c"].median() == pytest.approx(
        20, abs=1
    )
    assert rows["cell_voltage_v"].median() == pytest.approx(2.205, abs=0.01)


def test_a_stuck_sensor_repeats_its_value_while_the_room_moves(week: Simulated) -> None:
    rows = _rows(week, FaultKind.SENSOR_STUCK)
    late = rows[rows["timestamp_utc"] >= pd.Timestamp(NOW - timedelta(days=3))]
    assert late["cell_temperature_c"].nunique() == 1
    assert late["ambient_temperature_c"].nunique() > 5


def test_a_drifting_sensor_leaves_the_hottest_post_behind(week: Simulated) -> None:
    last = _rows(week, FaultKind.SENSOR_DRIFT).iloc[-1]
    assert last["cell_temperature_c"] - last["cell_temperature_max_c"] == pytest.approx(0.05 * 72, abs=1.5)


def test_a_spiking_sensor_breaks_the_sum_of_the_cells_now_and_then(week: Simulated) -> None:
    rows = _rows(week, FaultKind.SENSOR_SPIKE)
    share = ((rows["string_voltage_v"] - 24 * rows["cell_voltage_v"]).abs() > 0.3).mean()
    assert 0 < share < 0.05


def test_an_offset_current_sensor_reads_half_an_ampere_more(week: Simulated) -> None:
    rows = _rows(week, FaultKind.SENSOR_OFFSET)
    is_late = rows["timestamp_utc"] >= pd.Timestamp(NOW - timedelta(days=3))
    step = rows.loc[is_late, "string_current_a"].mean() - rows.loc[~is_late, "string_current_a"].mean()
    assert step == pytest.approx(0.5, abs=0.05)


def test_a_lost_link_first_repeats_its_last_frame_and_then_stores_nothing(week: Simulated) -> None:
    rows = _rows(week, FaultKind.COMMS_LOSS)
    after = rows[rows["timestamp_utc"] >= pd.Timestamp(NOW - timedelta(days=3))]
    assert 5 <= len(after) <= 9
    assert set(after["data_quality"]) == {"stale"}
    assert after["bms_frame_age_s"].is_monotonic_increasing
    assert after["soc_pct"].nunique() == 1


def test_a_lost_phase_leaves_the_other_two_to_carry_the_power(week: Simulated) -> None:
    rows = _rows(week, FaultKind.PHASE_LOSS)
    assert set(rows["mains_state"]) == {"phase_loss"}
    assert rows["ac_voltage_l2_v"].max() < 10
    assert rows["ac_current_l2_a"].max() == 0
    assert rows["ac_current_l1_a"].min() > 0


def test_a_failed_filter_lets_ripple_through(week: Simulated) -> None:
    rows = _rows(week, FaultKind.RIPPLE)
    assert rows["dc_ripple_voltage_mv"].median() > 5 * _healthy_rows(week)["dc_ripple_voltage_mv"].median()
    assert rows["ripple_current_a"].median() > 0.05 * 500


def test_an_open_fuse_drops_the_load_when_the_mains_goes(week: Simulated) -> None:
    rows = _rows(week, FaultKind.FUSE_OPEN)
    lost = rows[rows["mains_state"] == "lost"]
    assert rows["string_current_a"].abs().max() < 1
    assert len(lost) > 0
    assert (lost["dc_load_current_a"] == 0).all()


def test_without_compensation_a_hot_string_floats_too_high(week: Simulated) -> None:
    rows, sound = _rows(week, FaultKind.WRONG_TEMPERATURE_COMPENSATION), _healthy_rows(week, HOT)
    gap = rows["charger_set_voltage_v"].median() - sound["charger_set_voltage_v"].median()
    assert gap == pytest.approx(24 * 0.003 * 14, abs=0.25)


def test_a_slow_clock_looks_like_a_slow_link(week: Simulated) -> None:
    rows = _rows(week, FaultKind.CLOCK_SKEW)
    lag = (rows["received_utc"] - rows["timestamp_utc"]).dt.total_seconds()
    assert lag.iloc[0] < 60
    assert lag.iloc[-1] == pytest.approx(420, abs=40)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_month_of_a_weak_grid_has_a_long_outage(seed: int) -> None:
    site = demo_fleet(NOW).sites[4]
    calendar = MainsCalendar(site, seed)
    hours = [NOW - timedelta(hours=hour) for hour in range(30 * 24)]
    states = "".join("x" if calendar.state_at(hour) == "lost" else " " for hour in hours)
    assert "xxxxx" in states


def test_faults_of_the_demo_leave_three_strings_sound() -> None:
    faults: Sequence[Fault] = demo_faults(NOW - timedelta(days=30), NOW)
    devices = {device.device_id for device in demo_fleet(NOW).devices}
    assert devices - {fault.device_id for fault in faults} == {"D01", "D03", "D05"}


@pytest.mark.parametrize("fault", [fault_on("D99", FaultKind.RIPPLE), fault_on("D01", FaultKind.DRY_OUT, cell_no=25)])
def test_a_fault_must_name_a_device_and_a_cell_that_exist(fault: Fault) -> None:
    with pytest.raises(BadArgumentError):
        simulate(fleet_of([string()]), NOW - WEEK, NOW, seed=1, faults=[fault])
