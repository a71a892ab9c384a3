"""An OpenAI-compatible server that plays given replies, faults too, for tests of everything around a chat model."""

import asyncio
import json
import threading
import time
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.support.running_app import running_app

# Characters of text, or of a call's arguments, in one chunk: small enough that every reply comes in several.
PIECE = 7


@dataclass(frozen=True)
class Reply:
    """One reply of the server; `cut` breaks the connection off in the middle, or ends the stream as if it were whole."""

    text: str = ""
    calls: tuple[tuple[str, str], ...] = ()
    status: int = 200
    retry_after: int | None = None
    seconds: float = 0.0
    cut: Literal["", "connection", "end"] = ""
    finish: str = ""
    counts: bool = True


def says(text: str, **changes: Any) -> Reply:
    """A reply in words."""
    return Reply(text=text, **changes)


def calls(tool: str, **arguments: object) -> Reply:
    """A reply that calls a tool."""
    return Reply(calls=((tool, json.dumps(arguments)),))


def calls_raw(tool: str, arguments: str, **changes: Any) -> Reply:
    """A reply that calls a tool with arguments as they stand, JSON or not."""
    return Reply(calls=((tool, arguments),), **changes)


def fails(status: int, retry_after: int | None = None) -> Reply:
    """A refusal."""
    return Reply(status=status, retry_after=retry_after)


def cut_off(text: str, where: Literal["connection", "end"] = "connection") -> Reply:
    """A reply that breaks off after some of its words."""
    return Reply(text=text, cut=where)


@dataclass
class ScriptedChatServer:
    """Plays the replies of each model in order; remembers what it was asked, when, and which streams were left."""

    replies: Mapping[str, Iterator[Reply]]
    url: str = ""
    requests: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    left: threading.Event = field(default_factory=threading.Event)
    started: threading.Event = field(default_factory=threading.Event)

    async def answer(self, request: Request) -> Response:
        """The next reply of the model that is asked."""
        asked = await request.json()
        self.requests.append(asked)
        self.keys.append(request.headers.get("authorization", ""))
        self.times.append(time.monotonic())
        reply = next(self.replies[asked["model"]])
        self.started.set()
        if reply.status != 200:
            headers = {} if reply.retry_after is None else {"Retry-After": str(reply.retry_after)}
            body = {"error": {"message": "scripted", "type": "scripted", "param": None, "code": None}}
            return JSONResponse(body, status_code=reply.status, headers=headers)
        return StreamingResponse(self._stream(reply, asked), media_type="text/event-stream")

    async def _stream(self, reply: Reply, asked: Mapping[str, Any]) -> AsyncIterator[str]:
        try:
            await asyncio.sleep(reply.seconds)
            for delta in _deltas(reply):
                yield _event(asked["model"], choices=[{"index": 0, "delta": delta, "finish_reason": None}])
            if reply.cut == "connection":
                raise ConnectionAbortedError("scripted")
            if reply.cut == "end":
                return
            finish = reply.finish or ("tool_calls" if reply.calls else "stop")
            yield _event(asked["model"], choices=[{"index": 0, "delta": {}, "finish_reason": finish}])
            if reply.counts and asked.get("stream_options", {}).get("include_usage"):
                usage = {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}
                yield _event(asked["model"], choices=[], usage=usage)
            yield "data: [DONE]\n\n"
        except asyncio.CancelledError:
            self.left.set()
            raise


def _deltas(reply: Reply) -> Iterator[dict[str, Any]]:
    yield {"role": "assistant", "content": ""}
    for start in range(0, len(reply.text), PIECE):
        yield {"content": reply.text[start : start + PIECE]}
    for index, (name, arguments) in enumerate(reply.calls):
        head = {"id": f"call_{time.monotonic_ns()}", "type": "function", "function": {"name": name, "arguments": ""}}
        yield {"tool_calls": [{"index": index, **head}]}
        for start in range(0, len(arguments), PIECE):
            piece = {"arguments": arguments[start : start + PIECE]}
            yield {"tool_calls": [{"index": index, "function": piece}]}


def _event(model: str, **parts: Any) -> str:
    whole = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": model} | parts
    return f"data: {json.dumps(whole)}\n\n"


@contextmanager
def scripted_server(*replies: Reply, **by_model: Iterable[Reply]) -> Iterator[ScriptedChatServer]:
    """The server at a free port, until the block ends; replies without a model are those of "model-a"."""
    scripts = {name.replace("_", "-"): iter(script) for name, script in by_model.items()}
    server = ScriptedChatServer({"model-a": iter(replies)} | scripts)
    app = Starlette(routes=[Route("/v1/chat/completions", server.answer, methods=["POST"])])
    with running_app(app) as address:
        server.url = f"{address}/v1"
        yield server


def forever(reply: Reply) -> Iterator[Reply]:
    """The same reply again and again."""
    while True:
        yield replace(reply)
