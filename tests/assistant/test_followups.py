"""A follow-up keeps what it does not say anew."""

from datetime import UTC, datetime

import pytest
from pydantic import JsonValue

from assistant.brains.embedded.calls import PlannedCall
from assistant.brains.embedded.followups import follow_up
from assistant.brains.embedded.memory import Memory, inherited_place
from assistant.brains.embedded.slots import read_slots
from tools.telemetry.fleet import Device, Fleet, Site

NOW = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)
FLEET = Fleet(
    sites=(Site(site_id="S01", name="Northgate"), Site(site_id="S02", name="Harbor")),
    devices=tuple(
        Device(device_id=f"D0{number}", site_id="S01", name=f"D0{number}", cell_count=24) for number in range(1, 9)
    ),
)
AVERAGE = PlannedCall(
    "field_history",
    {
        "field": "cell_temperature_c",
        "devices": ["D03"],
        "start": "2026-03-30T00:00:00Z",
        "end": "2026-03-31T00:00:00Z",
    },
)


def after(call: PlannedCall, message: str) -> list[PlannedCall] | None:
    return follow_up(read_slots(message, FLEET, NOW, "UTC"), Memory(((call,),)), FLEET, NOW)


@pytest.mark.parametrize(
    ("message", "changed"),
    [
        ("and at Harbor?", {"devices": None, "sites": ["Harbor"]}),
        ("what about D05", {"devices": ["D05"]}),
        ("and the lowest?", {"statistic": "min"}),
        ("same for last week", {"start": "2026-03-23T00:00:00Z", "end": "2026-03-30T00:00:00Z"}),
        ("no, the ambient temperature", {"field": "ambient_temperature_c"}),
        ("sorry, i meant D01", {"devices": ["D01"]}),
    ],
)
def test_a_follow_up_replaces_only_what_it_says(message: str, changed: dict[str, JsonValue]) -> None:
    together = {**AVERAGE.arguments, **changed}
    expected: dict[str, JsonValue] = {key: value for key, value in together.items() if value is not None}
    assert after(AVERAGE, message) == [PlannedCall("field_history", expected)]


def test_why_asks_for_the_health_of_the_same_device() -> None:
    assert after(AVERAGE, "why?") == [PlannedCall("device_health", {"devices": ["D03"]})]


def test_which_cell_asks_for_the_cells_of_the_same_device() -> None:
    assert after(AVERAGE, "which cell?") == [PlannedCall("worst_cells", {"devices": ["D03"]})]


def test_a_latest_value_as_a_chart_is_its_history() -> None:
    latest = PlannedCall("latest_readings", {"fields": ["soc_pct"], "devices": ["D03"]})
    assert after(latest, "as a chart") == [PlannedCall("field_history", {"field": "soc_pct", "devices": ["D03"]})]


def test_the_charger_after_a_current_is_the_chargers_current() -> None:
    latest = PlannedCall("latest_readings", {"fields": ["string_current_a"], "devices": ["D03"]})
    assert after(latest, "no, the charger") == [
        PlannedCall("latest_readings", {"fields": ["rectifier_current_a"], "devices": ["D03"]})
    ]


def test_compare_with_another_device_sets_both_side_by_side() -> None:
    latest = PlannedCall("latest_readings", {"fields": ["soc_pct"], "devices": ["D01"]})
    assert after(latest, "compare with d2") == [
        PlannedCall("compare", {"field": "soc_pct", "devices": ["D01", "D02"]})
    ]


def test_a_whole_question_is_no_follow_up() -> None:
    assert after(AVERAGE, "how many outages were there this month") is None


def test_a_whole_question_after_a_meaning_is_not_answered_with_the_meaning() -> None:
    meaning = PlannedCall("describe_field", {"field": "float_current_ma"})
    assert after(meaning, "average temperature of D03 yesterday") is None


def test_this_month_does_not_point_at_the_device_before() -> None:
    memory = Memory(((PlannedCall("latest_readings", {"fields": ["soc_pct"], "devices": ["D02"]}),),))
    assert inherited_place(read_slots("how many outages this month", FLEET, NOW, "UTC"), memory) == {}
