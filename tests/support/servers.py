"""The server on a small real database with a scripted brain, as tests of the API ask it."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path

from fastapi import FastAPI
from langchain_core.messages import AIMessage
from starlette.testclient import TestClient

from assistant.api.budgets import Budgets
from assistant.api.opening import Opened, open_for_serving
from assistant.api.readiness import Report
from assistant.api.server import build_app
from assistant.api.startup import Mount
from assistant.settings import Settings
from assistant.wiring import Assistant
from tests.support import builders
from tests.support.databases import fresh_sqlite
from tests.support.scripted_brain import ScriptedChatModel, call, say
from tools.clock import FixedClock

HOST = "http://localhost:8000"
# Seconds until a test that waits for something has failed.
PATIENCE = 10
HOT = "How hot is D01?"
NONSENSE = "How hot is D99?"
SCRIPT: dict[str, Sequence[AIMessage]] = {
    HOT: (call("latest_readings", fields=["cell_temperature_c"], devices=["D01"]), say("D01 is at 22.0 °C.")),
    NONSENSE: (call("latest_readings", devices=["D99"]), say("There is no D99.")),
    "hello": (say("Hello, ask me about a battery."),),
}


def settings_for(folder: Path, **values: object) -> Settings:
    """Settings of a server whose data is in a folder, without the live feed; what a developer has set has no say."""
    plain: dict[str, object] = {
        "data_dir": folder,
        "database_url": None,
        "database_path": None,
        "allowed_hosts": "localhost,127.0.0.1",
        "auth_secret": None,
        "live_feed": False,
        "assistant_model": None,
    }
    return Settings.model_validate(plain | values)


def small_fleet(folder: Path) -> None:
    """Store one device with a day of readings."""
    database = fresh_sqlite(folder)
    device = builders.device("D01")
    builders.install(database, [builders.site()], [device])
    builders.store(database, builders.readings("D01"), [device])
    database.close()


@asynccontextmanager
async def no_pages(_: FastAPI, __: Assistant) -> AsyncIterator[None]:
    """A site without pages."""
    yield


def scripted_app(
    folder: Path,
    *,
    script: Mapping[str, Sequence[AIMessage]] | None = None,
    before: Callable[[str], object] = str,
    mount: Mount = no_pages,
    budgets: Budgets | None = None,
    **values: object,
) -> FastAPI:
    """The app on a small fleet with a scripted brain."""
    small_fleet(folder)
    brain = ScriptedChatModel(script=SCRIPT if script is None else script, before=before)
    opening = partial(scripted_opening, brain=lambda *_: brain)
    return build_app(settings_for(folder, **values), open_up=opening, mount=mount, budgets=budgets)


class Gate:
    """An opening that tells a stage and goes on when it is let."""

    def __init__(self) -> None:
        self.reached, self.open = threading.Event(), threading.Event()

    @asynccontextmanager
    async def __call__(self, settings: Settings, report: Report) -> AsyncIterator[Opened]:
        report(0.4, "making the demo fleet")
        self.reached.set()
        await asyncio.to_thread(self.open.wait, PATIENCE)
        async with scripted_opening(settings, report) as opened:
            yield opened


def scripted_brain(*_: object) -> ScriptedChatModel:
    """A brain that knows the script."""
    return ScriptedChatModel(script=SCRIPT)


scripted_opening = partial(open_for_serving, clock=FixedClock(builders.NOW), brain=scripted_brain)


def gated_app(folder: Path, gate: Gate, budgets: Budgets | None = None) -> FastAPI:
    """The app on a small fleet; it starts when the gate is opened."""
    small_fleet(folder)
    return build_app(settings_for(folder), open_up=gate, mount=no_pages, budgets=budgets)


@contextmanager
def asking(app: FastAPI) -> Iterator[TestClient]:
    """A client of a running server."""
    with TestClient(app, base_url=HOST) as client:
        yield client


def events_of(body: str) -> list[tuple[str, str]]:
    """Names and data of server-sent events."""
    found = []
    for block in body.strip().split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines())
        found.append((lines["event"], lines["data"]))
    return found
