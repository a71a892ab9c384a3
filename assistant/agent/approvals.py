"""A typed "yes" or "no" is matched here, by code, before a brain is asked: for the asker's one waiting plan, or for none."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from assistant.agent.answer import ToolStep
from assistant.agent.turn import CallRecord, Turn
from assistant.llmops.turns import TurnLedger
from tools.actions.ledger import ActionLedger
from tools.actions.plan import Decided, Decision, PlannedAction
from tools.errors import BatteryError
from tools.operate import PendingActions
from tools.quantity import Quantity

# Words that can only mean a plan, and words that may as well answer another question.
_PLAIN: dict[str, Decision] = {
    "approve": "approve", "approved": "approve", "i approve": "approve", "approve it": "approve",
    "approve that": "approve", "approve this": "approve", "yes approve": "approve", "yes approve it": "approve",
    "confirm": "approve", "confirmed": "approve", "i confirm": "approve", "yes confirm": "approve",
    "reject": "reject", "rejected": "reject", "i reject": "reject", "reject it": "reject", "reject that": "reject",
    "no reject": "reject", "no reject it": "reject", "decline": "reject", "discard it": "reject",
}  # fmt: skip
_CASUAL: dict[str, Decision] = {
    "yes": "approve", "y": "approve", "yep": "approve", "yeah": "approve", "yes please": "approve", "ok": "approve",
    "okay": "approve", "sure": "approve", "go ahead": "approve", "yes go ahead": "approve", "do it": "approve",
    "yes do it": "approve", "please do": "approve", "please do it": "approve", "ok do it": "approve",
    "no": "reject", "n": "reject", "nope": "reject", "no thanks": "reject", "no thank you": "reject",
    "cancel": "reject", "cancel it": "reject", "cancel that": "reject", "dont": "reject", "do not": "reject",
    "no dont": "reject", "dont do it": "reject", "never mind": "reject", "nevermind": "reject", "leave it": "reject",
}  # fmt: skip
# Not the name of a tool: no brain can call it.
DECISION_STEP = "decision"
NOTHING_DONE = "Rejected. Nothing was done."


@dataclass(frozen=True)
class TypedDecision:
    """What came of a typed decision: the words of the answer, and the call that stands as its evidence."""

    text: str
    call: CallRecord


def read_decision(message: str, *, is_open_question: bool = False) -> Decision | None:
    """The decision a message is, where it is that and nothing else.

    Args:
        is_open_question: the assistant has just asked something back, so a bare "yes" answers that.
    """
    said = " ".join(re.sub(r"[^\w\s]", "", message.lower()).split())
    return _PLAIN.get(said) or (None if is_open_question else _CASUAL.get(said))


class TypedApprovals:
    """Decides on the asker's waiting plan of a conversation where that is beyond doubt; asks which where not."""

    def __init__(self, actions: ActionLedger, turns: TurnLedger) -> None:
        self._actions = actions
        self._turns = turns

    def decide(self, turn: Turn) -> TypedDecision | None:
        """The outcome of a typed decision; None where the message is for the brain."""
        if not turn.decides_by_text or read_decision(turn.question) is None:
            return None
        waiting = self._waiting(turn)
        decision = read_decision(turn.question, is_open_question=self._has_asked_back(turn, waiting))
        if decision is None or not waiting:
            return None
        if len(waiting) > 1:
            return _which_one(turn, waiting)
        (plan,) = waiting
        try:
            decided = self._actions.decide(plan.plan_id, plan.hash, decision, turn.person)
        except BatteryError as error:
            content: JsonValue = {"error": {"code": error.code, "message": error.message, "hint": error.hint}}
            return TypedDecision(f"Not done. {error.message} {error.hint}".strip(), _call(turn, plan, content, None))
        return TypedDecision(outcome_words(decided), _call(turn, plan, decided.model_dump(mode="json"), decided))

    def _waiting(self, turn: Turn) -> list[PlannedAction]:
        """The plans that may be meant; where all have expired the newest of them, whose answer says so."""
        waiting = self._actions.pending_in(turn.conversation_id, turn.person)
        good = [plan for plan in waiting if self._actions.is_good(plan)]
        return good or waiting[:1]

    def _has_asked_back(self, turn: Turn, waiting: Sequence[PlannedAction]) -> bool:
        """Whether the answer before asked something other than for the approval of what waits."""
        earlier = [one for one in self._turns.conversation(turn.conversation_id) if one.turn_id != turn.turn_id]
        if not earlier:
            return False
        planned = earlier[-1].details.get("approval")
        if isinstance(planned, dict) and planned.get("id") in {plan.plan_id for plan in waiting}:
            return False
        return earlier[-1].clarification or "?" in (earlier[-1].answer or "")


def _which_one(turn: Turn, waiting: Sequence[PlannedAction]) -> TypedDecision:
    """What is said to a "yes" that could mean several plans: none of them is touched."""
    pending = PendingActions(
        actions=tuple(waiting), count=Quantity(value=len(waiting), statistic="count", field="pending_actions")
    )
    step = ToolStep(
        id=f"decision_{turn.turn_id}",
        name=DECISION_STEP,
        arguments={},
        status="ok",
        duration_ms=0.0,
        result=pending.model_dump(mode="json"),
    )
    lines = "\n".join(f"- {plan.impact.means}" for plan in waiting)
    text = f"Which one do you mean? {len(waiting)} actions wait; use the buttons of the one you mean.\n\n{lines}"
    return TypedDecision(text, CallRecord(step, pending))


def outcome_words(decided: Decided) -> str:
    """What a decision came to. "Done" is only said of what stands in the ledger."""
    if decided.entry is None:
        return NOTHING_DONE
    undo = "" if decided.plan.action == "undo_action" else " Say “undo that” to take it back."
    return f"Done. {decided.entry.means}.{undo}"


def _call(turn: Turn, plan: PlannedAction, content: JsonValue, decided: Decided | None) -> CallRecord:
    step = ToolStep(
        id=f"decision_{turn.turn_id}",
        name=DECISION_STEP,
        arguments={"action": plan.action, **plan.arguments},
        status="error" if decided is None else "ok",
        duration_ms=0.0,
        result=content,
    )
    return CallRecord(step, decided)
