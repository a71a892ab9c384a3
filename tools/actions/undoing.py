"""Undoing as an action: puts back what another action changed, once."""

from sqlalchemy.engine import Connection

from tools.actions.contract import Actions, ActionTier, Deed, Effect, Impact
from tools.actions.permission import unknown_plan
from tools.actions.plan import LedgerEntry, PlannedAction
from tools.actions.rows import find_entry, find_plan, mark_undone, move_plan
from tools.errors import AlreadyDecidedError, BadArgumentError
from tools.quantity import Frozen


class Undo(Frozen):
    """Which action to undo: the id of its plan."""

    plan_id: str


class UndoAction:
    """Needs the role and the sites of the action it undoes."""

    name = "undo_action"
    tier: ActionTier = "change"
    arguments = Undo

    def __init__(self, others: Actions) -> None:
        self._others = others

    def preview(self, connection: Connection, arguments: Undo) -> Impact:
        """What would be put back."""
        plan, _, _ = self._done(connection, arguments.plan_id)
        return plan.impact.model_copy(update={"means": f"Undo “{plan.impact.means}”", "figures": ()})

    def effect(self, connection: Connection, arguments: Undo, deed: Deed) -> Effect:
        """Undo it, and say so in the ledger and in its plan."""
        plan, entry, effect = self._done(connection, arguments.plan_id)
        action = self._others[plan.action]
        action.undo(connection, action.arguments.model_validate(plan.arguments), effect, deed)
        if not (
            mark_undone(connection, plan.plan_id, deed.approved_by, deed.at)
            and move_plan(connection, plan, "undone", deed.approved_by, deed.at)
        ):
            raise _undone_already(entry)
        return Effect(means=f"Undone: {entry.means}")

    def check(self, connection: Connection, arguments: Undo, effect: Effect) -> str | None:  # noqa: ARG002
        """Whether the ledger holds it as undone."""
        found = find_entry(connection, arguments.plan_id)
        return None if found and found[0].undone is not None else "the ledger does not hold it as undone."

    def undo(self, connection: Connection, arguments: Undo, effect: Effect, deed: Deed) -> None:  # noqa: ARG002
        """What was undone is done again by asking for it again."""
        raise BadArgumentError("Undoing cannot be undone.", "Ask for the action itself again.")

    def _done(self, connection: Connection, plan_id: str) -> tuple[PlannedAction, LedgerEntry, Effect]:
        plan, found = find_plan(connection, plan_id, lock=True), find_entry(connection, plan_id, lock=True)
        if plan is None:
            raise unknown_plan(plan_id)
        if found is None:
            raise BadArgumentError("That was never carried out, so there is nothing to undo.")
        entry, effect = found
        if plan.action not in self._others:
            raise BadArgumentError("Undoing cannot be undone.", "Ask for the action itself again.")
        if entry.undone is not None:
            raise _undone_already(entry)
        return plan, entry, effect


def _undone_already(entry: LedgerEntry) -> AlreadyDecidedError:
    return AlreadyDecidedError(
        f"This was undone by {entry.undone_by or 'somebody else'} before.", "Ask for the action itself again."
    )
