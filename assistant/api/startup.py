"""What runs beside the server: opens the assistant, mounts the pages, samples the live feed, says when it failed."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING

import structlog
from fastapi import FastAPI

from assistant.api.late_routes import add_late_routes
from assistant.api.opening import Opened
from assistant.api.readiness import Readiness, Report, StartFailedError, StoppedError
from assistant.settings import Settings
from tools.errors import BatteryError, DatabaseError

if TYPE_CHECKING:
    from assistant.wiring import Assistant

log = structlog.get_logger()

DELIVER_EVERY = timedelta(seconds=10)

Open = Callable[[Settings, Report], AbstractAsyncContextManager[Opened]]
Mount = Callable[[FastAPI, "Assistant"], AbstractAsyncContextManager[None]]


@dataclass(frozen=True)
class StartUp:
    """Everything start-up is made of."""

    settings: Settings
    readiness: Readiness
    open: Open
    mount: Mount
    live_every: timedelta
    # Keeps the MCP server open, from its first request on.
    mcp: "Callable[[Assistant], Awaitable[None]]"

    @asynccontextmanager
    async def lifespan(self, app: FastAPI) -> AsyncIterator[None]:
        """Serve at once; the assistant is opened meanwhile."""
        running = asyncio.create_task(self._run(app))
        try:
            yield
        finally:
            # Told, not cancelled: a thread of an opening cut short would come back to a loop that is gone.
            self.readiness.stop()
            await running

    async def _run(self, app: FastAPI) -> None:
        try:
            async with self.open(self.settings, self.readiness.report) as opened:
                await asyncio.to_thread(add_late_routes, app)
                self.readiness.succeed(opened.assistant)
                log.info("ready")
                if opened.assistant.sign_in is not None and not opened.assistant.accounts.all():
                    log.warning("nobody can sign in yet", hint="python app.py users add NAME --role admin")
                await self._beside(app, opened)
        except StoppedError:
            log.info("stopped while starting")
        except BatteryError as error:
            log.error("start failed", code=error.code, reason=error.message)
            self.readiness.fail(error)
        except Exception:
            # The server lives on, so that /health can tell.
            log.exception("start failed")
            self.readiness.fail(StartFailedError("The assistant could not start.", "The server's log says why."))

    async def _beside(self, app: FastAPI, opened: Opened) -> None:
        """Keep the pages and the live feed going until the server stops."""
        tasks = [asyncio.create_task(self._serve_pages(app, opened.assistant))]
        tasks.append(asyncio.create_task(self._serve_mcp(opened.assistant)))
        loops = {"live feed": (opened.tick, self.live_every), "alert delivery": (opened.deliver, DELIVER_EVERY)}
        for name, (step, every) in loops.items():
            if step:
                going = asyncio.create_task(keep_going(name, step, every))
                going.add_done_callback(partial(_say_why_it_ended, name))
                tasks.append(going)
        try:
            await self.readiness.stopping.wait()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve_pages(self, app: FastAPI, assistant: "Assistant") -> None:
        """Keep the pages mounted. Where they cannot be, the API serves on without them."""
        try:
            async with self.mount(app, assistant):
                self.readiness.pages = "ready"
                log.info("pages ready")
                await asyncio.Event().wait()
        except Exception:
            self.readiness.pages = "failed"
            log.exception("the pages could not be started")

    async def _serve_mcp(self, assistant: "Assistant") -> None:
        try:
            await self.mcp(assistant)
        except Exception:
            log.exception("the MCP server could not be started")


@asynccontextmanager
async def mount_pages(app: FastAPI, assistant: "Assistant") -> AsyncIterator[None]:
    """The Gradio site, loaded in a thread since that takes seconds."""
    mounting = await asyncio.to_thread(import_module, "assistant.ui.mounting")
    async with mounting.mount_site(app, assistant):
        yield


async def keep_going(name: str, step: Callable[[], int], every: timedelta) -> None:
    """Take a step for ever; one that the database refuses is missed, the next one tries again."""
    while True:
        await asyncio.sleep(every.total_seconds())
        try:
            await asyncio.to_thread(step)
        except DatabaseError as error:
            log.warning("step missed", loop=name, code=error.code, reason=error.message)


def _say_why_it_ended(name: str, task: "asyncio.Task[None]") -> None:
    if not task.cancelled():
        log.error("loop stopped", loop=name, exc_info=task.exception())
