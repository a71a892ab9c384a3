"""Start-up as clients see it: alive at once, ready later, or failed and saying why."""

import asyncio
import re
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient
from structlog.testing import capture_logs

from assistant.api.budgets import Budgets
from assistant.api.opening import Opened, open_for_serving
from assistant.api.readiness import Report
from assistant.api.server import build_app
from assistant.api.startup import keep_live
from assistant.settings import Settings
from assistant.wiring import Assistant
from tests.support.builders import NOW
from tests.support.scripted_brain import ScriptedChatModel
from tests.support.servers import HOST, SCRIPT, asking, no_pages, scripted_app, settings_for, small_fleet
from tools.clock import FixedClock
from tools.errors import DatabaseBusyError, DatabaseCorruptError

PATIENCE = 10


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
    return ScriptedChatModel(script=SCRIPT)


scripted_opening = partial(open_for_serving, clock=FixedClock(NOW), brain=scripted_brain)


@pytest.fixture
def gate() -> Iterator[Gate]:
    made = Gate()
    yield made
    made.open.set()


def gated_app(folder: Path, gate: Gate, budgets: Budgets | None = None) -> FastAPI:
    small_fleet(folder)
    return build_app(settings_for(folder), open_up=gate, mount=no_pages, budgets=budgets)


def test_health_tells_the_stage_while_starting(tmp_path: Path, gate: Gate) -> None:
    with asking(gated_app(tmp_path, gate)) as client:
        assert gate.reached.wait(PATIENCE)
        answer = client.get("/health")
        gate.open.set()
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "starting",
        "version": "0.1.0",
        "stage": "making the demo fleet",
        "progress": 0.4,
    }


def test_question_that_comes_early_is_answered_when_the_assistant_is_there(tmp_path: Path, gate: Gate) -> None:
    with asking(gated_app(tmp_path, gate)) as client:
        assert gate.reached.wait(PATIENCE)
        # Opened while the question waits.
        client.portal.start_task_soon(_open_soon, gate)  # type: ignore[union-attr]
        answer = client.post("/api/chat", json={"message": "hello"})
        health = client.get("/health").json()
    assert answer.status_code == 200
    assert health["status"] == "ready"


async def _open_soon(gate: Gate) -> None:
    gate.open.set()


def test_question_that_would_wait_too_long_is_told_to_come_again(tmp_path: Path, gate: Gate) -> None:
    budgets = Budgets(wait_for_start=timedelta(milliseconds=20))
    with asking(gated_app(tmp_path, gate, budgets)) as client:
        answer = client.post("/api/chat", json={"message": "hello"})
        gate.open.set()
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "starting")
    assert int(answer.headers["Retry-After"]) > 0


@asynccontextmanager
async def damaged(_: Settings, __: Report) -> AsyncIterator[Opened]:
    raise DatabaseCorruptError("The database file is damaged.", "Restore a copy.")
    yield


@asynccontextmanager
async def broken(_: Settings, __: Report) -> AsyncIterator[Opened]:
    raise ZeroDivisionError("a secret detail")
    yield


def test_failed_start_stays_alive_and_says_why(tmp_path: Path) -> None:
    with capture_logs(), asking(build_app(settings_for(tmp_path), open_up=damaged, mount=no_pages)) as client:
        chat = client.post("/api/chat", json={"message": "hello"})
        health = client.get("/health")
        page = client.get("/")
    why = {"code": "database_corrupt", "message": "The database file is damaged.", "hint": "Restore a copy."}
    assert health.status_code == 503
    assert (health.json()["status"], health.json()["error"]) == ("failed", why)
    assert (chat.status_code, chat.json()["error"]) == (503, why)
    assert (page.status_code, "The database file is damaged." in page.text) == (503, True)


def test_start_that_fails_for_an_unforeseen_reason_tells_no_details(tmp_path: Path) -> None:
    with capture_logs() as logs, asking(build_app(settings_for(tmp_path), open_up=broken, mount=no_pages)) as client:
        client.post("/api/chat", json={"message": "hello"})
        health = client.get("/health")
    assert (health.status_code, health.json()["error"]["code"]) == (503, "start_failed")
    assert "secret" not in health.text
    assert "start failed" in [line["event"] for line in logs if line.get("exc_info")]


def test_empty_database_gets_the_demo(tmp_path: Path) -> None:
    opening = partial(scripted_opening, demo_days=1)
    with capture_logs(), asking(build_app(settings_for(tmp_path), open_up=opening, mount=no_pages)) as client:
        client.post("/api/chat", json={"message": "hello"})
        assistant: Assistant = client.portal.call(  # type: ignore[union-attr]
            client.app.state.server.readiness.assistant,  # type: ignore[attr-defined]
            timedelta(seconds=PATIENCE),
        )
        assert len(assistant.store.fleet().devices) == 8


def test_first_page_waits_for_the_assistant_and_looks_again(tmp_path: Path, gate: Gate) -> None:
    with asking(gated_app(tmp_path, gate)) as client:
        assert gate.reached.wait(PATIENCE)
        pages = [client.get("/"), client.get("/chat")]
        gate.open.set()
    assert {page.status_code for page in pages} == {200}
    assert all("making the demo fleet" in page.text and 'http-equiv="refresh"' in page.text for page in pages)
    assert not re.search(r"""(src|href)=|https?://""", pages[0].text)


class Site:
    """A site that takes every path, as Gradio's does, and says when it is mounted."""

    def __init__(self) -> None:
        self.mounted = threading.Event()

    @asynccontextmanager
    async def __call__(self, app: FastAPI, _: Assistant) -> AsyncIterator[None]:
        app.mount("/", PlainTextResponse("the site"))
        yield_after = asyncio.get_running_loop()
        yield_after.call_soon(self.mounted.set)
        yield


def test_mounted_site_takes_the_pages_and_leaves_the_api_its_errors(tmp_path: Path) -> None:
    site = Site()
    with asking(scripted_app(tmp_path, mount=site)) as client:
        assert site.mounted.wait(PATIENCE)
        assert client.get("/").text == "the site"
        assert client.get("/chat").text == "the site"
        assert client.get("/health").json()["pages"] == "ready"
        assert client.get("/api/nowhere").json()["error"]["code"] == "not_found"
        assert client.post("/health").json()["error"]["code"] == "method_not_allowed"
        assert client.delete("/api/chat").json()["error"]["code"] == "method_not_allowed"


@asynccontextmanager
async def no_site(_: FastAPI, __: Assistant) -> AsyncIterator[None]:
    raise ModuleNotFoundError("No module named 'gradio'")
    yield


def test_api_works_where_the_pages_cannot(tmp_path: Path) -> None:
    with capture_logs(), asking(scripted_app(tmp_path, mount=no_site)) as client:
        answer = client.post("/api/chat", json={"message": "hello"})
        health, page = client.get("/health"), client.get("/")
    assert answer.status_code == 200
    assert (health.json()["status"], health.json()["pages"]) == ("ready", "failed")
    assert page.status_code == 503


def test_live_feed_goes_on_after_a_tick_the_database_refused() -> None:
    ticks: list[int] = []
    done = threading.Event()

    def tick() -> int:
        ticks.append(len(ticks))
        if len(ticks) == 1:
            raise DatabaseBusyError("The database is locked by another process.")
        done.set()
        return 1

    async def run() -> None:
        feed = asyncio.create_task(keep_live(tick, timedelta(0)))
        assert await asyncio.to_thread(done.wait, PATIENCE)
        feed.cancel()

    with capture_logs() as logs:
        asyncio.run(run())
    assert [line["code"] for line in logs] == ["database_busy"]


def test_docs_refer_to_no_other_host(tmp_path: Path) -> None:
    with asking(scripted_app(tmp_path)) as client:
        page = client.get("/docs")
        own = re.findall(r"""(?:src|href)="([^"]+)""", page.text)
        files = [client.get(address) for address in own]
    assert "//" not in re.sub(r"<!--.*?-->", "", page.text)
    assert {answer.status_code for answer in files} == {200}
    assert len(own) == 3


def test_description_is_one_the_packaged_swagger_can_draw(tmp_path: Path) -> None:
    with asking(scripted_app(tmp_path)) as client:
        description = client.get("/openapi.json")
    assert description.json()["openapi"] == "3.0.3"
    assert '"type":"null"' not in description.text
    assert {"/health", "/api/chat", "/api/turns/{turn_id}", "/api/conversations"} <= set(description.json()["paths"])


def test_client_is_closed_when_the_server_stops_while_starting(tmp_path: Path, gate: Gate) -> None:
    app = gated_app(tmp_path, gate)
    with TestClient(app, base_url=HOST) as client:
        client.get("/health")
        gate.open.set()
    assert app.state.server.readiness.failure is None
