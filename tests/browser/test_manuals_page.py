"""The manuals page lists the documents, and adds and removes one."""

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.support.manuals import document

PATIENCE = 60_000


def opened(open_page: OpenPage) -> Page:
    page = open_page()
    page.get_by_role("link", name="Manuals").click()
    expect(page.locator("#manuals")).to_have_attribute("aria-busy", "false", timeout=PATIENCE)
    return page


def test_an_added_document_is_shown_with_who_added_it_and_goes_again(open_page: OpenPage, tmp_path: Path) -> None:
    pump = tmp_path / "pump.md"
    pump.write_text(document("MP-91", "Priming the pump", "To prime the pump, fill its housing with water."))
    page = opened(open_page)
    page.locator("#manuals input[type=file]").set_input_files(pump)
    row = page.locator("tr", has_text="Priming the pump")
    expect(row).to_contain_text("local", timeout=PATIENCE)
    row.get_by_role("button", name="Remove Priming the pump").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(row).to_have_count(0, timeout=PATIENCE)


def test_a_file_that_cannot_be_read_is_said_and_nothing_is_listed(open_page: OpenPage, tmp_path: Path) -> None:
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"%PDF-1.7 and no more")
    page = opened(open_page)
    page.locator("#manuals input[type=file]").set_input_files(broken)
    expect(page.get_by_role("status").filter(has_text="broken.pdf is not a PDF")).to_be_visible(timeout=PATIENCE)
    expect(page.locator("#manuals")).to_contain_text("No document has been added yet")
