"""What was outside its limits, for how long, and what is not a violation."""

from datetime import timedelta
from typing import Any

import pytest

from tests.support.builders import NOW, device, install, readings, site, store
from tools.analytics.limits import LimitReport, find_violations, limit_of
from tools.database import Database
from tools.quantity import Window
from tools.telemetry.fields import field_facts
from tools.telemetry.store import ReadingStore

D01 = device()
DAY = Window(start=NOW - timedelta(days=1), end=NOW)


def violations(database: Database, field: str | None = None, **values: Any) -> LimitReport:
    install(database, [site()], [D01])
    above, below = values.pop("above", None), values.pop("below", None)
    store(database, readings(days=1.5, **values), [D01])
    return find_violations(ReadingStore(database), [D01], DAY, field, above, below)


def test_nothing_outside_is_an_answer_with_the_rows_it_rests_on(database: Database) -> None:
    report = violations(database, "cell_temperature_c")
    assert report.violations == ()
    assert report.asked.rows == 96


def test_hours_above_a_threshold_are_counted_in_time_and_rows(database: Database) -> None:
    hot = [22.0] * (144 - 12) + [36.0] * 12
    report = violations(database, "cell_temperature_c", above=35.0, cell_temperature_c=hot)
    (violation,) = report.violations
    # Eleven of the twelve readings lie before now, the last of them a quarter of an hour before the end.
    assert (violation.readings.value, violation.duration.value, violation.extreme.value) == (11, 2.75, 36.0)


def test_a_string_limit_follows_the_number_of_cells() -> None:
    limit = limit_of(field_facts("string_voltage_v"), device(cell_count=12))
    assert limit is not None
    assert (limit.low, limit.high) == (21.6, 28.2)


def test_a_full_battery_is_no_violation(database: Database) -> None:
    assert violations(database, "soc_pct", soc_pct=99.5).violations == ()


def test_an_empty_battery_is_one(database: Database) -> None:
    (violation,) = violations(database, "soc_pct", soc_pct=12.0).violations
    assert violation.limit.low == 15


def test_a_phase_without_mains_is_not_a_low_voltage(database: Database) -> None:
    states = ["ok"] * 140 + ["lost"] * 4
    volts = [231.0] * 140 + [0.4] * 4
    assert violations(database, "ac_voltage_l1_v", mains_state=states, ac_voltage_l1_v=volts).violations == ()


def test_a_brownout_is(database: Database) -> None:
    states = ["ok"] * 140 + ["brownout"] * 4
    volts = [231.0] * 140 + [190.0] * 4
    (violation,) = violations(database, "ac_voltage_l1_v", mains_state=states, ac_voltage_l1_v=volts).violations
    assert violation.extreme.value == pytest.approx(190.0)
