"""Reading a device once gives the same rows as asking the database each time."""

from datetime import datetime, timedelta

import pandas as pd

from tests.support.builders import NOW, cells, device, install, readings, site, store, store_cells
from tools.database import Database
from tools.quantity import Window
from tools.telemetry.read_once import ReadOnceStore
from tools.telemetry.store import ReadingStore

KNOWN = Window(start=NOW - timedelta(days=10), end=NOW + timedelta(days=1))
FIELDS = ["string_voltage_v", "mains_state", "float_current_ma"]


def two_devices(database: Database) -> ReadOnceStore:
    fleet = [device("D01"), device("D02")]
    install(database, [site()], fleet)
    store(database, readings("D01", days=2, float_current_ma=None), fleet)
    store(database, readings("D02", days=2, string_voltage_v=53.0), fleet)
    store_cells(database, cells("D01", at=NOW - timedelta(hours=1)))
    return ReadOnceStore(database, KNOWN)


def rows_of(one: ReadingStore, device_id: str, start: datetime, end: datetime) -> pd.DataFrame:
    return one.rows(FIELDS, [device_id], start, end)


def test_rows_are_those_of_the_store(database: Database) -> None:
    once = two_devices(database)
    start, end = NOW - timedelta(hours=30), NOW - timedelta(minutes=15)
    pd.testing.assert_frame_equal(
        rows_of(once, "D01", start, end), rows_of(ReadingStore(database), "D01", start, end), check_dtype=False
    )


def test_another_device_is_not_mistaken_for_the_one_in_memory(database: Database) -> None:
    once = two_devices(database)
    rows_of(once, "D01", NOW - timedelta(days=1), NOW)
    assert set(rows_of(once, "D02", NOW - timedelta(days=1), NOW)["string_voltage_v"]) == {53.0}


def test_what_lies_outside_the_window_comes_from_the_database(database: Database) -> None:
    once = two_devices(database)
    assert len(rows_of(once, "D01", NOW - timedelta(days=20), NOW)) == 191


def test_a_caller_may_change_what_it_got(database: Database) -> None:
    once = two_devices(database)
    mine = rows_of(once, "D01", NOW - timedelta(days=1), NOW)
    mine["string_voltage_v"] = 0.0
    mine.loc[mine.index[0], "mains_state"] = "lost"
    assert set(rows_of(once, "D01", NOW - timedelta(days=1), NOW)["mains_state"]) == {"ok"}


def test_cells_are_those_of_the_store(database: Database) -> None:
    once = two_devices(database)
    span = (NOW - timedelta(days=1), NOW)
    pd.testing.assert_frame_equal(once.cell_sets("D01", *span), ReadingStore(database).cell_sets("D01", *span))
