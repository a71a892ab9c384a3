"""The outermost edge of a request: its id, its log line, its security headers, and the answer to what nobody foresaw."""

import time
import uuid

import structlog
from fastapi.sse import format_sse_event
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.api.errors import error_body, error_response

log = structlog.get_logger()

_HEADERS = {
    # Gradio builds functions from text and writes styles in place, so 'unsafe-eval' and 'unsafe-inline' stay; nothing
    # is loaded from, sent to or framed by another host.
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; "
        "script-src 'self' 'unsafe-inline' 'unsafe-eval'; font-src 'self' data:; connect-src 'self'; "
        "worker-src 'self' blob:; form-action 'self'; base-uri 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


class RequestEdge:
    """Wraps every request; the one place that catches any exception."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id, began = uuid.uuid4().hex[:16], time.perf_counter()
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request=request_id)
        answer = _Answer(send, request_id)
        try:
            await self.app(scope, receive, answer.send)
        except Exception:
            # A request may fail, the server may not.
            log.exception("request failed", method=scope["method"], path=scope["path"])
            await answer.fail(scope, receive)
        finally:
            # Pages ask for many small files; what the API did is the story.
            write = log.info if scope["path"].startswith(("/api/", "/v1/", "/mcp")) else log.debug
            write(
                "request",
                method=scope["method"],
                path=scope["path"],
                status=answer.status,
                duration_ms=round(1000 * (time.perf_counter() - began), 2),
            )


class _Answer:
    """What has been sent so far, so that a failure is answered in the way that is still open."""

    def __init__(self, send: Send, request_id: str) -> None:
        self._send = send
        self._request_id = request_id
        self._is_event_stream = False
        self.status: int | None = None

    async def send(self, message: Message) -> None:
        """Pass a message on, with our headers."""
        if message["type"] == "http.response.start":
            self.status = int(message["status"])
            headers = MutableHeaders(scope=message)
            headers["X-Request-ID"] = self._request_id
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
            self._is_event_stream = headers.get("content-type", "").startswith("text/event-stream")
        await self._send(message)

    async def fail(self, scope: Scope, receive: Receive) -> None:
        """Say that something failed: as an answer, or as the last event of a stream; else the connection ends."""
        words = ("internal_error", "Something went wrong here.", f"The server's log has it as {self._request_id}.")
        if self.status is None:
            await error_response(500, *words)(scope, receive, self.send)
        elif self._is_event_stream:
            event = format_sse_event(event="error", data_str=error_body(*words).model_dump_json())
            await self._send({"type": "http.response.body", "body": event, "more_body": False})
        else:
            raise ConnectionAbortedError("An answer broke off after it had begun.")
