"""A question is also put into the words of the manuals."""

import pytest

from knowledge.lay_words import alarms_named, in_manual_words

ALARMS = {"T_HIGH": "hot post", "MAINS": "mains lost"}


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("one jar of the bank is low", "one cell of the string is low"),
        ("Jars are warm", "cell are warm"),
        ("connect the load bank", "connect the load bank"),
        ("T_HIGH again", "hot post again"),
        ("the mains are back", "the mains are back"),
        ("a jargon word", "a jargon word"),
    ],
)
def test_lay_words_and_alarm_names_become_those_of_the_manuals(question: str, words: str) -> None:
    assert in_manual_words(question, ALARMS) == words


def test_an_alarm_is_named_in_capitals_only() -> None:
    assert alarms_named("MAINS and T_HIGH since the mains failed", ALARMS) == {"MAINS", "T_HIGH"}
    assert alarms_named("T_HIGHER", ALARMS) == frozenset()
