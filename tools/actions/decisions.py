"""Decides on a plan in the caller's transaction: checks it, carries it out, and leaves a row of every step."""

from pydantic import JsonValue
from sqlalchemy.engine import Connection

from tools.actions.audit import AuditLog
from tools.actions.contract import Actions, Deed, Effect
from tools.actions.permission import FindPerson, check_approval, check_may, check_sees
from tools.actions.plan import Decided, Decision, PlannedAction, PlanState, hash_of
from tools.actions.rows import insert_entry, move_plan
from tools.clock import Clock
from tools.errors import (
    ActionFailedError,
    AlreadyDecidedError,
    BatteryError,
    NotAllowedError,
    PlanExpiredError,
    WrongHashError,
)
from tools.people import Person

_ENDED = {
    "executed": "was carried out", "failed": "was tried and failed", "rejected": "was rejected",
    "expired": "has expired", "undone": "was undone", "approved": "is being carried out",
}  # fmt: skip


class Decisions:
    """What becomes of a plan. Nothing here begins or ends a transaction."""

    def __init__(
        self, actions: Actions, audit: AuditLog, clock: Clock, find_person: FindPerson, *, second_person: bool
    ) -> None:
        self._actions = actions
        self._audit = audit
        self._clock = clock
        self._find_person = find_person
        self._second_person = second_person

    def decide(
        self, connection: Connection, plan: PlannedAction, hash: str, decision: Decision, person: Person
    ) -> Decided | BatteryError:
        """The outcome, or the error to raise once the transaction is kept."""
        check_sees(person, plan)
        if plan.state != "pending":
            raise _already(plan)
        # Computed again, so that arguments changed in the database are found as well.
        if not hash == plan.hash == hash_of(plan.action, plan.arguments):
            raise WrongHashError(
                "This is not what was planned: the hash is another one.",
                "Read the plan again, and decide on the hash that it has now.",
            )
        if self._clock.now() >= plan.expires_at:
            self._move(connection, plan, "expired", person)
            return PlanExpiredError("This plan has expired; nothing was done.", "Ask for the action again.")
        if decision == "reject":
            return self._reject(connection, plan, person)
        try:
            check_approval(connection, plan, person, self._find_person, second_person=self._second_person)
        except NotAllowedError as refusal:
            self._audit.record(connection, "refused", person.name, plan.plan_id, {"reason": refusal.message})
            return refusal
        return self._carry_out(connection, plan, person)

    def _reject(self, connection: Connection, plan: PlannedAction, person: Person) -> Decided | BatteryError:
        if person.name != plan.asked_by:
            check_may(person, plan.impact)
        return Decided(plan=self._move(connection, plan, "rejected", person))

    def _carry_out(self, connection: Connection, plan: PlannedAction, person: Person) -> Decided | BatteryError:
        # On PostgreSQL this row also makes other actions wait, so that dry run and effect see the same.
        self._audit.record(connection, "approved", person.name, plan.plan_id, {"hash": plan.hash})
        deed = Deed(plan.plan_id, plan.asked_by, person.name, self._clock.now())
        try:
            with connection.begin_nested():
                effect = self._effect(connection, plan, deed)
        except BatteryError as error:
            self._move(connection, plan, "failed", person, error.message)
            return ActionFailedError(f"{error.message} Nothing was changed.", error.hint or "Ask for it again.")
        done = self._move(connection, plan, "executed", person)
        return Decided(plan=done, entry=insert_entry(connection, plan, deed, effect))

    def _effect(self, connection: Connection, plan: PlannedAction, deed: Deed) -> Effect:
        action = self._actions[plan.action]
        arguments = action.arguments.model_validate(plan.arguments)
        if not action.preview(connection, arguments).is_same(plan.impact):
            raise ActionFailedError("What this would change is no longer as it was planned.", "Ask for it again.")
        effect = action.effect(connection, arguments, deed)
        if (wrong := action.check(connection, arguments, effect)) is not None:
            raise ActionFailedError(f"The check afterwards found: {wrong}")
        return effect

    def _move(
        self,
        connection: Connection,
        plan: PlannedAction,
        state: PlanState,
        person: Person,
        reason: str | None = None,
    ) -> PlannedAction:
        now = self._clock.now()
        ended = plan.model_copy(update={"state": state, "decided_by": person.name, "decided": now, "reason": reason})
        if not move_plan(connection, plan, ended.state, person.name, now, reason):
            raise AlreadyDecidedError("Somebody else has decided on this just now.", "Look at the plan again.")
        details: dict[str, JsonValue] = {"action": plan.action, "asked_by": plan.asked_by}
        if reason is not None:
            details["reason"] = reason
        self._audit.record(connection, ended.state, person.name, plan.plan_id, details)  # type: ignore[arg-type]
        return ended


def _already(plan: PlannedAction) -> AlreadyDecidedError:
    by = f" by {plan.decided_by}" if plan.decided_by else ""
    hint = "Ask for its undoing." if plan.state == "executed" else "Ask for the action again."
    return AlreadyDecidedError(f"This {_ENDED[plan.state]}{by} before.", hint)
