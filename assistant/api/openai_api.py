"""/v1/chat/completions and /v1/models: the assistant as any OpenAI client asks it, with its errors in OpenAI's form.

The last message is the question; earlier ones are what was said before. System messages and sampling settings have no
say: the rules of the house are not the client's to set. Text sent here never approves anything.
"""

import json
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, Literal

from fastapi import APIRouter, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from assistant.agent.answer import Answer, Usage
from assistant.api.dependencies import Asking, ReadyAssistant, Slots
from assistant.api.errors import battery_error_response
from assistant.api.running_turns import TurnStream, unless_gone
from tools.errors import BatteryError

if TYPE_CHECKING:
    from assistant.agent.turn import Said, TurnEvent

MODEL = "battery-assistant"
_EARLIER = 16
_DONE = b"data: [DONE]\n\n"


class OpenAIRoute(APIRoute):
    """Answers whatever goes wrong below /v1 in the form OpenAI's clients read."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handle_in_form(request: Request) -> Response:
            try:
                return await handle(request)
            except BatteryError as error:
                plain = battery_error_response(error)
                body = _error(f"{error.message} {error.hint}".strip(), error.code, plain.status_code)
                retry = {name: value for name, value in plain.headers.items() if name == "retry-after"}
                return JSONResponse(body, status_code=plain.status_code, headers=retry)
            except RequestValidationError as error:
                first = error.errors()[0]
                place = ".".join(str(part) for part in first["loc"] if part != "body")[:80]
                return JSONResponse(_error(f"{place}: {first['msg']}", "bad_request", 400, place), status_code=400)
            except HTTPException as error:
                body = _error(str(error.detail), f"http_{error.status_code}", error.status_code)
                return JSONResponse(body, status_code=error.status_code, headers=error.headers)

        return handle_in_form


router = APIRouter(tags=["openai"], route_class=OpenAIRoute)


class TextPiece(BaseModel):
    """A part of a message; only text is read."""

    type: Literal["text"]
    text: str


class Message(BaseModel):
    """A message of the conversation as the client keeps it."""

    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: str | list[TextPiece] | None = None

    @property
    def text(self) -> str:
        """Its words."""
        if isinstance(self.content, list):
            return "".join(piece.text for piece in self.content)
        return self.content or ""


class StreamOptions(BaseModel):
    """What a stream should end with."""

    include_usage: bool = False


class CompletionRequest(BaseModel):
    """A request as OpenAI's clients send it; whatever else they set is left unread."""

    model: str = Field(examples=[MODEL])
    messages: list[Message] = Field(min_length=1, max_length=1000)
    stream: bool = False
    stream_options: StreamOptions | None = None
    timezone: str | None = Field(None, max_length=64, description="IANA zone of times; not a field of OpenAI's")


class UnknownModelError(BatteryError):
    """A model that is not served here."""

    code = "unknown_model"


class NoQuestionError(BatteryError):
    """The last message is not the user's."""

    code = "bad_message"


@router.get("/v1/models")
async def models(_: Asking) -> dict[str, Any]:
    """The one model: the assistant."""
    return {"object": "list", "data": [_model()]}


@router.get("/v1/models/{name}")
async def model(name: str, _: Asking) -> dict[str, Any]:
    """The assistant as a model."""
    _check_model(name)
    return _model()


@router.post("/v1/chat/completions", response_model=None)
async def complete(
    asked: CompletionRequest, request: Request, assistant: ReadyAssistant, asker: Asking, slots: Slots
) -> Response:
    """Answer the last message of a conversation."""
    from assistant.agent.conversation import known_zone, readable  # noqa: PLC0415  loaded with the assistant

    _check_model(asked.model)
    question, history = _question_and_history(asked)
    readable(question)
    assistant.allowances.spend("questions", asker.name)
    parts: dict[str, Any] = {
        "time_zone": known_zone(asked.timezone or "UTC"),
        "history": history,
        "decides_by_text": False,
    }
    if asked.stream:
        with_usage = bool(asked.stream_options and asked.stream_options.include_usage)
        events = assistant.conversation.stream(question, asker, **parts)
        return TurnStream(_chunks(events, with_usage=with_usage), slots)
    with slots:
        answer = await unless_gone(request.receive, assistant.conversation.ask(question, asker, **parts))
    return JSONResponse(_completion(answer))


@router.api_route("/v1/{rest:path}", methods=["GET", "POST", "PUT", "PATCH", "DELETE"], include_in_schema=False)
async def nothing(rest: str) -> Response:
    """What OpenAI has and we have not."""
    said = f"There is nothing at /v1/{rest[:60]}. /v1/chat/completions and /v1/models are served."
    return JSONResponse(_error(said, "not_found", 404), status_code=404)


def _check_model(name: str) -> None:
    if name != MODEL:
        raise UnknownModelError(f"There is no model {name[:60]!r}.", f"The model here is {MODEL}.")


def _question_and_history(asked: CompletionRequest) -> "tuple[str, list[Said]]":
    """The last message, and what was said before it."""
    from assistant.agent.turn import Said  # noqa: PLC0415  loaded with the assistant

    said = [
        Said("user" if one.role == "user" else "assistant", one.text)
        for one in asked.messages
        if one.role in ("user", "assistant") and one.text.strip()
    ]
    if not said or said[-1].by != "user" or asked.messages[-1].role != "user":
        raise NoQuestionError("The last message is not a question of the user.", 'End with {"role": "user", ...}.')
    return said[-1].text, said[:-1][-_EARLIER:]


async def _chunks(events: "AsyncGenerator[TurnEvent]", *, with_usage: bool) -> AsyncIterator[bytes]:
    """A turn as the chunks of a completion: the role, the checked text in pieces, the end, and the usage if wanted."""
    from assistant.agent.turn import TextPart, TurnFinished  # noqa: PLC0415  loaded with the assistant

    head = {"id": f"chatcmpl-{time.time_ns():x}", "created": int(time.time())}
    try:
        yield _chunk(head, {"role": "assistant", "content": ""})
        async with aclosing(events):
            async for event in events:
                if isinstance(event, TextPart):
                    yield _chunk(head, {"content": event.text})
                if isinstance(event, TurnFinished):
                    yield _chunk(head, {}, finish="stop", extra=_ours(event.answer))
                    if with_usage and (usage := _usage(event.answer.usage)):
                        yield _event(_whole(head) | {"choices": [], "usage": usage})
    except BatteryError as error:
        status = battery_error_response(error).status_code
        yield _event(_error(f"{error.message} {error.hint}".strip(), error.code, status))
        return
    yield _DONE


def _chunk(
    head: dict[str, Any], delta: dict[str, Any], finish: str | None = None, extra: dict[str, Any] | None = None
) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}
    return _event(_whole(head) | {"choices": [choice]} | (extra or {}))


def _whole(head: dict[str, Any]) -> dict[str, Any]:
    return {**head, "object": "chat.completion.chunk", "model": MODEL}


def _event(data: dict[str, Any]) -> bytes:
    return f"data: {json.dumps(data, ensure_ascii=False)}\n\n".encode()


def _completion(answer: Answer) -> dict[str, Any]:
    message = {"role": "assistant", "content": answer.answer, "refusal": None}
    whole = {
        "id": f"chatcmpl-{answer.turn_id}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": MODEL,
        "choices": [{"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}],
        **_ours(answer),
    }
    usage = _usage(answer.usage)
    return whole | ({"usage": usage} if usage else {})


def _ours(answer: Answer) -> dict[str, Any]:
    """What an answer here has beside its text: clients that know it can show where each figure is from."""
    kept = answer.model_dump(
        mode="json", include={"turn_id", "conversation_id", "brain", "evidence", "citations", "approval"}
    )
    return {"battery_assistant": kept}


def _usage(usage: Usage) -> dict[str, int] | None:
    """Tokens in OpenAI's words; None where they were not counted."""
    if usage.input_tokens is None or usage.output_tokens is None:
        return None
    return {
        "prompt_tokens": usage.input_tokens,
        "completion_tokens": usage.output_tokens,
        "total_tokens": usage.input_tokens + usage.output_tokens,
    }


def _model() -> dict[str, Any]:
    return {"id": MODEL, "object": "model", "created": 0, "owned_by": MODEL}


def _error(message: str, code: str, status: int, param: str | None = None) -> dict[str, Any]:
    kind = "server_error" if status >= 500 else "invalid_request_error"
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}
