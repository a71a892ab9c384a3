"""Health is a score with its reasons, and "unknown" where the data does not carry one."""

from datetime import timedelta
from typing import Any

import pytest

from tests.support.builders import NOW, cells, device, install, readings, site, store, store_cells
from tools.analytics.health import DeviceHealth, score_health
from tools.database import Database
from tools.telemetry.store import ReadingStore

D01 = device()


def health(database: Database, **values: Any) -> DeviceHealth:
    install(database, [site()], [D01])
    store(database, readings(days=6, **values), [D01])
    (found,) = score_health(ReadingStore(database), [D01], NOW).devices
    return found


def drivers(found: DeviceHealth) -> dict[str, str]:
    return {driver.name: driver.grade for driver in found.drivers}


def test_a_sound_string_is_healthy_and_nothing_is_graded(database: Database) -> None:
    found = health(database)
    assert found.band == "healthy"
    assert set(drivers(found).values()) == {"ok"}


def test_hot_cell_lowers_health_and_says_why(database: Database) -> None:
    found = health(database, cell_temperature_max_c=34.0)
    assert found.score.value == 40.0
    assert found.capped_by == "temperature rise"
    assert "13.0 °C above the room" in found.why


def test_a_worn_string_is_capped_as_major(database: Database) -> None:
    found = health(database, soh_pct=75.0)
    assert drivers(found)["state of health"] == "major"
    assert found.score.value is not None
    assert found.score.value <= 65.0


@pytest.mark.parametrize(
    ("worst_mohm", "grade"), [(0.22, "ok"), (0.25, "minor"), (0.27, "major"), (0.31, "critical")]
)
def test_ohmic_rise_is_graded_at_20_30_and_50_percent(database: Database, worst_mohm: float, grade: str) -> None:
    assert drivers(health(database, internal_resistance_max_mohm=worst_mohm))["ohmic rise"] == grade


def test_a_cell_far_below_its_string_is_named_in_millivolts(database: Database) -> None:
    install(database, [site()], [D01])
    store_cells(database, cells(at=NOW - timedelta(hours=1), voltage_v=[2.27] * 23 + [2.00]))
    found = health(database)
    assert drivers(found)["cell deviation"] == "major"
    assert "270 mV below its string's median" in found.why


def test_float_current_is_judged_against_its_own_past_at_the_same_temperature(database: Database) -> None:
    rising = [250.0] * (5 * 96) + [800.0] * 96
    assert drivers(health(database, float_current_ma=rising))["float current"] == "major"


def test_a_warm_day_alone_does_not_raise_the_float_current_ratio(database: Database) -> None:
    # Float current doubles per 10 °C: twice the current at 10 °C more is the same battery.
    currents = [250.0] * (5 * 96) + [500.0] * 96
    temperatures = [22.0] * (5 * 96) + [32.0] * 96
    found = health(database, float_current_ma=currents, cell_temperature_c=temperatures)
    assert drivers(found)["float current"] == "ok"


def test_bad_data_gives_no_number(database: Database) -> None:
    found = health(database, data_quality="stale")
    assert found.score.value is None
    assert found.band == "unknown"


def test_a_silent_device_has_no_number(database: Database) -> None:
    install(database, [site()], [D01])
    (found,) = score_health(ReadingStore(database), [D01], NOW).devices
    assert (found.score.value, found.band) == (None, "unknown")
