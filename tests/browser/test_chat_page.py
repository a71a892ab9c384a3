"""The chat as an operator meets it, in a real browser."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import ViewportSize, expect

from tests.browser.asking import ANSWERED, ask
from tests.browser.conftest import OpenPage

pytestmark = pytest.mark.browser

QUESTION = "average temperature of D03 yesterday"
PHONE = ViewportSize(width=390, height=844)


def test_answer_shows_step_number_chart_and_evidence(open_page: OpenPage) -> None:
    page = open_page()
    ask(page, QUESTION)
    expect(page.locator(".step summary")).to_contain_text("Looked up cell temperature of D03")
    expect(page.locator(".bot-row strong").first).to_contain_text("°C")
    expect(page.locator(".js-plotly-plot .scatterlayer path.js-line")).to_have_count(1)
    page.click(".evidence summary")
    expect(page.locator(".evidence td", has_text="mean cell temperature, D03").first).to_be_visible()


def test_times_are_those_of_the_browser(open_page: OpenPage) -> None:
    page = open_page(time_zone="Asia/Tokyo")
    ask(page, QUESTION)
    expect(page.locator(".step summary")).to_contain_text("00:00–24:00 JST")


def test_nothing_is_asked_of_another_machine(open_page: OpenPage) -> None:
    page = open_page()
    hosts: set[str | None] = set()
    page.on("request", lambda request: hosts.add(urlsplit(request.url).hostname))
    page.reload()
    page.wait_for_selector(".example:visible")
    ask(page, QUESTION)
    expect(page.locator(".js-plotly-plot")).to_be_visible()
    assert hosts - {None} == {"127.0.0.1"}


def test_reload_continues_the_conversation(open_page: OpenPage) -> None:
    page = open_page()
    ask(page, QUESTION)
    answer = page.locator(".bot-row .message-content").first.inner_text()
    page.reload()
    expect(page.locator(".bot-row .message-content").first).to_have_text(answer)
    expect(page.locator(".step summary")).to_be_visible()
    expect(page.locator(".js-plotly-plot")).to_be_visible()
    ask(page, "Which device is hottest?")
    expect(page.locator(".user-row")).to_have_count(2)


def test_new_conversation_begins_empty(open_page: OpenPage) -> None:
    page = open_page()
    ask(page, QUESTION)
    page.click("#history .fresh")
    expect(page.locator("#welcome")).to_be_visible()
    expect(page.locator(".user-row")).to_have_count(0)
    page.reload()
    expect(page.locator("#welcome")).to_be_visible()


def test_asking_again_asks_the_same_question(open_page: OpenPage) -> None:
    page = open_page()
    ask(page, QUESTION)
    page.click("#again")
    expect(page.locator(".user-row")).to_have_text([QUESTION, QUESTION], timeout=ANSWERED)


def test_another_person_does_not_see_the_conversation(open_page: OpenPage) -> None:
    first, second = open_page(), open_page()
    ask(first, QUESTION)
    ask(second, "Which device is hottest?")
    expect(second.locator("#conversation")).not_to_contain_text("D03 yesterday")
    expect(first.locator("#conversation")).not_to_contain_text("hottest")


def test_example_is_asked_with_one_click(open_page: OpenPage) -> None:
    page = open_page()
    page.click("text=Average temperature at Harbor yesterday")
    expect(page.locator(".user-row")).to_have_text(["Average temperature at Harbor yesterday"])
    expect(page.locator("#send")).to_be_visible(timeout=ANSWERED)


def test_empty_question_cannot_be_sent(open_page: OpenPage) -> None:
    page = open_page()
    expect(page.locator("#send")).to_be_disabled()
    page.fill("#message textarea", "How hot is D03?")
    expect(page.locator("#send")).to_be_enabled()
    page.fill("#message textarea", "  ")
    expect(page.locator("#send")).to_be_disabled()


def test_markup_in_a_question_is_shown_as_text(open_page: OpenPage) -> None:
    page = open_page()
    question = "D03? <img src=x onerror=document.title=1> ${document.title=2} [x](javascript:alert(1)) **b**"
    ask(page, question)
    expect(page.locator(".user-row")).to_have_text(question)
    expect(page.locator("#conversation :is(a, img)")).to_have_count(0)
    expect(page).to_have_title("Battery assistant")


def test_page_fits_a_phone(open_page: OpenPage) -> None:
    page = open_page(size=PHONE)
    ask(page, QUESTION)
    page.click(".step summary")
    page.click(".evidence summary")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_question_box_has_the_focus_and_a_name(open_page: OpenPage) -> None:
    page = open_page()
    expect(page.get_by_label("Ask about your batteries")).to_be_focused()
