"""POST /api/chat: one message in, the whole answer out as JSON, or the turn as it runs as server-sent events."""

import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import TYPE_CHECKING, Annotated

import structlog
from fastapi import APIRouter, Request, Response
from fastapi.sse import format_sse_event
from pydantic import BaseModel, Field, StringConstraints

from assistant.agent.answer import Answer
from assistant.api.dependencies import Asking, ReadyAssistant, Slots
from assistant.api.errors import ERROR_RESPONSES, error_body
from assistant.api.routes.conversations import check_owner
from assistant.api.running_turns import TurnStream, unless_gone
from tools.errors import BatteryError

if TYPE_CHECKING:
    from assistant.agent.turn import TurnEvent

log = structlog.get_logger()
router = APIRouter(tags=["chat"], responses=ERROR_RESPONSES)

ConversationId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
_EVENTS = {"text/event-stream": {"schema": {"type": "string"}, "example": 'event: text\ndata: {"text": "D03 …"}\n\n'}}


class ChatRequest(BaseModel):
    """A message to the assistant."""

    message: str = Field(description="The question, at most 4,000 characters", examples=["How hot is D03?"])
    conversation_id: ConversationId | None = Field(
        None, description="A conversation to go on with; a new one without"
    )
    timezone: Annotated[str, StringConstraints(max_length=64)] | None = Field(
        None, description="IANA zone that times are read and written in; UTC without", examples=["Europe/Oslo"]
    )


@router.post("/api/chat", response_model=Answer, responses={200: {"content": _EVENTS}})
async def chat(
    asked: ChatRequest, request: Request, assistant: ReadyAssistant, asker: Asking, slots: Slots
) -> Answer | Response:
    """Ask a question. With `Accept: text/event-stream` the answer comes as events: tool_started, tool_finished,
    text, and last answer or error."""
    from assistant.agent.conversation import known_zone, readable  # noqa: PLC0415  loaded with the assistant

    # Checked before the turn begins, so that a bad message is a 400 whichever form was asked for.
    readable(asked.message)
    zone = known_zone(asked.timezone or "UTC")
    check_owner(assistant.ledger, asked.conversation_id, asker.name)
    assistant.allowances.spend("questions", asker.name)
    conversation = assistant.conversation
    if "text/event-stream" in request.headers.get("accept", ""):
        events = conversation.stream(asked.message, asker, asked.conversation_id, time_zone=zone)
        return TurnStream(_as_text(events), slots)
    with slots:
        answer = await unless_gone(
            request.receive, conversation.ask(asked.message, asker, asked.conversation_id, time_zone=zone)
        )
    _log_answer(answer)
    return answer


async def _as_text(events: "AsyncGenerator[TurnEvent]") -> AsyncIterator[bytes]:
    """The events of a turn in the form of server-sent events."""
    try:
        async with aclosing(events):
            async for event in events:
                name, data = _named(event)
                yield format_sse_event(event=name, data_str=data)
    except BatteryError as error:
        body = error_body(error.code, error.message, error.hint)
        yield format_sse_event(event="error", data_str=body.model_dump_json())


def _named(event: "TurnEvent") -> tuple[str, str]:
    """An event's name and its data as JSON."""
    from assistant.agent.turn import TextPart, ToolFinished, ToolStarted  # noqa: PLC0415  loaded with the assistant

    if isinstance(event, ToolStarted):
        started = {"id": event.id, "name": event.name, "arguments": event.arguments}
        return "tool_started", json.dumps(started, ensure_ascii=False)
    if isinstance(event, ToolFinished):
        return "tool_finished", event.step.model_dump_json()
    if isinstance(event, TextPart):
        return "text", json.dumps({"text": event.text}, ensure_ascii=False)
    _log_answer(event.answer)
    return "answer", event.answer.model_dump_json()


def _log_answer(answer: Answer) -> None:
    log.info(
        "turn answered",
        turn=answer.turn_id,
        conversation=answer.conversation_id,
        tools=[step.name for step in answer.tool_calls],
        duration_ms=answer.latency_ms,
    )
