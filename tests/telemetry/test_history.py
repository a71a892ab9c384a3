"""A field over a window: every field of a reading can be asked for, also those that are not rolled up."""

from datetime import timedelta

import pytest

from tests.support.builders import NOW, device, install, readings, site, store
from tools.database import Database
from tools.errors import NoDataError
from tools.quantity import Window
from tools.telemetry.fields import all_fields
from tools.telemetry.history import field_history, increase
from tools.telemetry.store import ReadingStore

D01 = device()
DAY = Window(start=NOW - timedelta(days=1), end=NOW)


@pytest.fixture
def fleet(either_database: Database) -> Database:
    install(either_database, [site()], [D01])
    return either_database


@pytest.mark.parametrize("field", [name for name, facts in all_fields().items() if facts.is_numeric])
def test_any_number_of_a_reading_has_a_history_or_says_it_has_no_data(database: Database, field: str) -> None:
    install(database, [site()], [D01])
    store(database, readings(days=2, cell_min_index=7, charger_fault_code=0, alarm_bits=4), [D01])
    try:
        history = field_history(ReadingStore(database), [D01], field, DAY, "max")
    except NoDataError:
        return
    assert history.figures[0].rows == 96


def test_the_mean_is_over_rows_with_the_extremes_beside_it(fleet: Database) -> None:
    store(fleet, readings(days=2, cell_temperature_c=[20.0, 24.0] * 96), [D01])
    history = field_history(ReadingStore(fleet), [D01], "cell_temperature_c", DAY)
    assert history.figures[0].value == 22.0
    assert {one.statistic: one.value for one in history.context} == {"mean": 22.0, "min": 20.0, "max": 24.0}


def test_a_counter_that_starts_again_goes_on_rising() -> None:
    assert increase([10, 14, 2, 5]) == 9


def test_the_increase_of_what_is_no_counter_is_last_minus_first(fleet: Database) -> None:
    store(fleet, readings(days=1, cell_temperature_c=[30.0] + [10.0] * 94 + [20.0]), [D01])
    window = Window(start=NOW - timedelta(days=1), end=NOW + timedelta(minutes=1))
    history = field_history(ReadingStore(fleet), [D01], "cell_temperature_c", window, "increase")
    assert history.figures[0].value == -10.0


def test_a_state_is_held_for_hours(fleet: Database) -> None:
    store(fleet, readings(days=2, charger_mode=["float"] * 144 + ["boost"] * 48), [D01])
    history = field_history(ReadingStore(fleet), [D01], "charger_mode", DAY)
    assert {state.text: state.value for state in history.states} == {"float": 12.25, "boost": 11.75}


def test_an_empty_window_is_no_data_with_the_range_that_exists(fleet: Database) -> None:
    store(fleet, readings(), [D01])
    with pytest.raises(NoDataError) as error:
        field_history(ReadingStore(fleet), [D01], "capacity_test_pct", DAY)
    assert "Readings exist from 2026-03-30" in error.value.hint
