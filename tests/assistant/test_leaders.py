"""Who is said to lead must lead in the figures of the turn."""

import pytest

from tests.assistant.test_evidence import check, temperature, voltage

WARM = (temperature("D03", 24.1), temperature("D05", 31.4), temperature("D07", 27.0))


@pytest.mark.parametrize(
    "claim",
    [
        "D05 is the hottest.",
        "**D05** is clearly the warmest.",
        "Highest is D05, lowest is D03.",
        "The hottest device is D05.",
        "D03 runs cooler than D07.",
        "D05 has the highest cell temperature.",
    ],
)
def test_a_leader_the_figures_show_stays(claim: str) -> None:
    assert check(claim, *WARM) == ()


@pytest.mark.parametrize(
    "claim",
    [
        "D03 is the hottest.",
        "Highest is D05, lowest is D07.",
        "The coldest device is D05.",
        "D07 is warmer than D05.",
        "D05 has the highest string voltage.",
        "D09 is the hottest.",
    ],
    ids=["wrong leader", "second of two wrong", "wrong end", "wrong order", "other field", "device not asked"],
)
def test_a_leader_the_figures_do_not_show_is_withheld(claim: str) -> None:
    assert check(claim, *WARM) != ()


def test_equal_figures_support_no_order() -> None:
    assert check("D03 is warmer than D05.", temperature("D03", 25.0), temperature("D05", 25.0)) != ()


def test_volts_do_not_say_who_is_hottest() -> None:
    assert check("D05 is the hottest.", voltage("D03", 53.1), voltage("D05", 54.9)) != ()


def test_advice_about_a_device_is_not_a_claim() -> None:
    assert check("Start with D07 if you want the highest gain.", *WARM) == ()
