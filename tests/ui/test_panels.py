"""Pieces of the dashboards: addresses, escaped text, figures without data, the map."""

import pytest

from assistant.ui.look import Look, read_look
from assistant.ui.panels.map_drawing import outlines, view_of
from assistant.ui.panels.parts import number, text
from tools.quantity import Quantity


@pytest.mark.parametrize(
    "look",
    [
        Look(),
        Look(site="S02", range_name="7d"),
        Look(device="D 3&x=<1>", cell=7, measure="resistance", range_name="30d"),
    ],
)
def test_look_is_read_from_the_address_it_makes(look: Look) -> None:
    assert read_look(look.to().removeprefix("/")) == look


@pytest.mark.parametrize("query", ["?range=9y&measure=colour&cell=-1", "?cell=1e9", "?cell=99999", "?range="])
def test_what_cannot_be_read_is_left_at_what_is_usual(query: str) -> None:
    assert read_look(query) == Look()


def test_text_of_data_is_neither_markup_nor_a_template() -> None:
    assert text("<b>${x} {{y}}\"'") == "&lt;b&gt;&#36;&#123;x&#125; &#123;&#123;y&#125;&#125;&quot;&#x27;"


def test_no_data_is_not_a_number() -> None:
    assert "no data" in number(Quantity(statistic="latest", unit="V"))


def test_nothing_rounded_has_no_sign() -> None:
    assert ">0.0&nbsp;" in number(Quantity(statistic="latest", unit="A", value=-0.04))


def test_view_holds_every_site_with_room_around_it() -> None:
    view = view_of([(4.8, 45.8), (23.8, 61.5), (-8.5, 51.9)])
    assert view.west < -8.5 - 2 and view.east > 23.8 + 2
    assert view.south < 45.8 - 2 and view.north > 61.5 + 2


def test_outlines_do_not_jump_across_the_world() -> None:
    jumps = [abs(ring[place] - ring[place - 2]) for ring in outlines() for place in range(2, len(ring), 2)]
    assert max(jumps) < 18_000
