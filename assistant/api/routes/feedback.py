"""POST /api/feedback: like or dislike an answer, with a reason; the page and the ledger's readers see it."""

from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field, StringConstraints

from assistant.api.dependencies import Asking, ReadyAssistant
from assistant.api.errors import ERROR_RESPONSES
from assistant.api.routes.turns import own_turn
from assistant.llmops.feedback import Feedback, Verdict

router = APIRouter(tags=["feedback"], responses=ERROR_RESPONSES)

LONGEST_REASON = 1000
Reason = Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST_REASON)]


class FeedbackRequest(BaseModel):
    """A verdict on one answer; a later one takes the place of an earlier one."""

    turn_id: str = Field(description="The turn it is about")
    verdict: Verdict
    reason: Reason | None = Field(None, description="Why, in the person's own words")


@router.post("/api/feedback")
def give_feedback(given: FeedbackRequest, assistant: ReadyAssistant, asker: Asking) -> Feedback:
    """Say what you think of an answer."""
    own_turn(assistant.ledger, given.turn_id, asker.name)
    kept = Feedback(
        turn_id=given.turn_id,
        who=asker.name,
        verdict=given.verdict,
        reason=given.reason or None,
        given_utc=assistant.clock.now(),
    )
    assistant.feedback.give(kept)
    return kept


@router.get("/api/feedback/{turn_id}")
def feedback_on(turn_id: str, assistant: ReadyAssistant, asker: Asking) -> Feedback | None:
    """Your verdict on an answer; null where there is none."""
    own_turn(assistant.ledger, turn_id, asker.name)
    return assistant.feedback.of([turn_id]).get(turn_id)


@router.delete("/api/feedback/{turn_id}", status_code=204)
def withdraw_feedback(turn_id: str, assistant: ReadyAssistant, asker: Asking) -> Response:
    """Take a verdict back."""
    own_turn(assistant.ledger, turn_id, asker.name)
    assistant.feedback.withdraw(turn_id)
    return Response(status_code=204)
