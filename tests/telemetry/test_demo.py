"""The demo fills an empty database with what ingest itself would have made of the same rows."""

import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy as sa

from tests.support.builders import NOW, device, install, site
from tests.support.databases import fresh_sqlite
from tests.support.simulations import fault_on, fleet_of, steady_site, string
from tools.database import Database
from tools.errors import BadArgumentError
from tools.telemetry.demo import DemoSummary, make_demo
from tools.telemetry.demo_fleet import SITES, demo_fleet
from tools.telemetry.faults import FaultKind
from tools.telemetry.ingest import add_device, add_site, ingest_cells, ingest_readings
from tools.telemetry.schema import (
    battery_data,
    cell_readings,
    devices,
    hourly_rollups,
    injected_faults,
    latest_readings,
    simulated_truth,
    simulator_state,
    sites,
)
from tools.telemetry.simulator import simulate

A_MOMENT_LATER = NOW + timedelta(minutes=7)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A demo of 500 records."""
    database = fresh_sqlite(tmp_path_factory.mktemp("demo"))
    make_demo(database, now=A_MOMENT_LATER, days=10, records=500)
    yield database
    database.close()


def _count(database: Database, table: sa.Table) -> int:
    with database.read() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def _frame(database: Database, table: sa.Table, *leave_out: str) -> pd.DataFrame:
    """All rows of a table, without columns that are only keys."""
    names = [column.name for column in table.columns if column.name not in leave_out]
    order = [table.c[name] for name in names if name in ("device_id", "timestamp_utc", "hour_utc")]
    with database.read() as connection:
        rows = connection.execute(sa.select(*(table.c[name] for name in names)).order_by(*order)).all()
    return pd.DataFrame(rows, columns=names)


def test_the_small_demo_has_as_many_records_as_asked_evenly_over_the_devices(small: Database) -> None:
    with small.read() as connection:
        counts = connection.execute(
            sa.select(battery_data.c.device_id, sa.func.count()).group_by(battery_data.c.device_id)
        ).all()
    assert _count(small, battery_data) == 500
    assert {count for _, count in counts} == {62, 63}


def test_the_demo_has_five_sites_and_eight_devices(small: Database) -> None:
    assert (_count(small, sites), _count(small, devices)) == (5, 8)
    assert _count(small, simulator_state) == 1
    assert _count(small, latest_readings) == 8


def test_the_last_reading_is_at_the_newest_full_quarter_hour(small: Database) -> None:
    with small.read() as connection:
        newest = connection.scalars(
            sa.select(sa.func.max(battery_data.c.timestamp_utc)).group_by(battery_data.c.device_id)
        )
        received = connection.scalar(sa.select(sa.func.max(battery_data.c.received_utc)))
        assert set(newest) == {NOW}
    assert received is not None
    assert received <= A_MOMENT_LATER


def test_cells_and_truth_go_back_as_far_as_the_readings(small: Database) -> None:
    with small.read() as connection:
        first_cell = connection.scalar(sa.select(sa.func.min(cell_readings.c.timestamp_utc)))
        first_truth = connection.scalar(sa.select(sa.func.min(simulated_truth.c.timestamp_utc)))
    assert first_cell is not None
    assert first_truth is not None
    assert max(first_cell, first_truth) <= NOW - timedelta(days=9)


def test_the_injected_faults_are_kept_as_the_key_of_the_evals(small: Database) -> None:
    with small.read() as connection:
        kinds = set(connection.scalars(sa.select(injected_faults.c.kind)))
    assert {"dry_out", "soft_short", "high_resistance_joint", "rectifier_modules_lost"} < kinds


def test_a_demo_does_not_go_into_a_database_that_holds_devices(database: Database) -> None:
    install(database, [site()], [device()])
    with pytest.raises(BadArgumentError) as error:
        make_demo(database, now=NOW, days=1)
    assert "empty" in error.value.hint
    assert _count(database, battery_data) == 0


@pytest.mark.parametrize(("days", "records"), [(0, None), (30, 3)])
def test_a_demo_of_nothing_is_refused(database: Database, days: int, records: int | None) -> None:
    with pytest.raises(BadArgumentError):
        make_demo(database, now=NOW, days=days, records=records)


def test_the_demo_equals_what_ingest_would_have_made(database: Database, tmp_path: Path) -> None:
    fleet = fleet_of([string("D01"), string("D02")])
    faults = [fault_on("D02", FaultKind.SOFT_SHORT, days_ago=1, cell_no=3)]
    make_demo(database, now=A_MOMENT_LATER, days=2, seed=5, fleet=fleet, faults=faults)
    same = simulate(fleet, NOW - timedelta(days=2), NOW, seed=5, faults=faults)
    other = fresh_sqlite(tmp_path / "other")
    with other.write() as connection:
        for one_site in fleet.plain().sites:
            add_site(connection, one_site)
        for one_device in fleet.plain().devices:
            add_device(connection, one_device)
        result = ingest_readings(connection, same.readings, fleet.plain().devices, source="test", now=A_MOMENT_LATER)
        ingest_cells(connection, same.cells)
    assert result.rejected == 0
    for table in (battery_data, latest_readings, hourly_rollups):
        pd.testing.assert_frame_equal(_frame(database, table, "record_id"), _frame(other, table, "record_id"))
    pd.testing.assert_frame_equal(_frame(database, cell_readings), _frame(other, cell_readings))
    other.close()


def test_progress_goes_from_nothing_to_done(database: Database) -> None:
    seen: list[float] = []
    make_demo(database, now=NOW, days=3, fleet=fleet_of([string()]), progress=lambda done, _: seen.append(done))
    assert seen == sorted(seen)
    assert seen[-1] == 1.0


def test_the_summary_says_what_was_made(database: Database) -> None:
    summary = make_demo(database, now=NOW, days=1, fleet=fleet_of([string()], [steady_site()]))
    assert summary == DemoSummary(
        sites=1,
        devices=1,
        readings=_count(database, battery_data),
        cell_readings=24 * 24,
        faults=0,
        start=NOW - timedelta(days=1),
        end=NOW,
    )


def test_the_demo_works_on_each_kind_of_database(either_database: Database) -> None:
    make_demo(either_database, now=NOW, days=1, fleet=fleet_of([string()]))
    assert _count(either_database, cell_readings) == 24 * 24


def test_the_default_demo_has_deep_discharges_and_is_made_in_half_a_minute(database: Database) -> None:
    started = time.process_time()
    make_demo(database, now=NOW)
    assert time.process_time() - started < 30
    with database.read() as connection:
        lowest = connection.scalar(sa.select(sa.func.min(battery_data.c.soc_pct)))
        modes = set(connection.scalars(sa.select(battery_data.c.charger_mode).distinct()))
    assert lowest is not None
    assert lowest < 60
    assert modes == {"float", "boost", "discharge"}


def test_sites_of_the_demo_differ_in_climate_zone_and_supply() -> None:
    assert len({one.climate for one in SITES}) == len({one.time_zone for one in SITES}) == 5
    assert [one.site_id for one in SITES if one.phases == 1] == ["S04"]
    assert [one.site_id for one in SITES if one.has_generator] == ["S02"]
    assert [one.site_id for one in SITES if one.has_weak_grid] == ["S05"]


def test_ages_of_the_demo_strings_reach_from_new_to_the_end_of_life() -> None:
    installed = [one.install_date for one in demo_fleet(NOW).devices]
    ages = sorted((NOW.date() - (day or date.max)).days / 365.25 for day in installed)
    assert ages[0] < 1
    assert 10 < ages[-1] < 11
