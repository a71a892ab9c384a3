"""Who asked and who approves is looked up in the accounts when an action is carried out."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from assistant.auth.accounts import Accounts
from tests.support.actions import ERIK, KEY, OTTO, small_fleet
from tests.support.builders import NOW
from tools.actions.acknowledging import AcknowledgeAlerts
from tools.actions.all_actions import all_actions
from tools.actions.audit import AuditLog
from tools.actions.ledger import ActionLedger
from tools.actions.plan import PlannedAction
from tools.clock import FixedClock
from tools.database import Database
from tools.errors import BatteryError, NotAllowedError

PASSWORD = "correct horse battery staple"
AT_ONCE = 20


@pytest.fixture
def accounts(either_database: Database) -> Accounts:
    clock = FixedClock(NOW)
    made = Accounts(either_database, AuditLog(either_database, KEY, clock), clock)
    for person in (OTTO, ERIK):
        made.add(person, PASSWORD, by="test")
    return made


@pytest.fixture
def actions(either_database: Database, accounts: Accounts) -> ActionLedger:
    clock = FixedClock(NOW)
    audit = AuditLog(either_database, KEY, clock)
    return ActionLedger(either_database, all_actions(), audit, clock, accounts.person_on, second_person=False)


@pytest.fixture
def plan(either_database: Database, actions: ActionLedger) -> PlannedAction:
    """Two alerts that otto wants to acknowledge."""
    ids = small_fleet(either_database)[:2]
    return actions.propose("acknowledge_alert", AcknowledgeAlerts(alert_ids=tuple(ids)), OTTO, "shift-7")


def test_many_approvals_at_once_find_their_people_and_do_it_once(actions: ActionLedger, plan: PlannedAction) -> None:
    def one_try(_: int) -> str:
        try:
            return type(actions.decide(plan.plan_id, plan.hash, "approve", ERIK)).__name__
        except BatteryError as error:
            return error.code

    with ThreadPoolExecutor(AT_ONCE) as pool:
        outcomes = list(pool.map(one_try, range(AT_ONCE)))
    assert sorted(outcomes) == ["Decided"] + ["already_decided"] * (AT_ONCE - 1)


def test_a_disabled_asker_has_nothing_done_any_more(
    actions: ActionLedger, accounts: Accounts, plan: PlannedAction
) -> None:
    accounts.disable("otto", by="test")
    with pytest.raises(NotAllowedError, match="no account any more"):
        actions.decide(plan.plan_id, plan.hash, "approve", ERIK)
    assert actions.plan(plan.plan_id, ERIK).plan.state == "pending"


def test_a_lowered_role_counts_at_once(actions: ActionLedger, accounts: Accounts, plan: PlannedAction) -> None:
    accounts.set_role("erik", "viewer", None, by="test")
    with pytest.raises(NotAllowedError):
        actions.decide(plan.plan_id, plan.hash, "approve", ERIK)
