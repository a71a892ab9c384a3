"""Changing a limit: said as people say it, judged by the alarm rules from then on, put back in one step."""

import pytest

from tests.support.actions import ERIK, EVE, OTTO, ledger, small_fleet
from tools.actions.ledger import ActionLedger
from tools.actions.limit_changes import ChangeLimit
from tools.actions.undoing import Undo
from tools.analytics.alert_thresholds import rules_for
from tools.database import Database
from tools.errors import ActionFailedError, BadArgumentError, NoDataError, NotAllowedError
from tools.telemetry.store import ReadingStore

HOT_AT_NORTHGATE = ChangeLimit(scope="site", key="S01", alarm="T_HIGH", severity="minor", limit=38)


@pytest.fixture
def actions(either_database: Database) -> ActionLedger:
    small_fleet(either_database)
    return ledger(either_database)


def threshold(database: Database, device_id: str, alarm: str, severity: str) -> float:
    """What a device's alarm rule compares with."""
    device = next(one for one in ReadingStore(database).fleet().devices if one.device_id == device_id)
    with database.read() as connection:
        rule = next(one for one in rules_for(connection, device) if one.name == alarm)
    return {str(name): step for name, step in rule.steps.items()}[severity]


def test_a_changed_limit_counts_for_the_site_and_for_no_other(
    actions: ActionLedger, either_database: Database
) -> None:
    plan = actions.propose("change_limit", HOT_AT_NORTHGATE, ERIK, None)
    assert plan.impact.means == (
        "Change the minor limit of T_HIGH (temperature of the hottest post) from 35 to 38 °C for Northgate"
    )
    assert plan.impact.devices == ("D01", "D02")
    assert plan.impact.figures[1].value == 2
    assert threshold(either_database, "D01", "T_HIGH", "minor") == 35
    actions.decide(plan.plan_id, plan.hash, "approve", ERIK)
    assert threshold(either_database, "D01", "T_HIGH", "minor") == 38
    assert threshold(either_database, "D03", "T_HIGH", "minor") == 35


def test_undoing_puts_the_limit_back_that_there_was(actions: ActionLedger, either_database: Database) -> None:
    first = actions.do("change_limit", HOT_AT_NORTHGATE, ERIK)
    second = actions.do("change_limit", HOT_AT_NORTHGATE.model_copy(update={"limit": 40.0}), ERIK)
    actions.do("undo_action", Undo(plan_id=second.plan.plan_id), ERIK)
    assert threshold(either_database, "D01", "T_HIGH", "minor") == 38
    actions.do("undo_action", Undo(plan_id=first.plan.plan_id), ERIK)
    assert threshold(either_database, "D01", "T_HIGH", "minor") == 35


def test_a_limit_changed_since_is_not_undone(actions: ActionLedger, either_database: Database) -> None:
    first = actions.do("change_limit", HOT_AT_NORTHGATE, ERIK)
    actions.do("change_limit", HOT_AT_NORTHGATE.model_copy(update={"limit": 40.0}), ERIK)
    with pytest.raises(ActionFailedError, match="changed since"):
        actions.do("undo_action", Undo(plan_id=first.plan.plan_id), ERIK)
    assert threshold(either_database, "D01", "T_HIGH", "minor") == 40


def test_a_limit_is_said_as_people_say_it(actions: ActionLedger, either_database: Database) -> None:
    low = ChangeLimit(scope="device", key="D03", alarm="LOW_RESERVE", severity="major", limit=40)
    assert "from 30 to 40 %" in actions.do("change_limit", low, ERIK).plan.impact.means
    assert threshold(either_database, "D03", "LOW_RESERVE", "major") == 60


def test_what_was_approved_is_what_is_done(actions: ActionLedger, either_database: Database) -> None:
    plan = actions.propose("change_limit", HOT_AT_NORTHGATE, ERIK, None)
    actions.do("change_limit", HOT_AT_NORTHGATE.model_copy(update={"limit": 40.0}), ERIK)
    with pytest.raises(ActionFailedError, match="no longer as it was planned"):
        actions.decide(plan.plan_id, plan.hash, "approve", ERIK)
    assert threshold(either_database, "D01", "T_HIGH", "minor") == 40


def test_a_narrower_limit_is_kept(actions: ActionLedger, either_database: Database) -> None:
    own = HOT_AT_NORTHGATE.model_copy(update={"scope": "device", "key": "D01", "limit": 41.0})
    actions.do("change_limit", own, ERIK)
    assert actions.do("change_limit", HOT_AT_NORTHGATE, ERIK).plan.impact.devices == ("D02",)
    assert threshold(either_database, "D01", "T_HIGH", "minor") == 41


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"limit": 200.0}, "makes no sense"),
        ({"limit": 46.0}, "out of order"),
        ({"limit": 35.0}, "already"),
        ({"alarm": "RUNAWAY", "severity": "critical"}, "no limit that could be set"),
        ({"alarm": "RIPPLE", "severity": "major", "limit": 2.0}, "has no major step"),
    ],
)
def test_a_limit_that_makes_no_sense_is_not_even_planned(
    actions: ActionLedger, changes: dict[str, object], words: str
) -> None:
    with pytest.raises(BadArgumentError, match=words) as refused:
        actions.propose("change_limit", HOT_AT_NORTHGATE.model_copy(update=changes), ERIK, None)
    assert refused.value.hint


def test_a_place_without_devices_is_named(actions: ActionLedger) -> None:
    with pytest.raises(NoDataError, match="S09"):
        actions.propose("change_limit", HOT_AT_NORTHGATE.model_copy(update={"key": "S09"}), ERIK, None)


def test_a_limit_of_a_model_reaches_every_site_that_has_it(actions: ActionLedger) -> None:
    of_model = HOT_AT_NORTHGATE.model_copy(update={"scope": "model", "key": "AGM-500"})
    assert actions.propose("change_limit", of_model, ERIK, None).impact.sites == ("S01", "S02")
    for person in (OTTO, EVE):
        with pytest.raises(NotAllowedError):
            actions.propose("change_limit", of_model, person, None)
