"""A tool result fits a chat model's window by whole items, says how many are missing, and never cuts a number."""

import json

from hypothesis import given
from hypothesis import strategies as st

from assistant.agent.shortening import for_chat_model


def test_a_short_result_is_left_as_it_is() -> None:
    assert json.loads(for_chat_model('{"value": 54.48}', "UTC")) == {"value": 54.48}


def test_a_long_list_ends_with_how_many_items_are_missing() -> None:
    result = {"device_id": "D01", "gaps": [{"minutes": 1234.5678, "number": number} for number in range(500)]}
    shown = json.loads(for_chat_model(json.dumps(result), "UTC", 2000))
    *items, note = shown["gaps"]
    assert shown["device_id"] == "D01"
    assert items == result["gaps"][: len(items)]
    assert note == f"and {500 - len(items)} more"


def test_times_stand_as_they_are_to_be_written_in_the_zone_of_the_asker() -> None:
    shown = json.loads(for_chat_model('{"at": "2026-03-31T12:00:00Z", "note": "since 2026-03-31"}', "Europe/Oslo"))
    assert shown == {"at": "31 Mar 2026, 14:00", "note": "since 2026-03-31"}


def test_a_long_text_is_cut_between_words() -> None:
    text = "The string voltage was 54.481 V. " * 200
    shown = json.loads(for_chat_model(json.dumps({"text": text}), "UTC", 300))
    assert shown["text"].endswith(" ...")
    assert text.startswith(shown["text"].removesuffix(" ..."))


@given(st.lists(st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=40), max_size=40))
def test_every_number_left_is_a_number_of_the_result(rows: list[list[float]]) -> None:
    shown = json.loads(for_chat_model(json.dumps(rows), "UTC", 400))
    left = [one for row in shown if isinstance(row, list) for one in row if isinstance(one, float)]
    assert set(left) <= {one for row in rows for one in row}
