"""What of Gradio's own paths the pages use, each session for the person who began it; everything else is not there.

Gradio also serves uploads, files, proxying and calls by name. Our pages use none of these, and a session of the
queue would be open to whoever knows its name.
"""

import json
import re
from collections import OrderedDict
from urllib.parse import parse_qs

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_QUEUE = re.compile(r"/gradio_api/(queue/join|queue/data|cancel|heartbeat/(?P<session>[^/]+))/?")
_CLOSED = re.compile(r"/(gradio_api|login|logout|monitoring|config|pwa_icon|manifest\.json)(/|$)")
LARGEST_BODY = 64 * 1024
SESSIONS_KEPT = 10_000
_NOT_FOUND = {"error": {"code": "not_found", "message": "There is nothing here.", "hint": ""}}


class PagePaths:
    """Stands before Gradio's app."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._owners: OrderedDict[str, str] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        asked = _QUEUE.fullmatch(scope["path"])
        if asked is None:
            app = _nothing if _CLOSED.match(scope["path"]) else self.app
            await app(scope, receive, send)
            return
        if scope["method"] == "POST":
            body = await _read(receive)
            session, receive = _session_in(body), _again(body, receive)
        else:
            session = (
                asked["session"] or parse_qs(scope["query_string"].decode("latin-1")).get("session_hash", [""])[0]
            )
        app = self.app if session and self._is_own(session, scope["user"].name) else _nothing
        await app(scope, receive, send)

    def _is_own(self, session: str, name: str) -> bool:
        """Whether a session is this person's; one nobody has used yet becomes theirs."""
        owner = self._owners.setdefault(session, name)
        self._owners.move_to_end(session)
        if len(self._owners) > SESSIONS_KEPT:
            self._owners.popitem(last=False)
        return owner == name


async def _nothing(scope: Scope, receive: Receive, send: Send) -> None:
    await JSONResponse(_NOT_FOUND, status_code=404)(scope, receive, send)


async def _read(receive: Receive) -> bytes:
    """A body as far as one of ours would go."""
    parts, size = [], 0
    while size <= LARGEST_BODY:
        message = await receive()
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if not message.get("more_body"):
            break
    return b"".join(parts)


def _session_in(body: bytes) -> str:
    try:
        session = json.loads(body[: LARGEST_BODY + 1]).get("session_hash")
    except (ValueError, AttributeError, RecursionError):
        return ""
    return session if isinstance(session, str) else ""


def _again(body: bytes, receive: Receive) -> Receive:
    """Gives a body that has been read once more, then what comes after it."""
    is_given = False

    async def replayed() -> Message:
        nonlocal is_given
        if is_given:
            return await receive()
        is_given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replayed
