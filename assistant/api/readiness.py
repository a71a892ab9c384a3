"""Where start-up stands: what is being done, the assistant once it is there, or why there is none."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from tools.errors import BatteryError

if TYPE_CHECKING:
    from assistant.brains.choose import ChatModels
    from assistant.wiring import Assistant

# Called with the share done (None where unknown) and the stage in words.
Report = Callable[[float | None, str], None]
PagesState = Literal["starting", "ready", "failed"]


class StartingError(BatteryError):
    """The assistant is not there yet."""

    code = "starting"


class StartFailedError(BatteryError):
    """The assistant could not start for a reason that only the log knows."""

    code = "start_failed"


class StoppedError(Exception):
    """The server is being stopped while it starts; ends work in a thread at its next report."""


class Readiness:
    """Told by start-up, asked by everyone else. `report` may be called from any thread."""

    def __init__(self) -> None:
        self.stage = "starting"
        self.progress: float | None = None
        self.failure: BatteryError | None = None
        self.pages: PagesState = "starting"
        self._assistant: Assistant | None = None
        self._settled = asyncio.Event()
        self.stopping = asyncio.Event()

    @property
    def is_ready(self) -> bool:
        return self._assistant is not None

    @property
    def chat_models(self) -> "ChatModels | None":
        """The chat models of the assistant; None without one, or before it is there."""
        return self._assistant.chat_models if self._assistant else None

    def report(self, share: float | None, stage: str) -> None:
        """Say what is being done.

        Raises:
            StoppedError: nobody waits for it any more.
        """
        if self.stopping.is_set():
            raise StoppedError
        self.progress = None if share is None else round(share, 3)
        self.stage = stage

    def succeed(self, assistant: "Assistant") -> None:
        """The assistant is there."""
        self._assistant = assistant
        self._settled.set()

    def fail(self, error: BatteryError) -> None:
        """There will be no assistant."""
        self._assistant, self.failure = None, error
        self._settled.set()

    def stop(self) -> None:
        """Let start-up, and what runs beside the server, come to an end."""
        self.stopping.set()

    async def assistant(self, patience: timedelta) -> "Assistant":
        """The assistant, as soon as it is there.

        Raises:
            StartingError: it is not there in time.
            BatteryError: what start-up failed with.
        """
        try:
            async with asyncio.timeout(patience.total_seconds()):
                await self._settled.wait()
        except TimeoutError as error:
            raise StartingError(
                f"The assistant is still starting: {self.stage}.", "Try again in a few seconds; see GET /health."
            ) from error
        if self._assistant is None:
            raise self.failure or StartFailedError("The assistant has stopped.", "Start it again.")
        return self._assistant
