"""GET /api/turns/{id}: what was asked and answered, for whoever asked it."""

from fastapi import APIRouter

from assistant.api.dependencies import Asking, ReadyAssistant
from assistant.api.errors import ERROR_RESPONSES
from assistant.llmops.turns import TurnLedger, TurnRow
from tools.errors import UnknownNameError

router = APIRouter(tags=["turns"], responses=ERROR_RESPONSES)


class UnknownTurnError(UnknownNameError):
    """No such turn, or another person's."""

    code = "unknown_turn"


@router.get("/api/turns/{turn_id}")
def turn(turn_id: str, assistant: ReadyAssistant, asker: Asking) -> TurnRow:
    """One turn as the ledger keeps it."""
    return own_turn(assistant.ledger, turn_id, asker.name)


def own_turn(ledger: TurnLedger, turn_id: str, who: str) -> TurnRow:
    """A turn of that person.

    Raises:
        UnknownTurnError: there is none; whether another person's exists is not told either.
    """
    found = ledger.turn(turn_id)
    if found is None or found.who != who:
        raise UnknownTurnError("You have no turn of that id.", "The answer of POST /api/chat holds its turn_id.")
    return found
