"""The list of conversations beside the page, in a real browser."""

import uuid
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, ViewportSize, expect

from tests.browser.asking import ask
from tests.browser.conftest import OpenPage

pytestmark = pytest.mark.browser

PHONE = ViewportSize(width=390, height=844)


def begun(page: Page) -> Locator:
    """A new conversation with a title nobody else has; gives its line in the list."""
    title = f"How hot is D03? {uuid.uuid4().hex[:8]}"
    ask(page, title)
    line = page.locator("#history li", has_text=title)
    expect(line).to_have_count(1)
    return line


def choose(line: Locator, words: str) -> None:
    """Choose from the menu of a line."""
    line.hover()
    line.locator("summary").click()
    line.get_by_role("button", name=words).click()


def test_conversation_is_listed_and_opens_again(open_page: OpenPage) -> None:
    page = open_page()
    line = begun(page)
    expect(line.locator(".title")).to_have_attribute("aria-current", "page")
    page.click("#history .fresh")
    expect(page.locator("#welcome")).to_be_visible()
    line.locator(".title").click()
    expect(page.locator(".user-row")).to_have_count(1)
    expect(page.locator("#welcome")).to_be_hidden()


def test_search_leaves_what_has_the_words(open_page: OpenPage) -> None:
    page = open_page()
    title = begun(page).locator(".title").inner_text()
    page.get_by_role("searchbox", name="Search conversations").fill(title[-8:])
    expect(page.locator("#history li")).to_have_text([f"{title}⋯RenameExport as MarkdownExport as JSONDelete"])
    page.get_by_role("searchbox", name="Search conversations").fill("no such words")
    expect(page.locator("#history .note")).to_have_text("No conversation has these words.")


def test_renamed_conversation_keeps_its_title_after_a_reload(open_page: OpenPage) -> None:
    page = open_page()
    title = f"Night shift {uuid.uuid4().hex[:8]}"
    choose(begun(page), "Rename")
    page.get_by_role("textbox", name="Title").fill(title)
    page.keyboard.press("Enter")
    expect(page.locator("#history .title", has_text=title)).to_be_visible()
    page.reload()
    expect(page.locator("#history .title", has_text=title)).to_be_visible()


def test_deleting_asks_first_and_leaves_an_empty_page(open_page: OpenPage) -> None:
    page = open_page()
    line = begun(page)
    choose(line, "Delete")
    expect(page.get_by_role("button", name="Cancel")).to_be_focused()
    page.keyboard.press("Escape")
    expect(line).to_have_count(1)
    choose(line, "Delete")
    page.locator("dialog").get_by_role("button", name="Delete").click()
    expect(line).to_have_count(0)
    expect(page.locator("#welcome")).to_be_visible()


def test_export_is_a_file_with_question_and_answer(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page()
    line = begun(page)
    with page.expect_download() as download:
        choose(line, "Export as Markdown")
    download.value.save_as(tmp_path / "kept.md")
    text = (tmp_path / "kept.md").read_text(encoding="utf-8")
    assert "## How hot is D03?" in text
    assert "°C" in text


def test_list_that_cannot_be_loaded_says_so_and_tries_again(open_page: OpenPage) -> None:
    page = open_page()
    page.route("**/api/conversations*", lambda route: route.abort())
    page.reload()
    expect(page.locator("#history .note")).to_contain_text("could not be loaded")
    page.unroute("**/api/conversations*")
    page.locator("#history .note button").click()
    expect(page.locator("#history .note", has_text="could not be loaded")).to_have_count(0)


def test_list_lies_over_the_page_on_a_phone_and_escape_shuts_it(open_page: OpenPage) -> None:
    page = open_page(size=PHONE)
    expect(page.locator("#history")).to_be_hidden()
    page.get_by_role("button", name="Conversations").click()
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#history")).to_be_hidden()
    expect(page.locator("#history-toggle")).to_be_focused()
