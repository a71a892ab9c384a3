"""A running answer is stopped by a key; the brain of this server takes longer than the test."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import DESKTOP, ROOT, free_port, wait_for_pages

pytestmark = pytest.mark.browser


@pytest.fixture
def slow(tmp_path: Path) -> Iterator[str]:
    """The address of a server whose answers take long."""
    port = free_port()
    with (tmp_path / "server.log").open("wb") as log:
        command = [sys.executable, "-m", "tests.browser.slow_server", str(tmp_path), str(port)]
        server = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for_pages(address, server, tmp_path / "server.log")
        yield address
    finally:
        server.kill()
        server.wait(30)


def test_escape_stops_a_running_answer_and_the_page_says_so(chromium: Browser, slow: str) -> None:
    page = chromium.new_page(viewport=DESKTOP)
    page.goto(f"{slow}/chat")
    page.fill("#message textarea", "hello")
    page.press("#message textarea", "Enter")
    expect(page.locator("#stop")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".notice")).to_have_text("Stopped before the answer was complete.")
    expect(page.locator("#send")).to_be_visible()
    page.close()
