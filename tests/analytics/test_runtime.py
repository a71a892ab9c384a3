"""Runtime falls with load and age, and follows the discharge while one runs."""

from typing import Any

import pytest

from tests.support.builders import NOW, device, install, readings, site, store
from tools.analytics.runtime import DeviceRuntime, estimate_runtime
from tools.database import Database
from tools.errors import BadArgumentError, NotEnoughDataError
from tools.telemetry.fleet import Device
from tools.telemetry.store import ReadingStore


def runtime(database: Database, one: Device, load_a: float | None = None, **values: Any) -> DeviceRuntime:
    healthy: dict[str, Any] = {"internal_resistance_mohm": 0.225, "cell_temperature_c": 25.0}
    install(database, [site()], [one])
    store(database, readings(days=3, **(healthy | values)), [one])
    return estimate_runtime(ReadingStore(database), [one], NOW, load_a=load_a).devices[0]


NEW = device(resistance_baseline_mohm=0.225)


def test_a_new_string_carries_its_ten_hour_current_for_ten_hours(database: Database) -> None:
    found = runtime(database, NEW, load_a=50.0, ah_since_full_ah=0.0)
    assert found.runtime.value == pytest.approx(10, rel=0.05)


def test_four_times_the_current_lasts_less_than_a_quarter(database: Database) -> None:
    found = runtime(database, NEW, load_a=200.0, ah_since_full_ah=0.0)
    assert (found.runtime.value or 0) < 2.5


def test_the_interval_holds_the_estimate(database: Database) -> None:
    found = runtime(database, NEW, dc_load_current_a=40.0, ah_since_full_ah=0.0)
    assert (found.low.value or 0) < (found.runtime.value or 0) < (found.high.value or 0)


def test_charge_that_is_missing_shortens_it(database: Database) -> None:
    found = runtime(database, NEW, load_a=50.0, ah_since_full_ah=250.0)
    assert (found.runtime.value or 0) < 5.5


def test_without_a_load_it_asks_for_one(database: Database) -> None:
    with pytest.raises(NotEnoughDataError, match="load"):
        runtime(database, NEW)


def test_a_load_of_nothing_is_refused(database: Database) -> None:
    with pytest.raises(BadArgumentError):
        runtime(database, NEW, load_a=0.0)
