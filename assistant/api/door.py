"""The door of the server: lets through whoever has signed in, and sends everybody else to the sign-in.

It stands before every face, also before what is mounted later, so that nothing is open because it was forgotten.
What it lets through carries the person as `scope["user"]`.
"""

import asyncio
import re
from html import escape
from urllib.parse import quote

import structlog
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from assistant.api.budgets import Budgets
from assistant.api.errors import battery_error_response
from assistant.api.fallback import shows_waiting_page
from assistant.api.readiness import Readiness
from assistant.auth.errors import NotSignedInError
from tools.errors import BatteryError
from tools.people import LOCAL_PERSON, Person

COOKIE = "battery_session"
SIGN_IN_PAGE = "/sign-in"
TOKEN_PATH = "/api/auth/token"  # noqa: S105  the path of one, not one
# What can be had without a sign-in: the state of the server, and the sign-in itself.
OPEN = frozenset(
    {
        ("GET", "/health"),
        ("HEAD", "/health"),
        ("GET", SIGN_IN_PAGE),
        ("HEAD", SIGN_IN_PAGE),
        ("POST", SIGN_IN_PAGE),
        ("POST", TOKEN_PATH),
    }
)
# A page fetches many small files; what is counted is what programs and people ask for.
_COUNTED = ("/api/", "/v1/", "/mcp")
# A path of this server: one slash, then no second one and no backslash, which would name another host.
_OWN_PATH = re.compile(r"/(?![/\\])[\x21-\x7e]*")


class Door:
    """Asks for a sign-in where the server has one; elsewhere whoever comes in is the local person."""

    def __init__(self, app: ASGIApp, readiness: Readiness, budgets: Budgets, asks: bool) -> None:
        self.app = app
        self._readiness = readiness
        self._patience = budgets.wait_for_start
        self._asks = asks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        if not self._asks:
            scope["user"] = LOCAL_PERSON
        elif not self._is_open(scope):
            try:
                scope["user"] = await self._person(scope)
            except BatteryError as error:
                await _refusal(scope, error)(scope, receive, send)
                return
            structlog.contextvars.bind_contextvars(person=scope["user"].name)
        await self.app(scope, receive, send)

    def _is_open(self, scope: Scope) -> bool:
        if scope["type"] != "http":
            return False
        return (scope["method"], scope["path"]) in OPEN or shows_waiting_page(self._readiness, scope)

    async def _person(self, scope: Scope) -> Person:
        """Whose request it is.

        Raises:
            NotSignedInError: nobody's.
            TooManyRequestsError: somebody's who makes too many.
        """
        token = token_of(HTTPConnection(scope))
        if token is None:
            raise NotSignedInError(
                "Nobody is signed in.", f"POST {TOKEN_PATH} gives a token; send it as Authorization: Bearer TOKEN."
            )
        assistant = await self._readiness.assistant(self._patience)
        if assistant.sign_in is None:
            raise NotSignedInError("This server was started without a sign-in.", "Start it again.")
        person = await asyncio.to_thread(assistant.sign_in.person, token)
        if scope["path"].startswith(_COUNTED):
            assistant.allowances.spend("requests", person.name)
        return person


def token_of(connection: HTTPConnection) -> str | None:
    """The token a request carries: of its Authorization header, or else of its cookie; None without one."""
    said = connection.headers.get("authorization")
    if said is None:
        return connection.cookies.get(COOKIE)
    scheme, _, token = said.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def own_path(wanted: str) -> str:
    """Where to go on after signing in: the path that was wanted, or the chat."""
    return wanted if _OWN_PATH.fullmatch(wanted) and not wanted.startswith(SIGN_IN_PAGE) else "/"


def _refusal(scope: Scope, error: BatteryError) -> ASGIApp:
    if scope["type"] == "websocket":
        return WebSocketClose(code=1008)
    headers = Headers(scope=scope)
    wants_page = scope["method"] == "GET" and "text/html" in headers.get("accept", "")
    if not (wants_page and isinstance(error, NotSignedInError)):
        return battery_error_response(error)
    query = scope["query_string"].decode("latin-1")
    wanted = own_path(f"{scope['path']}?{query}" if query else scope["path"])
    if headers.get("sec-fetch-site") == "cross-site":
        return _ask_again(wanted)
    return RedirectResponse(f"{SIGN_IN_PAGE}?next={quote(wanted)}", status_code=303)


def _ask_again(wanted: str) -> Response:
    """A page that asks for the same address once more.

    Who follows a link from elsewhere comes without the cookie, for it is SameSite=Strict; from here it is sent.
    """
    again = f'<!doctype html><meta http-equiv="refresh" content="0; url={escape(wanted)}"><title>…</title>'
    return HTMLResponse(again, headers={"Cache-Control": "no-store"})
