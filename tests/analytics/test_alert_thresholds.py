"""Thresholds can differ by device, site and battery model, can be taken back, and must make sense."""

import pytest

from tests.support.builders import device, install, site
from tools.analytics.alert_rules import BY_NAME, AlertRule
from tools.analytics.alert_thresholds import (
    Threshold,
    ThresholdPlace,
    list_thresholds,
    reset_threshold,
    rules_for,
    set_threshold,
)
from tools.database import Database
from tools.errors import BadArgumentError

D01 = device()
AT_SITE = ThresholdPlace("site", "S01", "T_HIGH", "minor")
OF_MODEL = ThresholdPlace("model", "AGM-500", "T_HIGH", "minor")


def rule_of(database: Database, *changes: tuple[ThresholdPlace, float | None]) -> AlertRule | None:
    install(database, [site()], [D01])
    with database.write() as connection:
        for place, value in changes:
            set_threshold(connection, place, value)
        return next((rule for rule in rules_for(connection, D01) if rule.name == "T_HIGH"), None)


def test_a_models_threshold_goes_before_the_tables(database: Database) -> None:
    rule = rule_of(database, (OF_MODEL, 38.0))
    assert rule is not None
    assert rule.steps == {"minor": 38.0, "major": 45.0, "critical": 50.0}


def test_a_sites_threshold_goes_before_its_models(database: Database) -> None:
    rule = rule_of(database, (AT_SITE, 40.0), (OF_MODEL, 38.0))
    assert rule is not None
    assert rule.steps["minor"] == 40.0


def test_a_devices_own_threshold_goes_before_its_sites(database: Database) -> None:
    rule = rule_of(database, (ThresholdPlace("device", "D01", "T_HIGH", "minor"), 41.0), (AT_SITE, 40.0))
    assert rule is not None
    assert rule.steps["minor"] == 41.0


def test_a_step_can_be_switched_off(database: Database) -> None:
    rule = rule_of(database, (AT_SITE, None))
    assert rule is not None
    assert list(rule.steps) == ["major", "critical"]


def test_an_alert_without_steps_is_not_raised_there(database: Database) -> None:
    cold = ThresholdPlace("site", "S01", "T_LOW", "minor")
    rule_of(database, (cold, None))
    with database.read() as connection:
        assert "T_LOW" not in [rule.name for rule in rules_for(connection, D01)]


def test_setting_gives_what_was_set_before_so_that_it_can_be_undone(database: Database) -> None:
    rule_of(database, (AT_SITE, 40.0))
    with database.write() as connection:
        before = set_threshold(connection, AT_SITE, 42.0)
    assert before == Threshold(AT_SITE, 40.0)


def test_a_reset_goes_back_to_the_table(database: Database) -> None:
    rule_of(database, (AT_SITE, 40.0))
    with database.write() as connection:
        reset_threshold(connection, AT_SITE)
        assert list_thresholds(connection) == []
        rule = next(rule for rule in rules_for(connection, D01) if rule.name == "T_HIGH")
    assert rule.steps == BY_NAME["T_HIGH"].steps


def test_a_minor_step_above_the_major_one_is_refused(database: Database) -> None:
    with pytest.raises(BadArgumentError, match="would be major at 45 °C, but only minor at 46 °C"):
        rule_of(database, (AT_SITE, 46.0))


def test_a_site_that_does_not_exist_is_refused(database: Database) -> None:
    with pytest.raises(BadArgumentError, match="no site 'S99'"):
        rule_of(database, (ThresholdPlace("site", "S99", "T_HIGH", "minor"), 40.0))


def test_what_is_no_number_is_refused(database: Database) -> None:
    with pytest.raises(BadArgumentError):
        rule_of(database, (AT_SITE, float("nan")))
