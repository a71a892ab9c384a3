"""Turns as they run for a client: only so many at once, and none for a client that has gone."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from types import TracebackType
from typing import Any, TypeVar

from starlette.requests import ClientDisconnect
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from tools.errors import BatteryError

Result = TypeVar("Result")


class BusyError(BatteryError):
    """As many questions as the server takes at once are being answered."""

    code = "busy"


class TurnSlots:
    """Counts what runs at once, turns unless said otherwise; entered for the length of one."""

    def __init__(self, most: int, what: str = "questions are being answered") -> None:
        self._most = most
        self._what = what
        self._taken = 0

    def __enter__(self) -> None:
        if self._taken >= self._most:
            raise BusyError(f"{self._taken} {self._what} already.", "Ask again in a moment.")
        self._taken += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._taken -= 1


class TurnStream(StreamingResponse):
    """A turn as server-sent events; holds its slot from the first byte to the last. Starlette stops it when the
    client goes."""

    media_type = "text/event-stream"

    def __init__(self, events: AsyncIterator[bytes], slots: TurnSlots) -> None:
        # Proxies that gather an answer before they pass it on would undo the streaming.
        super().__init__(events, headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        self._slots = slots

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._slots:
            await super().__call__(scope, receive, send)


async def unless_gone(receive: Receive, work: Coroutine[Any, Any, Result]) -> Result:
    """The result of `work`, which is cancelled when the client goes away.

    Raises:
        ClientDisconnect: it went away.
    """
    working, listening = asyncio.create_task(work), asyncio.create_task(_until_gone(receive))
    try:
        await asyncio.wait({working, listening}, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            return working.result()
        raise ClientDisconnect
    finally:
        working.cancel()
        listening.cancel()
        await asyncio.gather(working, listening, return_exceptions=True)


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
