"""Health is estimated only where something measured supports it, and never from the monitor's own figure."""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.support.builders import NOW, device, install, readings, site, store
from tools.analytics.soh import DeviceSoh, estimate_soh
from tools.database import Database
from tools.telemetry.fleet import Device
from tools.telemetry.store import ReadingStore


def estimate(database: Database, one: Device, **values: Any) -> DeviceSoh:
    install(database, [site()], [one])
    store(database, readings(days=10, **values), [one])
    return estimate_soh(ReadingStore(database), [one], NOW).devices[0]


def test_the_monitors_own_figure_is_not_used(database: Database) -> None:
    one = device(resistance_baseline_mohm=None)
    found = estimate(database, one, soh_pct=55.0)
    assert found.soh.value is None
    assert "cannot be estimated" in found.why


def test_an_ohmic_value_half_as_high_again_is_about_eighty_percent(database: Database) -> None:
    # Cell 0.20 mΩ with a joint of 0.025 mΩ; at 80 % health the cell stands at +50 %.
    one = device(resistance_baseline_mohm=0.225)
    found = estimate(database, one, internal_resistance_mohm=0.325)
    assert found.soh.value == pytest.approx(80, abs=1)


def test_a_loose_joint_is_not_taken_for_age(database: Database) -> None:
    one = device(resistance_baseline_mohm=0.225)
    # One joint of 24 at 0.825 mΩ lifts the mean by a twenty-fourth of what it gained.
    mean = 0.225 + 0.8 / 24
    found = estimate(database, one, internal_resistance_mohm=mean, joint_resistance_max_mohm=0.825)
    assert found.soh.value == pytest.approx(100, abs=1)


def test_risk_grows_with_the_weeks(database: Database) -> None:
    one = device(resistance_baseline_mohm=0.225, install_date=date(2018, 1, 1))
    found = estimate(database, one, internal_resistance_mohm=0.322, cell_temperature_c=30.0)
    risks = [risk.probability.value for risk in found.risks]
    assert risks == sorted(risks, key=lambda value: value or 0)


def test_signals_that_contradict_each_other_widen_the_interval(database: Database) -> None:
    young = device(resistance_baseline_mohm=0.225, install_date=(NOW - timedelta(days=30)).date())
    found = estimate(database, young, internal_resistance_mohm=0.40)
    assert (found.high.value or 0) - (found.low.value or 0) > 4


def test_repeated_rows_are_not_judged(database: Database) -> None:
    one = device(resistance_baseline_mohm=0.225)
    assert estimate(database, one, data_quality="stale").soh.value is None


def rising(first: float, last: float, days: int) -> list[float]:
    """A float current that climbs evenly over so many days of quarter hours, mA."""
    return [first + (last - first) * step / (days * 96) for step in range(days * 96)]


def estimate_of_50_days(database: Database, currents: list[float]) -> DeviceSoh:
    one = device(resistance_baseline_mohm=0.225)
    install(database, [site()], [one])
    rows = readings(days=50, float_current_ma=currents, internal_resistance_mohm=0.225)
    store(database, rows, [one])
    return estimate_soh(ReadingStore(database), [one], NOW).devices[0]


def test_a_float_current_that_more_than_doubles_speaks_against_health(database: Database) -> None:
    found = estimate_of_50_days(database, rising(250, 900, 50))
    (signal,) = [one for one in found.signals if one.name == "float current"]
    assert (signal.says.value or 100) < 90


def test_a_steady_float_current_is_no_evidence_of_health(database: Database) -> None:
    found = estimate_of_50_days(database, rising(250, 255, 50))
    assert [one.name for one in found.signals] == ["ohmic value"]
