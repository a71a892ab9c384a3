"""What was done is said only where something did it; what is said of the data, and what is denied, is left alone."""

import pytest

from assistant.agent.answer import ToolStep
from assistant.agent.deeds import false_deeds
from assistant.agent.turn import CallRecord
from tools.quantity import Frozen


class Told(Frozen):
    """A result of any tool."""


def told(**result: str) -> CallRecord:
    step = ToolStep(id="c", name="list_alerts", arguments={}, status="ok", duration_ms=1, result=dict(result))
    return CallRecord(step, Told())


@pytest.mark.parametrize(
    "claim",
    [
        "I have acknowledged the alert.",
        "I've just raised the limit to the new value.",
        "We have now retrained the model.",
        "I acknowledged it.",
        "The model has been deployed.",
        "Your limit is now changed.",
        "Done!",
        "It's done: the alert is closed.",
        "I have started the retraining.",
    ],
)
def test_a_deed_without_a_result_is_found(claim: str) -> None:
    assert false_deeds(f"D01 is well. {claim}", []) == [f" {claim}"]


@pytest.mark.parametrize(
    "sentence",
    [
        "I have not acknowledged the alert.",
        "I can acknowledge it once you approve.",
        "Shall I change the limit?",
        "No alert has been acknowledged.",
        "I started by looking at D01.",
        "The string was discharged at 12:00.",
        "Readings are stored every 15 minutes.",
    ],
)
def test_what_is_no_claim_of_a_deed_is_left_alone(sentence: str) -> None:
    assert false_deeds(sentence, []) == []


def test_what_a_result_says_was_done_may_be_said() -> None:
    sentence = "The alert has been acknowledged."
    assert false_deeds(sentence, [told(acknowledged_by="ann")]) == []
    assert false_deeds(sentence, [told(name="high temperature")]) == [sentence]


def test_a_quotation_is_left_alone() -> None:
    assert false_deeds("> I have replaced the cell.", []) == []


def test_after_an_action_took_effect_it_may_be_said() -> None:
    assert false_deeds("I have acknowledged the alert.", [told(action="acknowledge_alert", status="done")]) == []
