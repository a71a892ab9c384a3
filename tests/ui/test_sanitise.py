"""The text of an answer cannot load, run or lead anywhere, and keeps its shape."""

import pytest

from assistant.ui.sanitise import plain_text, safe_markdown

HARMFUL = [
    "<script>alert(1)</script>",
    '<img src="x" onerror="alert(1)">',
    "![chart](http://example.com/x.png)",
    "![chart][one]\n\n[one]: http://example.com/x.png",
    "[more](javascript:alert(1))",
    "[more](http://example.com)",
    "[more](//example.com)",
    "[![chart](http://example.com/x.png)](http://example.com)",
    "<http://example.com>",
    "see http://example.com and www.example.com",
    '<form action="http://example.com"><input name="password"></form>',
    '<iframe src="http://example.com"></iframe>',
    '<a href="http://example.com">more</a>',
    '<b style="background: url(http://example.com)">D03</b>',
    "<svg><a xlink:href='javascript:alert(1)'>x</a></svg>",
    "write to me@example.com",
]
DANGEROUS = (
    "<script",
    "<img",
    "<form",
    "<iframe",
    "<a",
    "<svg",
    "onerror",
    "style=",
    "![",
    "](",
    "]:",
    "://",
    "www.",
    "@",
)


@pytest.mark.parametrize("text", HARMFUL)
def test_nothing_can_load_run_or_lead_elsewhere(text: str) -> None:
    safe = safe_markdown(text)
    assert [mark for mark in DANGEROUS if mark in safe] == []


def test_text_of_a_foreign_link_stays_readable() -> None:
    assert safe_markdown("[more](http://example.com)") == "&#91;more&#93;(http&#58;//example.com)"


def test_link_to_a_page_of_ours_stays() -> None:
    assert safe_markdown("See [the docs](/docs#limits).") == "See [the docs](/docs#limits)."


def test_image_from_our_own_server_is_gone_too() -> None:
    assert "](" not in safe_markdown("![x](/file/x.png)")


@pytest.mark.parametrize(
    "text",
    [
        "**D03** is *warm*, see `cell_temperature_c`.",
        "- D01: **22.1 °C**\n- D02: 22.3 °C",
        "1. D04: 27.5 °C\n2. D05: 27.5 °C",
        "| device | value |\n|---|---|\n| D03 | 13.4 °C |",
        "Charge fell by <b>3 %</b>",
    ],
)
def test_bold_lists_code_and_tables_stay(text: str) -> None:
    assert safe_markdown(text) == text


def test_comparison_sign_is_shown_not_read_as_a_tag() -> None:
    assert safe_markdown("2.1 V < 2.25 V") == "2.1 V &lt; 2.25 V"


def test_marks_of_ours_cannot_be_forged() -> None:
    assert safe_markdown("\ue0000\ue001") == "0"


def test_question_is_shown_as_typed() -> None:
    assert plain_text("**D03**\n    1. hot?") == "&#42;&#42;D03&#42;&#42;\n1&#46; hot&#63;"


def test_a_quotation_keeps_its_shape_and_nothing_in_it_can_act() -> None:
    shown = safe_markdown("> 1. Open it.\n> <img src=x onerror=alert(1)> 3 > 2")
    assert shown == "> 1. Open it.\n>  3 &gt; 2"
