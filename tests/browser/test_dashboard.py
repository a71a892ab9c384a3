"""The dashboard and the map as an operator meets them, in a real browser."""

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.conftest import MARKUP, OpenPage

pytestmark = pytest.mark.browser

PHONE = ViewportSize(width=390, height=844)


def end_of_time_axis(page: Page, chart: int) -> str:
    """Begin of the time axis of a chart."""
    begin: str = page.evaluate(
        f"document.querySelectorAll('#board-charts .js-plotly-plot')[{chart}]?.layout?.xaxis?.range?.[0] ?? ''"
    )
    return begin


def test_main_page_shows_health_alerts_devices_and_charts_from_this_machine_alone(open_board: OpenPage) -> None:
    page = open_board()
    hosts: set[str | None] = set()
    page.on("request", lambda request: hosts.add(urlsplit(request.url).hostname))
    page.reload()
    expect(page.locator(".tile")).to_have_count(4)
    expect(page.locator(".devices tbody tr")).to_have_count(8)
    expect(page.locator("#board-alerts h2")).to_have_text("Alerts that stand")
    expect(page.locator("#board-charts .js-plotly-plot")).to_have_count(4)
    assert hosts - {None} == {"127.0.0.1"}


def test_device_is_drilled_down_to_a_cell_and_the_way_back_works(open_board: OpenPage) -> None:
    page = open_board()
    page.click(".devices tbody tr:first-child td:first-child a")
    expect(page).to_have_url(re.compile(r"\?device=D0\d$"))
    expect(page.locator(".cell")).to_have_count(24)
    page.click(".cell:nth-child(3) a")
    expect(page.locator("#board-cell .js-plotly-plot")).to_be_visible()
    expect(page.locator("#board-cell .chart-title b")).to_contain_text("cell 3")
    page.go_back()
    page.go_back()
    expect(page.locator(".devices tbody tr")).to_have_count(8)
    expect(page.locator(".cell")).to_have_count(0)


def test_every_chart_follows_the_time_range(open_board: OpenPage) -> None:
    page = open_board()
    expect(page.locator("#board-charts .js-plotly-plot")).to_have_count(4)
    before = end_of_time_axis(page, 0)
    page.click("text=7 days")
    page.wait_for_function(
        "before => { const all = [...document.querySelectorAll('#board-charts .js-plotly-plot')]"
        ".map(one => one.layout?.xaxis?.range?.[0]);"
        "return all.length === 4 && all[0] !== before && all.every(one => one === all[0]); }",
        arg=before,
    )
    expect(page.locator(".ranges [aria-current]")).to_have_text("7 days")


def test_asking_about_a_row_fills_the_question_in_and_sends_nothing(open_board: OpenPage) -> None:
    page = open_board()
    page.click(".devices tbody tr:first-child .ask")
    expect(page.locator("#message textarea")).to_have_value(re.compile(r"How healthy is D0\d and why\?"))
    expect(page.locator(".user-row")).to_have_count(0)
    assert "ask=" not in page.url


def test_alert_is_acknowledged_through_the_chat(open_board: OpenPage) -> None:
    page = open_board()
    page.click(".alerts li:first-child .ask:has-text('Acknowledge')")
    expect(page.locator("#message textarea")).to_have_value(re.compile(r"^Acknowledge alert [A-Z_0-9]+ of D0\d$"))


def test_refresh_leaves_alone_what_has_not_changed(open_board: OpenPage) -> None:
    page = open_board(size=ViewportSize(width=1280, height=500))
    expect(page.locator("#board-charts .js-plotly-plot")).to_have_count(4)
    page.evaluate("document.querySelectorAll('.panel, .tile, .js-plotly-plot').forEach(one => one.dataset.old = 1)")
    page.evaluate("window.scrollTo(0, 600)")
    moment = page.locator(".as-of").inner_text()
    expect(page.locator(".as-of")).not_to_have_text(moment)
    later = page.locator(".as-of").inner_text()
    expect(page.locator(".as-of")).not_to_have_text(later)
    assert page.evaluate("document.querySelectorAll('.js-plotly-plot:not([data-old])').length") == 0
    assert page.evaluate("document.querySelectorAll('#board-alerts .panel:not([data-old])').length") == 0
    assert page.evaluate("window.scrollY") == 600


def test_dashboards_fit_a_phone(open_board: OpenPage) -> None:
    page = open_board("/?device=D02", size=PHONE)
    expect(page.locator(".cell")).to_have_count(24)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.goto(page.url.replace("/?device=D02", "/geo-dashboard"))
    page.wait_for_selector("svg.map")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_unknown_device_in_the_address_gets_a_plain_sentence(open_board: OpenPage) -> None:
    page = open_board("/?device=D99")
    expect(page.locator("#board-device")).to_contain_text("There is no such device.")


def test_site_on_the_map_leads_to_its_devices_by_keyboard_too(open_board: OpenPage) -> None:
    page = open_board("/geo-dashboard")
    site = page.get_by_role("link", name=re.compile("^Harbor: 1 devices"))
    site.focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/\?site=S02$"))
    expect(page.locator(".devices tbody tr")).to_have_count(1)
    expect(page.locator(".trail [aria-current]")).to_have_text("Harbor")


def test_text_of_data_is_shown_as_it_is(open_board: OpenPage) -> None:
    page = open_board("/geo-dashboard")
    expect(page.locator("#geo-sites")).to_contain_text(MARKUP)
    expect(page.locator("#geo-sites :is(img, b)")).to_have_count(0)
    expect(page).to_have_title("Battery assistant")
