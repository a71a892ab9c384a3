"""The approval card in a real browser: approve, reject, undo, restore after a reload, and the panel of all that waits."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.approval_server import ACK, EVIL, LOG
from tests.browser.asking import ask
from tests.browser.conftest import ROOT, free_port, wait_for_pages

pytestmark = pytest.mark.browser
CARD = "#conversation .approval"


@pytest.fixture
def page(chromium: Browser, tmp_path: Path) -> Iterator[Page]:
    """A chat whose brain plans, on a fleet of its own."""
    port, log = free_port(), tmp_path / "server.log"
    with log.open("wb") as out:
        server = subprocess.Popen(
            [sys.executable, "-m", "tests.browser.approval_server", str(tmp_path), str(port)],
            cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, stdout=out, stderr=out,
        )  # fmt: skip
    try:
        wait_for_pages(f"http://127.0.0.1:{port}", server, log)
        context = chromium.new_context(viewport={"width": 1280, "height": 900}, timezone_id="Europe/Oslo")
        opened = context.new_page()
        opened.goto(f"http://127.0.0.1:{port}/chat")
        opened.wait_for_selector(".example:visible")
        yield opened
        context.close()
    finally:
        server.terminate()
        server.wait(30)


def test_a_plan_is_approved_undone_and_as_it_was_left_after_a_reload(page: Page) -> None:
    ask(page, ACK)
    expect(page.locator(CARD)).to_contain_text("Acknowledge 2 alerts of D01")
    expect(page.locator("#approvals summary")).to_have_text("1 to approve")
    page.click(f"{CARD} [data-decide=approve]")
    expect(page.locator(f"{CARD} .approval-state")).to_contain_text("Done. Acknowledged 2 alerts of D01.")
    expect(page.locator(f"{CARD} [data-decide=approve]")).to_be_hidden()
    expect(page.locator("#approvals")).to_be_hidden()
    page.reload()
    expect(page.locator(f"{CARD} .approval-state")).to_contain_text("Done. Acknowledged 2 alerts of D01.")
    page.click(f"{CARD} [data-decide=undo]")
    expect(page.locator(f"{CARD} .approval-state")).to_contain_text("Undone by local")


def test_a_waiting_plan_is_restored_rejected_and_its_text_is_only_text(page: Page) -> None:
    ask(page, LOG)
    page.reload()
    expect(page.locator(CARD)).to_contain_text(EVIL)
    assert page.title() == "Battery assistant"
    page.click("#approvals summary")
    page.click("#approvals [data-decide=reject]")
    expect(page.locator(f"{CARD} .approval-state")).to_contain_text("Rejected by local")
    expect(page.locator("#approvals")).to_be_hidden()


def test_a_typed_yes_brings_the_card_up_to_date(page: Page) -> None:
    ask(page, ACK)
    ask(page, "yes")
    expect(page.locator(f"{CARD} .approval-state")).to_contain_text("Done. Acknowledged 2 alerts of D01.")
