"""A served assistant on a small demo, and pages of a headless Chromium that look at it."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from tools.analytics.alerts import evaluate_history
from tools.clock import SystemClock
from tools.database import open_database, sqlite_url
from tools.telemetry.demo import make_demo
from tools.telemetry.schema import sites

ROOT = Path(__file__).parents[2]
CHROMIUM = Path("/usr/bin/chromium")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# The router of the embedded brain may have to be trained first.
SECONDS_TO_START = 600
# What somebody may have typed for an address; pages show it as it is.
MARKUP = "<img src=x onerror=document.title=1> ${document.title=2} {{title}} <b>x</b>"
DESKTOP = ViewportSize(width=1280, height=900)
PATIENCE_MS = 45_000
OpenPage = Callable[..., Page]


@pytest.fixture(scope="package")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the assistant, served by the command line as an operator starts it."""
    folder = tmp_path_factory.mktemp("served")
    database = open_database(sqlite_url(folder / "battery_monitoring.db"), create=True)
    make_demo(database, now=SystemClock().now(), days=3, seed=5)
    evaluate_history(database)
    with database.write() as connection:
        connection.execute(sa.update(sites).where(sites.c.site_id == "S05").values(address=MARKUP))
    database.close()
    port = free_port()
    settings = {"DATA_DIR": str(folder), "LIVE_FEED": "false", "DATABASE_URL": "", "HOST": "127.0.0.1"}
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "app.py", "serve", "--port", str(port)],
            cwd=ROOT,
            env=os.environ | settings,
            stdout=log,
            stderr=log,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for_pages(address, server, folder / "server.log")
        yield address
    finally:
        server.terminate()
        server.wait(30)


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """A headless Chromium; skips without one, except in CI, where that is a failure.

    It ends with this package: Playwright keeps an event loop running in this thread, in which no other test could.
    """
    if not CHROMIUM.exists():
        reason = f"No Chromium at {CHROMIUM}; on Debian `apt-get install chromium` brings it."
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium: Browser, served: str) -> Iterator[OpenPage]:
    """Opens the chat as another person each time: a browser context of its own."""
    contexts = []

    def opened(size: ViewportSize = DESKTOP, time_zone: str = "Europe/Oslo") -> Page:
        context = chromium.new_context(viewport=size, timezone_id=time_zone)
        contexts.append(context)
        page = context.new_page()
        page.goto(f"{served}/chat")
        page.wait_for_selector(".example:visible")
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture
def open_board(chromium: Browser, served: str) -> Iterator[OpenPage]:
    """Opens a dashboard page as another person each time, and waits until its panels are filled."""
    contexts = []

    def opened(path: str = "/", size: ViewportSize = DESKTOP, **options: Any) -> Page:
        context = chromium.new_context(viewport=size, timezone_id="Europe/Oslo", **options)
        contexts.append(context)
        page = context.new_page()
        # The page asks the server for everything it shows, and two cores have other work as well.
        page.set_default_timeout(PATIENCE_MS)
        expect.set_options(timeout=PATIENCE_MS)
        page.goto(f"{served}{path}")
        page.wait_for_selector(".as-of")
        return page

    yield opened
    expect.set_options(timeout=5_000)
    for context in contexts:
        context.close()


def free_port() -> int:
    """A port of this machine that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for_pages(address: str, server: "subprocess.Popen[bytes]", log: Path) -> None:
    """Wait until a server has its pages; fails with its log when it ends first."""
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/health", timeout=5) as answer:  # noqa: S310
                if json.load(answer).get("pages") == "ready":
                    return
        except OSError:
            pass
        time.sleep(0.5)
    pytest.fail(f"The server did not get ready:\n{log.read_text()[-3000:]}")
