"""The tool hands a question to the manuals and their answer back, and a slip becomes advice."""

import pytest

from knowledge.errors import UnknownFilterError
from knowledge.passage import Asked, Found
from tests.support.manuals import FakeManuals, found, passage
from tools.consult import ConsultTools
from tools.database import Database
from tools.errors import ManualsError
from tools.telemetry.store import ReadingStore


class Refusing:
    """Manuals that know no such alarm."""

    def search(self, asked: Asked) -> Found:
        raise UnknownFilterError(f"No document speaks of {asked.alarm}.", "Known alarms: T_HIGH.")


def test_the_question_and_its_filters_reach_the_manuals(database: Database) -> None:
    manuals = FakeManuals(found(passage()))
    answer = ConsultTools(manuals, ReadingStore(database)).search_manuals(
        "how hot", models=["AGM-500"], alarm="T_HIGH"
    )
    assert manuals.asked == [Asked(question="how hot", models=("AGM-500",), alarm="T_HIGH")]
    assert answer.found.passages == (passage(),)


def test_an_unknown_alarm_is_an_error_that_names_the_known_ones(database: Database) -> None:
    with pytest.raises(ManualsError) as raised:
        ConsultTools(Refusing(), ReadingStore(database)).search_manuals("what now", alarm="T_LOUD")
    assert raised.value.hint == "Known alarms: T_HIGH."
