"""GET /api/turns/{id} and /api/conversations[/{id}]: what was asked and answered, for whoever asked it."""

from fastapi import APIRouter
from pydantic import BaseModel

from assistant.api.budgets import CONVERSATIONS_LISTED
from assistant.api.dependencies import Asking, ReadyAssistant
from assistant.api.errors import ERROR_RESPONSES
from assistant.llmops.turns import ConversationSummary, TurnLedger, TurnRow
from tools.errors import UnknownNameError

router = APIRouter(tags=["turns"], responses=ERROR_RESPONSES)


class UnknownTurnError(UnknownNameError):
    """No such turn, or another person's."""

    code = "unknown_turn"


class UnknownConversationError(UnknownNameError):
    """No such conversation, or another person's."""

    code = "unknown_conversation"


class ConversationList(BaseModel):
    """A person's conversations, the newest first."""

    conversations: tuple[ConversationSummary, ...]


class ConversationTurns(BaseModel):
    """A conversation, its turns in the order they were asked."""

    conversation_id: str
    turns: tuple[TurnRow, ...]


@router.get("/api/turns/{turn_id}")
def turn(turn_id: str, assistant: ReadyAssistant, asker: Asking) -> TurnRow:
    """One turn as the ledger keeps it."""
    found = assistant.ledger.turn(turn_id)
    # Whether another person's turn exists is not told either.
    if found is None or found.who != asker.who:
        raise UnknownTurnError("You have no turn of that id.", "The answer of POST /api/chat holds its turn_id.")
    return found


@router.get("/api/conversations")
def conversations(assistant: ReadyAssistant, asker: Asking) -> ConversationList:
    """The asker's newest conversations."""
    return ConversationList(conversations=tuple(assistant.ledger.conversations(asker.who, CONVERSATIONS_LISTED)))


@router.get("/api/conversations/{conversation_id}")
def conversation(conversation_id: str, assistant: ReadyAssistant, asker: Asking) -> ConversationTurns:
    """One conversation of the asker."""
    turns = tuple(assistant.ledger.conversation(conversation_id))
    if not turns or any(one.who != asker.who for one in turns):
        raise _unknown_conversation()
    return ConversationTurns(conversation_id=conversation_id, turns=turns)


def check_owner(ledger: TurnLedger, conversation_id: str | None, who: str) -> None:
    """Let a conversation be gone on with only by the person who began it.

    Raises:
        UnknownConversationError: another person began it.
    """
    if conversation_id is not None and ledger.owner(conversation_id) not in (None, who):
        raise _unknown_conversation()


def _unknown_conversation() -> UnknownConversationError:
    return UnknownConversationError("You have no conversation of that id.", "GET /api/conversations lists yours.")
