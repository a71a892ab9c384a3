"""Actions: planned without effect, done once when approved, and every refusal says what would work."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from tests.support.actions import ADA, ERIK, EVE, KEY, OLGA, OTTO, PEOPLE, VERA, ledger, small_fleet
from tests.support.builders import NOW
from tools.actions.acknowledging import AcknowledgeAction, AcknowledgeAlerts
from tools.actions.audit import AuditLog
from tools.actions.contract import ActionTier, Effect
from tools.actions.ledger import ActionLedger
from tools.actions.plan import PlannedAction
from tools.actions.schema import action_plans
from tools.actions.undoing import Undo
from tools.analytics.alert_schema import alerts
from tools.clock import FixedClock
from tools.database import Database
from tools.errors import (
    ActionFailedError,
    AlreadyDecidedError,
    BatteryError,
    NotAllowedError,
    PlanExpiredError,
    UnknownPlanError,
    WrongHashError,
)
from tools.people import Person

AT_ONCE = 20


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def fleet(either_database: Database) -> list[int]:
    """The alerts of a small fleet."""
    return small_fleet(either_database)


@pytest.fixture
def actions(either_database: Database, fleet: list[int], clock: FixedClock) -> ActionLedger:  # noqa: ARG001  installs it
    return ledger(either_database, clock, PEOPLE)


def acknowledging(actions: ActionLedger, ids: list[int], person: Person = OTTO) -> PlannedAction:
    """A plan to acknowledge these alerts."""
    order = AcknowledgeAlerts(alert_ids=tuple(ids), note="checked on site")
    return actions.propose("acknowledge_alert", order, person, "shift-7")


def acknowledged(database: Database) -> dict[int, str]:
    """Who has acknowledged which alert."""
    table = alerts.c
    with database.read() as connection:
        rows = connection.execute(
            sa.select(table.alert_id, table.acknowledged_by).where(table.acknowledged_utc.is_not(None))
        )
        return {row[0]: row[1] for row in rows}


def events(database: Database) -> list[str]:
    """What the audit log holds, oldest first."""
    log = AuditLog(database, KEY, FixedClock(NOW))
    assert log.verify().holds
    return [row.event for row in reversed(log.rows())]


def test_a_plan_says_what_it_would_do_and_does_nothing(
    actions: ActionLedger, fleet: list[int], either_database: Database
) -> None:
    plan = acknowledging(actions, fleet[:2])
    assert plan.impact.means == "Acknowledge 2 alerts of D01"
    assert [one.means for one in plan.impact.touched] == [
        "a post is hot (minor, T_HIGH)",
        "a cell's ohmic value is above its baseline (major, OHMIC)",
    ]
    assert plan.impact.note == "checked on site"
    assert (plan.state, plan.expires_at - plan.created) == ("pending", timedelta(minutes=15))
    assert acknowledged(either_database) == {}
    assert events(either_database) == ["planned"]


def test_an_approval_does_it_and_all_of_it_stands_in_the_ledger_and_the_audit_log(
    actions: ActionLedger, fleet: list[int], either_database: Database
) -> None:
    plan = acknowledging(actions, fleet[:2])
    decided = actions.decide(plan.plan_id, plan.hash, "approve", ERIK)
    assert acknowledged(either_database) == {fleet[0]: "otto", fleet[1]: "otto"}
    assert decided.plan.state == "executed"
    assert decided.entry is not None
    assert (decided.entry.means, decided.entry.asked_by, decided.entry.approved_by) == (
        "Acknowledged 2 alerts of D01", "otto", "erik",
    )  # fmt: skip
    assert actions.entries(ADA, 10) == [decided.entry]
    assert events(either_database) == ["planned", "approved", "executed"]


def test_a_rejection_does_nothing_and_is_final(
    actions: ActionLedger, fleet: list[int], either_database: Database
) -> None:
    plan = acknowledging(actions, fleet[:1])
    assert actions.decide(plan.plan_id, plan.hash, "reject", OTTO).plan.state == "rejected"
    with pytest.raises(AlreadyDecidedError, match="was rejected by otto"):
        actions.decide(plan.plan_id, plan.hash, "approve", OTTO)
    assert acknowledged(either_database) == {}


def test_a_second_approval_says_that_it_was_done(actions: ActionLedger, fleet: list[int]) -> None:
    plan = acknowledging(actions, fleet[:1])
    actions.decide(plan.plan_id, plan.hash, "approve", OTTO)
    with pytest.raises(AlreadyDecidedError, match="was carried out by otto"):
        actions.decide(plan.plan_id, plan.hash, "approve", OTTO)


def test_an_approval_of_other_arguments_is_refused(
    actions: ActionLedger, fleet: list[int], either_database: Database
) -> None:
    plan = acknowledging(actions, fleet[:1])
    with pytest.raises(WrongHashError) as refused:
        actions.decide(plan.plan_id, "0" * 64, "approve", OTTO)
    assert refused.value.hint
    assert acknowledged(either_database) == {}


def test_arguments_changed_in_the_database_are_not_carried_out(
    actions: ActionLedger, fleet: list[int], either_database: Database
) -> None:
    plan = acknowledging(actions, fleet[:1])
    with either_database.write() as connection:
        connection.execute(sa.update(action_plans).values(arguments_json=f'{{"alert_ids":[{fleet[4]}]}}'))
    with pytest.raises(WrongHashError):
        actions.decide(plan.plan_id, plan.hash, "approve", OTTO)
    assert acknowledged(either_database) == {}


def test_an_old_plan_has_expired(
    actions: ActionLedger, fleet: list[int], either_database: Database, clock: FixedClock
) -> None:
    plan = acknowledging(actions, fleet[:1])
    clock.move(timedelta(minutes=15))
    assert actions.pending(OTTO) == []
    assert actions.plan(plan.plan_id, OTTO).plan.state == "expired"
    with pytest.raises(PlanExpiredError):
        actions.decide(plan.plan_id, plan.hash, "approve", OTTO)
    assert acknowledged(either_database) == {}
    assert events(either_database) == ["planned", "expired"]


def test_an_unknown_plan_is_unknown(actions: ActionLedger) -> None:
    with pytest.raises(UnknownPlanError):
        actions.decide("plan_nope", "0" * 64, "approve", ADA)


@pytest.mark.parametrize(
    ("approver", "error"), [(VERA, NotAllowedError), (OLGA, UnknownPlanError)], ids=["role too low", "other site"]
)
def test_who_may_not_cannot_approve(
    actions: ActionLedger, fleet: list[int], either_database: Database, approver: Person, error: type[BatteryError]
) -> None:
    plan = acknowledging(actions, fleet[:1])
    with pytest.raises(error):
        actions.decide(plan.plan_id, plan.hash, "approve", approver)
    assert acknowledged(either_database) == {}
    assert actions.plan(plan.plan_id, OTTO).plan.state == "pending"


def test_a_refusal_stands_in_the_audit_log(
    actions: ActionLedger, fleet: list[int], either_database: Database
) -> None:
    plan = acknowledging(actions, fleet[:1])
    with pytest.raises(NotAllowedError):
        actions.decide(plan.plan_id, plan.hash, "approve", VERA)
    assert events(either_database) == ["planned", "refused"]


def test_who_may_not_cannot_even_ask(actions: ActionLedger, fleet: list[int], either_database: Database) -> None:
    for person in (VERA, OLGA):
        with pytest.raises(NotAllowedError):
            acknowledging(actions, fleet[:1], person)
    assert events(either_database) == []


def test_an_asker_whose_role_was_lowered_since_can_no_longer_have_it_done(
    either_database: Database, fleet: list[int]
) -> None:
    people = dict(PEOPLE)
    actions = ledger(either_database, people=people)
    plan = acknowledging(actions, fleet[:1])
    people["otto"] = Person(name="otto", role="viewer")
    for approver in (OTTO, ERIK):
        with pytest.raises(NotAllowedError):
            actions.decide(plan.plan_id, plan.hash, "approve", approver)
    del people["otto"]
    with pytest.raises(NotAllowedError, match="no account any more"):
        actions.decide(plan.plan_id, plan.hash, "approve", ERIK)
    assert acknowledged(either_database) == {}


def test_twenty_approvals_at_once_do_it_once(
    actions: ActionLedger, fleet: list[int], either_database: Database
) -> None:
    plan = acknowledging(actions, fleet[:2])
    outcomes = at_once(lambda: actions.decide(plan.plan_id, plan.hash, "approve", OTTO))
    assert sorted(outcomes) == ["AlreadyDecidedError"] * (AT_ONCE - 1) + ["Decided"]
    assert events(either_database) == ["planned", "approved", "executed"]


def test_twenty_undoings_at_once_undo_it_once(
    actions: ActionLedger, fleet: list[int], either_database: Database
) -> None:
    plan = acknowledging(actions, fleet[:2])
    actions.decide(plan.plan_id, plan.hash, "approve", OTTO)
    outcomes = at_once(lambda: actions.do("undo_action", Undo(plan_id=plan.plan_id), OTTO))
    assert outcomes.count("Decided") == 1
    assert acknowledged(either_database) == {}
    assert actions.plan(plan.plan_id, OTTO).plan.state == "undone"
    assert events(either_database).count("executed") == 2


def test_two_plans_for_the_same_alert_cannot_both_be_carried_out(
    actions: ActionLedger, fleet: list[int], either_database: Database
) -> None:
    first, second = acknowledging(actions, fleet[:1]), acknowledging(actions, fleet[:1], ERIK)
    actions.decide(first.plan_id, first.hash, "approve", OTTO)
    with pytest.raises(ActionFailedError, match="was acknowledged by otto before"):
        actions.decide(second.plan_id, second.hash, "approve", ERIK)
    assert acknowledged(either_database) == {fleet[0]: "otto"}
    assert actions.plan(second.plan_id, ERIK).plan.state == "failed"


def test_asking_twice_makes_one_plan(actions: ActionLedger, fleet: list[int]) -> None:
    assert acknowledging(actions, fleet[:1]) == acknowledging(actions, fleet[:1])
    assert len(actions.pending(OTTO)) == 1


def test_each_sees_what_waits_for_them(actions: ActionLedger, fleet: list[int]) -> None:
    north, harbor = acknowledging(actions, fleet[:1]), acknowledging(actions, fleet[4:], ERIK)
    assert {plan.plan_id for plan in actions.pending(ADA)} == {harbor.plan_id, north.plan_id}
    assert [plan.plan_id for plan in actions.pending(OLGA)] == [harbor.plan_id]
    assert [plan.plan_id for plan in actions.pending(EVE)] == [north.plan_id]
    assert actions.pending(VERA) == []


class BadlyDone(AcknowledgeAction):
    """Acknowledges, and finds afterwards that it did not."""

    def check(self, connection: Connection, arguments: AcknowledgeAlerts, effect: Effect) -> str | None:  # noqa: ARG002
        return "the alerts still ring."


class Dangerous(AcknowledgeAction):
    """Acknowledging as if it were dangerous."""

    tier: ActionTier = "dangerous"


def test_a_failed_check_takes_the_effect_back_and_is_recorded(either_database: Database, fleet: list[int]) -> None:
    actions = ledger(either_database, actions={"acknowledge_alert": BadlyDone()})
    plan = acknowledging(actions, fleet[:1])
    with pytest.raises(ActionFailedError, match="still ring"):
        actions.decide(plan.plan_id, plan.hash, "approve", OTTO)
    assert acknowledged(either_database) == {}
    assert actions.plan(plan.plan_id, OTTO).plan.reason == "The check afterwards found: the alerts still ring."
    assert actions.entries(ADA, 10) == []
    assert events(either_database) == ["planned", "approved", "failed"]


def test_a_dangerous_action_can_need_a_second_person(either_database: Database, fleet: list[int]) -> None:
    actions = ledger(either_database, actions={"acknowledge_alert": Dangerous()}, second_person=True)
    plan = acknowledging(actions, fleet[:1])
    with pytest.raises(NotAllowedError, match="second person"):
        actions.decide(plan.plan_id, plan.hash, "approve", OTTO)
    assert actions.decide(plan.plan_id, plan.hash, "approve", ERIK).entry is not None


def test_undoing_needs_the_role_and_the_sites_of_what_is_undone(actions: ActionLedger, fleet: list[int]) -> None:
    plan = acknowledging(actions, fleet[:1])
    actions.decide(plan.plan_id, plan.hash, "approve", OTTO)
    for person in (VERA, OLGA):
        with pytest.raises(NotAllowedError):
            actions.do("undo_action", Undo(plan_id=plan.plan_id), person)
    assert actions.last_done(OTTO) is not None


def test_what_was_undone_cannot_be_undone_again(actions: ActionLedger, fleet: list[int]) -> None:
    plan = acknowledging(actions, fleet[:1])
    actions.decide(plan.plan_id, plan.hash, "approve", OTTO)
    undone = actions.do("undo_action", Undo(plan_id=plan.plan_id), OTTO)
    assert undone.entry is not None
    assert undone.entry.means == "Undone: Acknowledged 1 alert of D01"
    with pytest.raises(AlreadyDecidedError, match="undone by otto"):
        actions.do("undo_action", Undo(plan_id=plan.plan_id), OTTO)
    with pytest.raises(BatteryError, match="cannot be undone"):
        actions.do("undo_action", Undo(plan_id=undone.plan.plan_id), OTTO)
    assert actions.last_done(OTTO) is None


def at_once(act: Callable[[], object]) -> list[str]:
    """What became of many tries at the same time."""

    def one_try(_: int) -> str:
        try:
            return type(act()).__name__
        except BatteryError as error:
            return type(error).__name__

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(one_try, range(AT_ONCE)))
