"""The row below an answer: its verdict as set, every text of people escaped; and which turns a page shows."""

from datetime import timedelta

import pytest

from assistant.llmops.feedback import Feedback, Verdict
from assistant.llmops.turns import TurnRow
from assistant.ui.transcript import TURNS_SHOWN, transcript
from assistant.ui.turn_actions import turn_actions_html
from tests.support.builders import NOW


def given(verdict: Verdict, reason: str | None = None) -> Feedback:
    """A verdict on turn_1."""
    return Feedback(turn_id="turn_1", who="local", verdict=verdict, reason=reason, given_utc=NOW)


def asked(number: int) -> TurnRow:
    """The answered turn of that number."""
    return TurnRow(
        turn_id=f"turn_{number}", conversation_id="one", who="local", asked_utc=NOW + timedelta(minutes=number),
        time_zone="UTC", question=f"question {number}", status="answered", brain="scripted", answer="An answer.",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("verdict", "pressed"), [(None, []), (given("like"), ["like"]), (given("dislike"), ["dislike"])]
)
def test_only_the_verdict_that_was_given_is_pressed(verdict: Feedback | None, pressed: list[str]) -> None:
    markup = turn_actions_html("turn_1", "D01 is at 22.0 °C.", verdict)
    assert [
        kind for kind in ("like", "dislike") if f'aria-pressed="true" type="button" data-do="{kind}"' in markup
    ] == (pressed)


def test_answer_and_reason_cannot_become_markup() -> None:
    markup = turn_actions_html("turn_1", '"><img src=x>', given("dislike", "<script>alert(1)</script>"))
    assert "<img" not in markup
    assert "<script" not in markup


def test_old_turns_are_left_out_until_a_link_points_to_one() -> None:
    turns = [asked(number) for number in range(TURNS_SHOWN + 10)]
    newest, linked = transcript(turns, {}, {}), transcript(turns, {}, {}, linked="turn_3")
    assert "question 10" in newest[1]["content"]
    assert "question 3" in linked[1]["content"]
    assert len(linked) == len(newest) + 2 * 7
