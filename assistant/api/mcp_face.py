"""/mcp: hands requests to the MCP server, which is loaded when the first one comes."""

import asyncio
from contextvars import ContextVar
from importlib import import_module
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.api.dependencies import Asking, ReadyAssistant, Slots, server_state
from assistant.api.running_turns import TurnSlots
from tools.errors import BatteryError
from tools.people import Person

if TYPE_CHECKING:
    from assistant.wiring import Assistant

router = APIRouter(include_in_schema=False)
_asker: ContextVar[Person] = ContextVar("mcp_asker")
# Loading takes two seconds on a quiet machine.
_SECONDS_TO_LOAD = 30


class McpFailedError(BatteryError):
    """The MCP server did not come up in time."""

    code = "starting"


class McpFace:
    """Waits for the first request, then keeps the MCP server open until the server stops."""

    def __init__(self) -> None:
        self._wanted, self._opened = asyncio.Event(), asyncio.Event()
        self._app: ASGIApp | None = None

    async def keep_open(self, assistant: "Assistant") -> None:
        """Load and open the MCP server once it is wanted. One task enters and leaves it, as its task group demands."""
        await self._wanted.wait()
        module = await asyncio.to_thread(import_module, "assistant.api.mcp_server")
        app = module.http_app(assistant, _asker.get)
        async with app.lifespan(app):
            self._app = app
            self._opened.set()
            await asyncio.Event().wait()

    async def app(self) -> ASGIApp:
        """The MCP server.

        Raises:
            McpFailedError: it is not there in time.
        """
        self._wanted.set()
        try:
            async with asyncio.timeout(_SECONDS_TO_LOAD):
                await self._opened.wait()
        except TimeoutError as error:
            raise McpFailedError(
                "The MCP server is not there.", "Try again; the server's log may say why."
            ) from error
        assert self._app is not None  # noqa: S101  set before the event
        return self._app


class _Handed(Response):
    """An answer that the MCP server gives, for one asker."""

    def __init__(self, app: ASGIApp, asker: Person, slots: TurnSlots) -> None:
        super().__init__()
        self._app = app
        self._asker_of_request = asker
        self._slots = slots

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        token = _asker.set(self._asker_of_request)
        try:
            with self._slots:
                await self._app(scope, receive, send)
        finally:
            _asker.reset(token)


@router.post("/mcp")
async def mcp(request: Request, _: ReadyAssistant, asker: Asking, slots: Slots) -> Response:
    """One request of an MCP client; there are no sessions, so there is nothing to GET or DELETE."""
    return _Handed(await server_state(request).mcp.app(), asker, slots)
