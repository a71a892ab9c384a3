"""Alerts wait out their delay, do not repeat while they stand, clear with hysteresis, and say what raised them."""

from datetime import timedelta
from typing import Any

from tests.support.builders import NOW, device, install, readings, site, store
from tools.analytics.alert_thresholds import ThresholdPlace, set_threshold
from tools.analytics.alerts import (
    Alert,
    acknowledge_alert,
    evaluate_alerts,
    evaluate_history,
    list_alerts,
)
from tools.database import Database
from tools.quantity import Window

D01 = device()
ALL = Window(start=NOW - timedelta(days=40), end=NOW + timedelta(days=1))


def alerts_of(database: Database, name: str, **values: Any) -> list[Alert]:
    install(database, [site()], [D01])
    store(database, readings(days=1, **values), [D01])
    evaluate_history(database)
    return listed(database, name)


def listed(database: Database, name: str) -> list[Alert]:
    return [one for one in list_alerts(database, [D01], ALL).alerts if one.name == name]


def hot(*degrees: float) -> list[float]:
    """A quiet day that ends with these hottest posts."""
    return [22.8] * (96 - len(degrees)) + list(degrees)


def test_a_hot_post_raises_one_alert_that_names_its_rows(database: Database) -> None:
    (alert,) = alerts_of(database, "T_HIGH", cell_temperature_max_c=hot(36, 36, 36))
    assert (alert.severity, alert.state) == ("minor", "active")
    assert (alert.began, alert.raised) == (NOW - timedelta(minutes=30), NOW - timedelta(minutes=15))


def test_a_single_odd_sample_raises_nothing(database: Database) -> None:
    assert alerts_of(database, "T_HIGH", cell_temperature_max_c=hot(60, 22.8, 22.8)) == []


def test_an_alert_does_not_clear_inside_its_hysteresis(database: Database) -> None:
    (alert,) = alerts_of(database, "T_HIGH", cell_temperature_max_c=hot(36, 36, 34, 36, 34))
    assert alert.state == "active"


def test_an_alert_clears_below_its_hysteresis(database: Database) -> None:
    (alert,) = alerts_of(database, "T_HIGH", cell_temperature_max_c=hot(36, 36, 32, 32))
    assert alert.cleared == NOW - timedelta(minutes=15)


def test_a_standing_alert_grows_more_severe_and_is_not_repeated(database: Database) -> None:
    (alert,) = alerts_of(database, "T_HIGH", cell_temperature_max_c=hot(36, 36, 51, 51))
    assert (alert.severity, alert.worst.value) == ("critical", 51.0)


def test_float_alerts_are_quiet_in_a_discharge(database: Database) -> None:
    found = alerts_of(
        database, "V_CELL_LOW_FLOAT", cell_voltage_min_v=1.95, string_current_a=-40.0, mains_state="lost",
        charger_mode="discharge", float_current_ma=None,
    )  # fmt: skip
    assert found == []


def test_evaluating_twice_changes_nothing(database: Database) -> None:
    before = alerts_of(database, "T_HIGH", cell_temperature_max_c=hot(36, 36, 36))
    assert evaluate_history(database) == 0
    assert listed(database, "T_HIGH") == before


def test_new_readings_continue_the_alert_that_stands(database: Database) -> None:
    alerts_of(database, "T_HIGH", cell_temperature_max_c=hot(36, 36, 36))
    later = NOW + timedelta(hours=1)
    store(database, readings(days=4 / 96, end=later, cell_temperature_max_c=[36, 36, 30, 30]), [D01], now=later)
    evaluate_alerts(database, [D01], NOW + timedelta(minutes=1))
    (alert,) = listed(database, "T_HIGH")
    assert alert.cleared == NOW + timedelta(minutes=45)


def test_a_site_has_its_own_threshold(database: Database) -> None:
    install(database, [site()], [D01])
    with database.write() as connection:
        set_threshold(connection, ThresholdPlace("site", D01.site_id, "T_HIGH", "minor"), 40.0)
    assert alerts_of(database, "T_HIGH", cell_temperature_max_c=hot(36, 36, 36)) == []


def test_an_acknowledgement_keeps_who_and_why(database: Database) -> None:
    (alert,) = alerts_of(database, "T_HIGH", cell_temperature_max_c=hot(36, 36, 36))
    acknowledge_alert(database, alert.alert_id, "Mira", "fan ordered", NOW)
    acknowledge_alert(database, alert.alert_id, "Tom", "seen", NOW)
    (seen,) = listed(database, "T_HIGH")
    assert (seen.state, seen.acknowledged_by, seen.note) == ("acknowledged", "Mira", "fan ordered")


def recharged(current_a: float, missing_ah: float, post_c: float) -> dict[str, Any]:
    """A day that ends with six hours at this current, this charge missing, and posts this warm."""
    hours = 24
    return {
        "string_current_a": [0.3] * (96 - hours) + [current_a] * hours,
        "ah_since_full_ah": [0.0] * (96 - hours) + [missing_ah] * hours,
        "cell_voltage_v": [2.27] * (96 - hours) + [2.33] * hours,
        "cell_temperature_max_c": [22.0] * (96 - hours // 2) + [post_c] * (hours // 2),
    }


def test_the_heat_of_a_recharge_raises_no_alert(database: Database) -> None:
    assert alerts_of(database, "DT_AMB", **recharged(50.0, 200.0, 25.0)) == []


def test_the_same_heat_of_a_full_string_does(database: Database) -> None:
    (alert,) = alerts_of(database, "DT_AMB", **recharged(50.0, 0.0, 25.0))
    assert alert.severity == "minor"


def test_dangerous_heat_is_critical_even_in_a_recharge(database: Database) -> None:
    (alert,) = alerts_of(database, "DT_AMB", **recharged(50.0, 200.0, 32.0))
    assert alert.severity == "critical"
