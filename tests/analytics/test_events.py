"""Outages are counted once a site, discharges by their current, and a gap in the data ends nothing twice."""

from datetime import timedelta
from typing import Any

import pytest

from tests.support.builders import NOW, device, install, readings, site, store
from tools.analytics.events import EventKind, EventReport, find_events
from tools.database import Database
from tools.errors import NoDataError
from tools.quantity import Window
from tools.telemetry.store import ReadingStore

D01, D02 = device(), device("D02")
DAYS = Window(start=NOW - timedelta(days=2), end=NOW + timedelta(minutes=1))
# Two outages of one hour each, the second still going on.
STATES = ["ok"] * 50 + ["lost"] * 4 + ["ok"] * 38 + ["generator"] * 4
CURRENTS = [0.3] * 50 + [-40.0] * 4 + [20.0] * 38 + [0.3] * 4


def events(database: Database, kind: EventKind, **values: Any) -> EventReport:
    install(database, [site()], [D01, D02])
    for one in (D01, D02):
        store(database, readings(one.device_id, **values), [one])
    reader = ReadingStore(database)
    return find_events(reader, reader.fleet(), [D01, D02], kind, DAYS)


def test_an_outage_seen_by_two_devices_is_one_outage_of_the_site(database: Database) -> None:
    report = events(database, "outage", mains_state=STATES, string_current_a=CURRENTS)
    assert report.count.value == 2
    assert [event.name for event in report.events] == ["Northgate", "Northgate"]


def test_being_on_generator_is_part_of_an_outage_and_may_still_go_on(database: Database) -> None:
    report = events(database, "outage", mains_state=STATES, string_current_a=CURRENTS)
    assert [event.is_over for event in report.events] == [True, False]


def test_an_outage_lasts_until_the_first_reading_after_it(database: Database) -> None:
    report = events(database, "outage", mains_state=STATES, string_current_a=CURRENTS)
    assert report.events[0].duration.value == 1.0


def test_each_string_discharges_by_itself(database: Database) -> None:
    report = events(database, "discharge", mains_state=STATES, string_current_a=CURRENTS)
    assert {event.name: event.duration.value for event in report.events} == {"D01": 1.0, "D02": 1.0}


def test_a_discharge_is_deep_below_half_charge(database: Database) -> None:
    charge = [99.0] * 50 + [80.0, 60.0, 49.0, 45.0] + [70.0] * 42
    report = events(database, "deep_discharge", mains_state=STATES, string_current_a=CURRENTS, soc_pct=charge)
    assert [event.lowest_soc.value for event in report.events] == [45.0, 45.0]


def test_no_event_is_a_count_of_zero(database: Database) -> None:
    assert events(database, "boost").count.value == 0


def test_readings_that_cannot_show_an_event_are_no_data_not_zero(database: Database) -> None:
    with pytest.raises(NoDataError):
        events(database, "outage", mains_state=None)
