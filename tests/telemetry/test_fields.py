"""The 66 fields are one list that everything else follows."""

import csv
from pathlib import Path

import pytest

from tools.errors import UnknownFieldError
from tools.telemetry.fields import all_fields, field_facts
from tools.telemetry.schema import battery_data, latest_readings, live_readings

FIELD_LIST = Path(__file__).parents[3] / "shared" / "domain" / "fields66.csv"


def test_a_reading_has_66_fields_in_four_groups() -> None:
    groups = [facts.group for facts in all_fields().values()]
    assert len(groups) == 66
    assert [groups.count(name) for name in ("system", "core", "bms", "charging")] == [12, 18, 18, 18]


@pytest.mark.skipif(not FIELD_LIST.exists(), reason="the team's field list is not on this machine")
def test_the_fields_are_those_of_the_domain_list_in_its_order() -> None:
    with FIELD_LIST.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert list(all_fields()) == [row["name"] for row in rows]
    assert [facts.group for facts in all_fields().values()] == [row["group"] for row in rows]


@pytest.mark.parametrize("table", [battery_data, live_readings, latest_readings], ids=lambda table: table.name)
def test_the_tables_hold_exactly_the_fields(table: object) -> None:
    assert [column.name for column in table.columns] == list(all_fields())  # type: ignore[attr-defined]


def test_an_unknown_field_names_the_nearest_ones() -> None:
    with pytest.raises(UnknownFieldError) as error:
        field_facts("cell_temprature")
    assert "cell_temperature_c" in error.value.hint


def test_no_two_fields_are_called_the_same_by_their_first_word() -> None:
    labels = [facts.label for facts in all_fields().values()]
    assert len(set(labels)) == len(labels)
