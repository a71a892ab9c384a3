"""/api/approvals and /api/actions: what waits for approval, the decision on it, what was done, and its undoing."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field, StringConstraints

from assistant.agent.answer import Approval, approval_of
from assistant.api.dependencies import Asking, ReadyAssistant
from assistant.api.errors import ERROR_RESPONSES
from tools.actions.plan import Decided, Decision, LedgerEntry

router = APIRouter(tags=["actions"], responses=ERROR_RESPONSES)

MOST_ACTIONS = 200
Hash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class WaitingAction(Approval):
    """An action that waits, who asked for it, and the conversation it came from."""

    asked_by: str
    conversation_id: str | None = None


class Approvals(BaseModel):
    """What waits: the asker's own, and what they may approve for others; newest first."""

    approvals: tuple[WaitingAction, ...]


class DecisionRequest(BaseModel):
    """A decision on exactly what was planned."""

    decision: Decision
    hash: Hash = Field(description="The hash of the plan, as it was shown")


class Actions(BaseModel):
    """What was done, newest first."""

    actions: tuple[LedgerEntry, ...]


@router.get("/api/approvals")
def approvals(assistant: ReadyAssistant, asker: Asking) -> Approvals:
    """Actions that wait for approval."""
    waiting = assistant.actions.pending(asker)
    return Approvals(
        approvals=tuple(
            WaitingAction(**dict(approval_of(plan)), asked_by=plan.asked_by, conversation_id=plan.conversation_id)
            for plan in waiting
        )
    )


@router.get("/api/approvals/{plan_id}")
def approval(plan_id: str, assistant: ReadyAssistant, asker: Asking) -> Decided:
    """One planned action and what became of it."""
    return assistant.actions.plan(plan_id, asker)


@router.post("/api/approvals/{plan_id}")
def decide(plan_id: str, decided: DecisionRequest, assistant: ReadyAssistant, asker: Asking) -> Decided:
    """Approve a planned action, which carries it out at once, or reject it."""
    return assistant.actions.decide(plan_id, decided.hash, decided.decision, asker)


@router.get("/api/actions")
def actions(
    assistant: ReadyAssistant, asker: Asking, most: Annotated[int, Query(ge=1, le=MOST_ACTIONS)] = 50
) -> Actions:
    """What was done on the sites the asker sees."""
    return Actions(actions=tuple(assistant.actions.entries(asker, most)))


@router.post("/api/actions/{plan_id}/undo")
def undo(plan_id: str, assistant: ReadyAssistant, asker: Asking) -> Decided:
    """Undo an action that was done: the press of this button is plan and approval in one."""
    return assistant.actions.undo(plan_id, asker)
