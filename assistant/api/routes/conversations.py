"""/api/conversations: a person's conversations, to list, search, read, rename, export and delete."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, StringConstraints

from assistant.agent.budgets import TURN_SECONDS
from assistant.api.budgets import CONVERSATIONS_LISTED
from assistant.api.dependencies import Asking, ReadyAssistant
from assistant.api.errors import ERROR_RESPONSES
from assistant.api.export import ExportedConversation, as_markdown
from assistant.llmops.conversations import ConversationSummary
from assistant.llmops.turns import TurnLedger, TurnRow
from tools.errors import BatteryError, UnknownNameError

router = APIRouter(tags=["conversations"], responses=ERROR_RESPONSES)

LONGEST_TITLE = 120
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_TITLE)]


class UnknownConversationError(UnknownNameError):
    """No such conversation, or another person's."""

    code = "unknown_conversation"


class StillAnsweringError(BatteryError):
    """A conversation whose last question is being answered."""

    code = "still_answering"


class Conversations(BaseModel):
    """A person's conversations, the newest first."""

    conversations: tuple[ConversationSummary, ...]


class ConversationTurns(BaseModel):
    """A conversation, its turns in the order they were asked."""

    conversation_id: str
    turns: tuple[TurnRow, ...]


class NewTitle(BaseModel):
    """What a conversation is to be called."""

    title: Title


@router.get("/api/conversations")
def conversations(
    assistant: ReadyAssistant,
    asker: Asking,
    search: Annotated[str, Query(max_length=200, description="Words of a title or a question")] = "",
) -> Conversations:
    """The asker's newest conversations, or the newest of those that hold the words."""
    found = assistant.conversations.newest(asker.name, CONVERSATIONS_LISTED, search.strip())
    return Conversations(conversations=tuple(found))


@router.get("/api/conversations/{conversation_id}")
def conversation(conversation_id: str, assistant: ReadyAssistant, asker: Asking) -> ConversationTurns:
    """One conversation of the asker."""
    turns = own_turns(assistant.ledger, conversation_id, asker.name)
    return ConversationTurns(conversation_id=conversation_id, turns=tuple(turns))


@router.patch("/api/conversations/{conversation_id}", status_code=204)
def rename(conversation_id: str, new: NewTitle, assistant: ReadyAssistant, asker: Asking) -> Response:
    """Give a conversation another title."""
    own_turns(assistant.ledger, conversation_id, asker.name)
    assistant.conversations.rename(conversation_id, new.title)
    return Response(status_code=204)


@router.delete("/api/conversations/{conversation_id}", status_code=204)
async def delete(conversation_id: str, assistant: ReadyAssistant, asker: Asking) -> Response:
    """Delete a conversation for good: its turns, the verdicts on them, and what the brain remembers of it."""
    turns = await asyncio.to_thread(own_turns, assistant.ledger, conversation_id, asker.name)
    # A turn left open longer than any may take belongs to a process that has been killed.
    began_lately = assistant.clock.now() - timedelta(seconds=TURN_SECONDS)
    if any(one.status == "running" and one.asked_utc > began_lately for one in turns):
        raise StillAnsweringError("A question of this conversation is being answered.", "Stop it first, or wait.")
    await assistant.conversation.forget(conversation_id)
    await asyncio.to_thread(assistant.conversations.delete, conversation_id)
    return Response(status_code=204)


@router.get("/api/conversations/{conversation_id}/export", response_model=ExportedConversation)
def export(
    conversation_id: str,
    assistant: ReadyAssistant,
    asker: Asking,
    form: Annotated[Literal["markdown", "json"], Query(alias="format")] = "markdown",
) -> Response:
    """A conversation as a file: Markdown to read, or JSON with all the ledger holds of it."""
    turns = own_turns(assistant.ledger, conversation_id, asker.name)
    title = assistant.conversations.title(conversation_id) or turns[0].question
    exported = ExportedConversation(conversation_id=conversation_id, title=title, turns=tuple(turns))
    name = f"conversation-{turns[0].asked_utc:%Y-%m-%d-%H%M}"
    if form == "json":
        return _file(exported.model_dump_json(indent=2), f"{name}.json", "application/json")
    return _file(as_markdown(exported), f"{name}.md", "text/markdown")


def own_turns(ledger: TurnLedger, conversation_id: str, who: str) -> Sequence[TurnRow]:
    """The turns of that person's conversation; at least one.

    Raises:
        UnknownConversationError: there is none, or another person began it.
    """
    turns = ledger.conversation(conversation_id)
    if not turns or any(one.who != who for one in turns):
        raise _unknown_conversation()
    return turns


def check_owner(ledger: TurnLedger, conversation_id: str | None, who: str) -> None:
    """Let a conversation be gone on with only by the person who began it.

    Raises:
        UnknownConversationError: another person began it.
    """
    if conversation_id is not None and ledger.owner(conversation_id) not in (None, who):
        raise _unknown_conversation()


def _file(text: str, name: str, media_type: str) -> Response:
    saved_as = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text, media_type=media_type, headers=saved_as)


def _unknown_conversation() -> UnknownConversationError:
    return UnknownConversationError("You have no conversation of that id.", "GET /api/conversations lists yours.")
