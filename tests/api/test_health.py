"""Start-up as clients see it: alive at once, ready later, or failed and saying why."""

import asyncio
import threading
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

from structlog.testing import capture_logs

from assistant.api.budgets import Budgets
from assistant.api.opening import Opened
from assistant.api.readiness import Report
from assistant.api.server import build_app
from assistant.api.startup import keep_going
from assistant.settings import Settings
from assistant.wiring import Assistant
from tests.support.databases import fresh_sqlite
from tests.support.servers import PATIENCE, Gate, asking, gated_app, no_pages, scripted_opening, settings_for
from tools.errors import DatabaseBusyError, DatabaseCorruptError
from tools.people import LOCAL_PERSON
from tools.telemetry.store import ReadingStore


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
        with ThreadPoolExecutor(1) as pool:
            early = pool.submit(client.post, "/api/chat", json={"message": "hello"})
            assert client.get("/health").json()["status"] == "starting"
            gate.open.set()
            assert early.result(PATIENCE).status_code == 200
        assert client.get("/health").json()["status"] == "ready"


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
        assert len(assistant.views.of(LOCAL_PERSON).store.fleet().devices) == 8


def test_server_that_stops_while_it_makes_the_demo_keeps_nothing_of_it(tmp_path: Path) -> None:
    began = threading.Event()

    @asynccontextmanager
    async def opening(settings: Settings, report: Report) -> AsyncIterator[Opened]:
        def told(share: float | None, stage: str) -> None:
            report(share, stage)
            if stage == "making the demo fleet":
                began.set()

        async with scripted_opening(settings, told, demo_days=120) as opened:
            yield opened

    with capture_logs(), asking(build_app(settings_for(tmp_path), open_up=opening, mount=no_pages)):
        assert began.wait(PATIENCE)
    database = fresh_sqlite(tmp_path)
    assert ReadingStore(database).fleet().devices == ()
    database.close()


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
        feed = asyncio.create_task(keep_going("live feed", tick, timedelta(0)))
        assert await asyncio.to_thread(done.wait, PATIENCE)
        feed.cancel()

    with capture_logs() as logs:
        asyncio.run(run())
    assert [line["code"] for line in logs] == ["database_busy"]


def test_dashboard_that_is_asked_early_is_answered_when_the_assistant_is_there(tmp_path: Path, gate: Gate) -> None:
    with asking(gated_app(tmp_path, gate)) as client:
        assert gate.reached.wait(PATIENCE)
        with ThreadPoolExecutor(1) as pool:
            early = pool.submit(client.get, "/api/dashboard/overview")
            gate.open.set()
            assert early.result(PATIENCE).status_code == 200
        assert client.post("/status").json()["error"]["code"] == "method_not_allowed"
        assert "/api/dashboard/overview" in client.get("/openapi.json").json()["paths"]
