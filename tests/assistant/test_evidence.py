"""No number leaves that the turn's results do not hold for that very device, field and statistic."""

from datetime import UTC, datetime, timedelta

import pytest

from assistant.agent.answer import ToolStep
from assistant.agent.evidence import WITHHELD, check_answer
from assistant.agent.turn import CallRecord
from assistant.brains.embedded.answers.talk import REPLIES
from tools.quantity import Asked, Frozen, Quantity, Window

NOW = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)
DAY = Window(start=NOW - timedelta(days=1), end=NOW)


class Figures(Frozen):
    """A result with figures, as tools return them."""

    asked: Asked
    figures: tuple[Quantity, ...]


def call(*figures: Quantity) -> CallRecord:
    step = ToolStep(id="call_1", name="field_history", arguments={}, status="ok", duration_ms=1.0)
    return CallRecord(step, Figures(asked=Asked(devices=("D03", "D05"), window=DAY), figures=figures))


def voltage(device: str, value: float, statistic: str = "latest") -> Quantity:
    return Quantity.model_validate(
        {
            "value": value,
            "unit": "V",
            "statistic": statistic,
            "field": "string_voltage_v",
            "device_id": device,
            "at": NOW,
            "window": DAY,
            "rows": 96,
        }
    )


def temperature(device: str, value: float, statistic: str = "mean") -> Quantity:
    return Quantity.model_validate(
        {"value": value, "unit": "°C", "statistic": statistic, "field": "cell_temperature_c", "device_id": device}
    )


def check(text: str, *figures: Quantity, question: str = "how is D03", zone: str = "UTC") -> tuple[str, ...]:
    return check_answer(text, question, [call(*figures)], zone).unsupported


def test_a_right_number_is_bound_to_its_entry() -> None:
    verdict = check_answer("The string voltage of D03 is 54.31 V.", "", [call(voltage("D03", 54.3149))], "UTC")
    (link,) = verdict.links
    assert (link.text, link.value, link.tool_call_id, link.path) == ("54.31 V", 54.3149, "call_1", "figures.0")
    assert verdict.text == "The string voltage of D03 is 54.31 V."


def test_an_invented_number_is_withheld_with_a_plain_sentence() -> None:
    text = "The string voltage of D03 is 54.31 V. It will fall to 47.90 V soon."
    verdict = check_answer(text, "", [call(voltage("D03", 54.31))], "UTC")
    assert verdict.unsupported == ("47.90 V",)
    assert verdict.text == f"The string voltage of D03 is 54.31 V.\n\n{WITHHELD}"


@pytest.mark.parametrize(
    "claim",
    [
        "The string voltage of D05 is 54.31 V.",
        "The string voltage of D03 is 53.90 V.",
        "The string voltage of D03 is 54.31 A.",
        "The rectifier voltage of D03 is 54.31 V.",
        "The lowest string voltage of D03 was 55.20 V.",
    ],
    ids=["another device's", "the other device's value", "another unit", "another field", "another statistic"],
)
def test_a_number_that_belongs_to_something_else_is_not_support(claim: str) -> None:
    figures = (voltage("D03", 54.31), voltage("D05", 53.90), voltage("D03", 55.20, "max"))
    assert len(check(claim, *figures)) == 1


def test_two_devices_in_a_sentence_keep_their_own_numbers() -> None:
    figures = (voltage("D03", 54.31), voltage("D05", 53.90))
    assert check("D03 is at 54.31 V, D05 at 53.90 V.", *figures) == ()
    assert len(check("D03 is at 53.90 V, D05 at 54.31 V.", *figures)) == 2


def test_a_unit_may_be_converted_but_not_forgotten() -> None:
    assert check("It is 54310 mV at D03.", voltage("D03", 54.31)) == ()
    assert check("It is 73.4 °F at D03.", temperature("D03", 23.0)) == ()
    assert check("It is 23 °F at D03.", temperature("D03", 23.0)) == ("23 °F",)


def test_rounding_is_accepted_only_as_far_as_it_is_printed() -> None:
    assert check("It is 54.3 V.", voltage("D03", 54.31)) == ()
    assert check("It is 54.32 V.", voltage("D03", 54.31)) == ("54.32 V",)


def test_a_number_of_the_question_may_be_said_again() -> None:
    assert check("You asked about 30 °C.", question="was D03 ever above 30 °C") == ()


def test_a_difference_nobody_computed_is_not_supported() -> None:
    figures = (voltage("D03", 54.31), voltage("D05", 53.90))
    assert check("D03 is 0.41 V higher.", *figures) == ("0.41 V",)


def test_times_are_checked_in_the_zone_they_are_written_in() -> None:
    assert check("At 31 Mar 12:00 UTC it was 54.31 V.", voltage("D03", 54.31)) == ()
    assert check("At 31 Mar 14:00 CEST it was 54.31 V.", voltage("D03", 54.31), zone="Europe/Oslo") == ()
    assert check("At 31 Mar 09:15 UTC it was 54.31 V.", voltage("D03", 54.31)) == ("31 Mar 09:15",)


def test_names_with_digits_are_not_figures() -> None:
    assert (
        check(
            "D03 is an AGM-500 on phase 2, see `cell_voltage_v`.", voltage("D03", 54.31), question="is D03 an AGM-500"
        )
        == ()
    )


@pytest.mark.parametrize("kind", list(REPLIES))
def test_a_reply_without_tools_states_nothing_that_needs_evidence(kind: str) -> None:
    assert check_answer(REPLIES[kind], "", [], "UTC").text == REPLIES[kind]
