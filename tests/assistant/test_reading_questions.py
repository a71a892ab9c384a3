"""What a question says: names, times, fields, thresholds and statistics, as operators type them."""

from datetime import UTC, datetime

import pytest

from assistant.brains.embedded.settling import settle_tool
from assistant.brains.embedded.slots import Slots, read_slots, threshold_in
from assistant.brains.embedded.times import find_spans
from tools.telemetry.fleet import Device, Fleet, Site

# A Tuesday, two days after Europe put its clocks forward.
NOW = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)
FLEET = Fleet(
    sites=(Site(site_id="S01", name="Northgate"), Site(site_id="S02", name="Harbor")),
    devices=tuple(
        Device(device_id=f"D0{number}", site_id="S01", name=f"D0{number}", cell_count=24) for number in range(1, 9)
    ),
)


def read(question: str) -> Slots:
    return read_slots(question, FLEET, NOW, "UTC")


@pytest.mark.parametrize(
    ("words", "start", "end"),
    [
        ("yesterday", "2026-03-30T00:00", "2026-03-31T00:00"),
        ("since Monday", "2026-03-30T00:00", "2026-03-31T12:00"),
        ("between 3 and 5 pm on 20 March", "2026-03-20T15:00", "2026-03-20T17:00"),
        ("the night before last", "2026-03-29T22:00", "2026-03-30T06:00"),
        ("last 24 hours", "2026-03-30T12:00", "2026-03-31T12:00"),
        ("last week", "2026-03-23T00:00", "2026-03-30T00:00"),
        ("past week", "2026-03-24T12:00", "2026-03-31T12:00"),
        ("from 10 to 15 March", "2026-03-10T00:00", "2026-03-16T00:00"),
        ("on 12 March", "2026-03-12T00:00", "2026-03-13T00:00"),
        ("this morning", "2026-03-31T06:00", "2026-03-31T12:00"),
        ("in March", "2026-03-01T00:00", "2026-04-01T00:00"),
        ("in the last month", "2026-03-01T12:00", "2026-03-31T12:00"),
        ("in 2019", "2019-01-01T00:00", "2020-01-01T00:00"),
    ],
)
def test_times_are_read_as_people_say_them(words: str, start: str, end: str) -> None:
    (span,) = find_spans(f"temperature of the string {words}", NOW, "UTC")
    assert span.start is not None
    assert span.end is not None
    assert (f"{span.start:%Y-%m-%dT%H:%M}", f"{span.end:%Y-%m-%dT%H:%M}") == (start, end)


def test_a_day_is_the_askers_day_also_when_clocks_change() -> None:
    (span,) = find_spans("on 29 March", NOW, "Europe/Oslo")
    assert span.start == datetime(2026, 3, 28, 23, 0, tzinfo=UTC)
    assert span.end == datetime(2026, 3, 29, 22, 0, tzinfo=UTC)


@pytest.mark.parametrize("words", ["D03", "d3", "device 3", "battery no 3", "string 03", "D-03"])
def test_a_device_is_found_however_it_is_written(words: str) -> None:
    assert read(f"soc of {words} please").mentions.devices == ("D03",)


def test_lists_of_devices_are_read_whole() -> None:
    assert read("compare d1, d2 and d5").mentions.devices == ("D01", "D02", "D05")


@pytest.mark.parametrize("words", ["Harbor", "harbour", "HARBOR", "site 2", "S02"])
def test_a_site_is_found_with_typos(words: str) -> None:
    assert read(f"temperature at {words} now").mentions.sites == ("Harbor",)


def test_a_site_in_two_words_is_the_site() -> None:
    assert read("voltage at north gate").mentions.sites == ("Northgate",)


def test_unknown_names_are_kept_as_they_were_said() -> None:
    assert read("how hot is D42").mentions.devices == ("D42",)
    assert read("temperature at Westpark").mentions.sites == ("Westpark",)


@pytest.mark.parametrize(
    ("question", "field"),
    [
        ("ripple on the bus at D01", "dc_ripple_voltage_mv"),
        ("how full is d2", "soc_pct"),
        ("voltage of the charger", "rectifier_voltage_v"),
        ("current on phase 2", "ac_current_l2_a"),
        ("input current l2", "ac_current_l2_a"),
        ("current temperature of d1", "cell_temperature_c"),
        ("room temp", "ambient_temperature_c"),
        ("tempreature of d1", "cell_temperature_c"),
        ("ohmic value", "internal_resistance_mohm"),
        ("dc ripple voltage", "dc_ripple_voltage_mv"),
    ],
)
def test_fields_are_found_by_jargon_owner_and_typo(question: str, field: str) -> None:
    assert read(question).field_names == (field,)


def test_thresholds_are_converted_to_the_unit_of_the_field() -> None:
    threshold = read("was d2 ever above 95 °F").threshold
    assert threshold is not None
    assert threshold_in("°C", threshold) == 35.0
    below = read("did any cell go under 2100 mV").threshold
    assert below is not None
    assert (below.direction, threshold_in("V", below)) == ("below", 2.1)


@pytest.mark.parametrize(
    ("question", "statistic"),
    [
        ("average soc yesterday", "mean"),
        ("lowest voltage last week", "min"),
        ("peak temperature today", "max"),
        ("how much did the temperature swing yesterday", "range"),
    ],
)
def test_statistics_are_read(question: str, statistic: str) -> None:
    assert read(question).statistic == statistic


@pytest.mark.parametrize(
    ("question", "tool"),
    [
        ("how much juice is left in D02", "latest_readings"),
        ("of the amp hours we push into D02 how much do we get back out", "efficiency"),
        ("how efficient is the charger of D02", "efficiency"),
    ],
)
def test_a_value_that_is_named_is_not_a_question_of_efficiency(question: str, tool: str) -> None:
    assert settle_tool("efficiency", read(question), 0.9) == tool
