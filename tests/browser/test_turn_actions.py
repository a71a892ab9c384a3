"""What can be done with an answer and its chart, in a real browser."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.asking import ask
from tests.browser.conftest import OpenPage

pytestmark = pytest.mark.browser

QUESTION = "average temperature of D03 yesterday"


def copied(page: Page, button: str) -> str:
    """What a button puts on the clipboard."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name=button).last.click()
    expect(page.locator(".turn-said").last).to_contain_text("opied")
    return str(page.evaluate("navigator.clipboard.readText()"))


def test_dislike_and_its_reason_are_shown_after_a_reload(open_page: OpenPage) -> None:
    page = open_page()
    ask(page, QUESTION)
    page.get_by_role("button", name="I do not like this answer").click()
    page.locator(".reason input").fill("<b>too</b> short")
    page.keyboard.press("Enter")
    expect(page.locator(".reason-given")).to_have_text("<b>too</b> short")
    page.reload()
    expect(page.locator("[data-do=dislike]")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("[data-do=like]")).to_have_attribute("aria-pressed", "false")
    expect(page.locator(".reason-given")).to_have_text("<b>too</b> short")


def test_verdict_is_taken_back_by_pressing_it_again(open_page: OpenPage) -> None:
    page = open_page()
    ask(page, QUESTION)
    like = page.locator("[data-do=like]")
    like.click()
    expect(like).to_have_attribute("aria-pressed", "true")
    like.click()
    expect(like).to_have_attribute("aria-pressed", "false")
    page.reload()
    expect(like).to_have_attribute("aria-pressed", "false")


def test_answer_is_copied_as_text(open_page: OpenPage) -> None:
    page = open_page()
    ask(page, QUESTION)
    assert "average cell temperature of D03" in copied(page, "Copy this answer")


def test_link_opens_the_page_at_its_turn(open_page: OpenPage) -> None:
    page = open_page()
    ask(page, "Which device is hottest?")
    ask(page, QUESTION)
    # The row of an answer comes a moment after its last word.
    expect(page.locator(".turn-actions")).to_have_count(2)
    link = copied(page, "Copy a link to this answer")
    page.goto(link)
    expect(page.locator(".user-row.linked")).to_have_text(QUESTION)
    expect(page.locator(".user-row.linked")).to_be_in_viewport()


def test_chart_opens_larger_over_the_same_window_and_escape_closes_it(open_page: OpenPage) -> None:
    page = open_page()
    ask(page, QUESTION)
    small = page.locator("#conversation .js-plotly-plot")
    expect(small).to_be_visible()
    window = small.evaluate("figure => figure.layout.xaxis.range")
    page.get_by_role("button", name="Enlarge").click()
    large = page.locator("dialog .js-plotly-plot")
    expect(large.locator(".main-svg").first).to_be_visible()
    assert large.evaluate("figure => figure.layout.xaxis.range") == window
    assert large.evaluate("figure => figure.clientHeight") > small.evaluate("figure => figure.clientHeight")
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_have_count(0)
    expect(page.get_by_role("button", name="Enlarge")).to_be_focused()


def test_shift_enter_is_a_new_line_and_enter_sends(open_page: OpenPage) -> None:
    page = open_page()
    page.fill("#message textarea", "Which device")
    page.press("#message textarea", "Shift+Enter")
    page.keyboard.type("is hottest?")
    expect(page.locator("#message textarea")).to_have_value("Which device\nis hottest?")
    expect(page.locator(".user-row")).to_have_count(0)
    page.keyboard.press("Enter")
    expect(page.locator(".user-row")).to_have_count(1)
