"""The ledger of actions: planned, decided on, carried out once, checked and undone; each step with its audit row.

A decision is one transaction: compare-and-set of the plan, the effect, its check, the ledger row and the audit rows
are kept together or not at all, so a kill at any moment leaves a plan that waits or an action that is done.
"""

import uuid
from collections.abc import Sequence

import sqlalchemy as sa
from pydantic import JsonValue
from sqlalchemy.engine import Connection

from tools.actions.audit import AuditLog
from tools.actions.contract import Actions
from tools.actions.decisions import Decisions
from tools.actions.permission import (
    FindPerson,
    check_may,
    check_sees,
    sees_all,
    unknown_plan,
)
from tools.actions.plan import GOOD_FOR, Decided, Decision, LedgerEntry, PlannedAction, hash_of
from tools.actions.rows import (
    find_entry,
    find_plan,
    insert_plan,
    newest_entries,
    plans_where,
)
from tools.actions.schema import action_ledger, action_plans
from tools.actions.undoing import Undo, UndoAction
from tools.clock import Clock
from tools.database import Database
from tools.errors import (
    BatteryError,
)
from tools.people import Person
from tools.quantity import Frozen


class ActionLedger:
    """Plans, decides on and carries out actions. People are handed in as a way to look them up."""

    def __init__(
        self,
        database: Database,
        actions: Actions,
        audit: AuditLog,
        clock: Clock,
        find_person: FindPerson,
        *,
        second_person: bool,
    ) -> None:
        self._database = database
        self._actions = actions
        self._audit = audit
        self._clock = clock
        self._decisions = Decisions(actions, audit, clock, find_person, second_person=second_person)

    def propose(self, name: str, arguments: Frozen, person: Person, conversation_id: str | None) -> PlannedAction:
        """Plan an action: nothing is done, and it waits for approval.

        Asked for twice in a conversation it is one plan, so that a "yes" means one thing.

        Raises:
            NotAllowedError: the person may not ask for it.
            BatteryError: the dry run says that it cannot be done.
        """
        with self._database.write() as connection:
            plan = self._planned(connection, name, arguments, person, conversation_id)
            same = self._waiting(
                connection,
                action_plans.c.hash == plan.hash,
                action_plans.c.asked_by == person.name,
                action_plans.c.conversation_id == conversation_id,
            )
            if same:
                return same[0]
            self._keep(connection, plan)
        return plan

    def decide(self, plan_id: str, hash: str, decision: Decision, person: Person) -> Decided:
        """Approve a plan, which carries it out, or reject it.

        Raises:
            UnknownPlanError, WrongHashError, AlreadyDecidedError, PlanExpiredError, NotAllowedError: it stays as it is.
            ActionFailedError: it was approved, and nothing of it was kept.
        """
        with self._database.write() as connection:
            plan = find_plan(connection, plan_id, lock=True)
            if plan is None:
                raise unknown_plan(plan_id)
            outcome = self._decisions.decide(connection, plan, hash, decision, person)
        # Raised only now: what a refusal leaves in the audit log is kept.
        if isinstance(outcome, BatteryError):
            raise outcome
        return outcome

    def do(self, name: str, arguments: Frozen, person: Person) -> Decided:
        """Plan, approve and carry out in one: a person's own confirmed button press.

        Raises:
            NotAllowedError: the person may not, or not alone.
            ActionFailedError: nothing of it was kept.
        """
        with self._database.write() as connection:
            plan = self._planned(connection, name, arguments, person, None)
            self._keep(connection, plan)
            outcome = self._decisions.decide(connection, plan, plan.hash, "approve", person)
        if isinstance(outcome, BatteryError):
            raise outcome
        return outcome

    def undo(self, plan_id: str, person: Person) -> Decided:
        """Undo an action that was carried out.

        Raises:
            UnknownPlanError, AlreadyDecidedError, NotAllowedError, ActionFailedError: it stays done.
        """
        with self._database.read() as connection:
            plan = find_plan(connection, plan_id)
        if plan is None:
            raise unknown_plan(plan_id)
        check_sees(person, plan)
        return self.do(UndoAction.name, Undo(plan_id=plan_id), person)

    def pending(self, person: Person) -> list[PlannedAction]:
        """What waits for approval: the person's own, and what they may approve; newest first."""
        with self._database.read() as connection:
            waiting = self._waiting(connection)
        return [
            plan
            for plan in waiting
            if plan.asked_by == person.name or (person.reaches(plan.impact.role) and sees_all(person, plan.impact))
        ]

    def pending_in(self, conversation_id: str, person: Person) -> list[PlannedAction]:
        """What the person asked for in a conversation and has not decided on, newest first; expired ones too."""
        table = action_plans.c
        with self._database.read() as connection:
            return plans_where(
                connection,
                table.state == "pending",
                table.conversation_id == conversation_id,
                table.asked_by == person.name,
            )

    def is_good(self, plan: PlannedAction) -> bool:
        """Whether a pending plan may still be approved."""
        return self._clock.now() < plan.expires_at

    def plan(self, plan_id: str, person: Person) -> Decided:
        """A plan as it is now, and what was done.

        Raises:
            UnknownPlanError: there is none that the person may know of.
        """
        with self._database.read() as connection:
            plan, found = find_plan(connection, plan_id), find_entry(connection, plan_id)
        if plan is None:
            raise unknown_plan(plan_id)
        check_sees(person, plan)
        return Decided(plan=self._as_of_now(plan), entry=found[0] if found else None)

    def entries(self, person: Person, most: int) -> list[LedgerEntry]:
        """What was done, newest first: of every site the person sees."""
        with self._database.read() as connection:
            found = newest_entries(connection, most)
        return [entry for entry, plan in found if sees_all(person, plan.impact)]

    def last_done(self, person: Person) -> LedgerEntry | None:
        """The person's newest action that can be undone."""
        table = action_ledger.c
        with self._database.read() as connection:
            found = newest_entries(
                connection,
                1,
                table.asked_by == person.name,
                table.undone_utc.is_(None),
                table.action != UndoAction.name,
            )
        return found[0][0] if found else None

    def _planned(
        self, connection: Connection, name: str, arguments: Frozen, person: Person, conversation_id: str | None
    ) -> PlannedAction:
        action = self._actions[name]
        impact = action.preview(connection, arguments)
        check_may(person, impact)
        plain: dict[str, JsonValue] = arguments.model_dump(mode="json", exclude_none=True)
        now = self._clock.now()
        return PlannedAction(
            plan_id=f"plan_{uuid.uuid4().hex}",
            action=name,
            tier=action.tier,
            arguments=plain,
            hash=hash_of(name, plain),
            impact=impact,
            asked_by=person.name,
            conversation_id=conversation_id,
            created=now,
            expires_at=now + GOOD_FOR,
            state="pending",
        )

    def _keep(self, connection: Connection, plan: PlannedAction) -> None:
        insert_plan(connection, plan)
        self._audit.record(
            connection, "planned", plan.asked_by, plan.plan_id, {"action": plan.action, "hash": plan.hash}
        )

    def _waiting(self, connection: Connection, *conditions: sa.ColumnElement[bool]) -> Sequence[PlannedAction]:
        table = action_plans.c
        return plans_where(connection, table.state == "pending", table.expires_utc > self._clock.now(), *conditions)

    def _as_of_now(self, plan: PlannedAction) -> PlannedAction:
        """Nobody writes a row when a plan expires; it is told from its time."""
        return plan if plan.state != "pending" or self.is_good(plan) else plan.model_copy(update={"state": "expired"})
