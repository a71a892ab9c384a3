"""The live feed goes on where the simulation stopped, without gaps and without duplicates."""

from datetime import timedelta
from itertools import pairwise

import pytest
import sqlalchemy as sa

from tests.support.builders import NOW, device, install, readings, site, store
from tests.support.simulations import fleet_of, string
from tools.clock import FixedClock
from tools.database import Database
from tools.errors import DatabaseError
from tools.telemetry.demo import make_demo
from tools.telemetry.live import LiveFeed
from tools.telemetry.schema import (
    battery_data,
    cell_readings,
    hourly_rollups,
    live_readings,
    quarantine,
    simulated_truth,
    simulator_state,
)
from tools.telemetry.store import ReadingStore


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def demo(either_database: Database) -> Database:
    """A day of two strings, up to NOW."""
    make_demo(either_database, now=NOW, days=1, fleet=fleet_of([string("D01"), string("D02")]))
    return either_database


def _count(database: Database, table: sa.Table) -> int:
    with database.read() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def _times(database: Database, device_id: str = "D01") -> list[object]:
    with database.read() as connection:
        query = sa.select(battery_data.c.timestamp_utc).where(battery_data.c.device_id == device_id)
        return list(connection.scalars(query.order_by(battery_data.c.timestamp_utc)))


def test_without_a_simulation_the_feed_says_so_and_does_nothing(database: Database, clock: FixedClock) -> None:
    install(database, [site()], [device()])
    store(database, readings(), [device()])
    feed = LiveFeed(database, clock)
    clock.move(timedelta(hours=1))
    assert not feed.is_available
    assert (feed.catch_up(), feed.tick()) == (0, 0)
    assert (_count(database, battery_data), _count(database, live_readings)) == (96, 0)


def test_the_gap_since_the_last_run_is_filled_without_duplicates(demo: Database, clock: FixedClock) -> None:
    clock.move(timedelta(hours=30, minutes=4))
    before = len(_times(demo))
    feed = LiveFeed(demo, clock)
    assert feed.is_available
    feed.catch_up()
    times = _times(demo)
    assert len(times) - before == pytest.approx(120, abs=8)
    assert len(set(times)) == len(times)
    assert times[-1] == NOW + timedelta(hours=30)
    assert _count(demo, quarantine) == 0


def test_catching_up_twice_changes_nothing(demo: Database, clock: FixedClock) -> None:
    clock.move(timedelta(hours=3))
    first = LiveFeed(demo, clock).catch_up()
    assert first > 0
    assert LiveFeed(demo, clock).catch_up() == 0


def test_filled_hours_have_cells_truth_and_rollups(demo: Database, clock: FixedClock) -> None:
    before = [_count(demo, table) for table in (cell_readings, simulated_truth, hourly_rollups)]
    clock.move(timedelta(hours=3))
    LiveFeed(demo, clock).catch_up()
    after = [_count(demo, table) for table in (cell_readings, simulated_truth, hourly_rollups)]
    assert [new - old for new, old in zip(after, before, strict=True)] == [3 * 2 * 24, 3 * 2 * 24, 3 * 2]


def test_the_simulation_goes_on_smoothly_over_a_restart(demo: Database, clock: FixedClock) -> None:
    clock.move(timedelta(hours=2))
    LiveFeed(demo, clock).catch_up()
    clock.move(timedelta(hours=2))
    LiveFeed(demo, clock).catch_up()
    with demo.read() as connection:
        query = sa.select(battery_data.c.cell_temperature_c, battery_data.c.cell_voltage_v).where(
            battery_data.c.device_id == "D01", battery_data.c.timestamp_utc > NOW - timedelta(hours=4)
        )
        rows = connection.execute(query.order_by(battery_data.c.timestamp_utc)).all()
    assert max(abs(later[0] - earlier[0]) for earlier, later in pairwise(rows)) <= 0.3
    assert max(abs(later[1] - earlier[1]) for earlier, later in pairwise(rows)) <= 0.01


def test_a_tick_samples_every_device_and_shows_it_as_the_latest(demo: Database, clock: FixedClock) -> None:
    feed = LiveFeed(demo, clock)
    clock.move(timedelta(minutes=2))
    assert feed.tick() == 2
    assert ReadingStore(demo).newest(["D01", "D02"]) == dict.fromkeys(["D01", "D02"], clock.now())
    assert _count(demo, live_readings) == 2
    assert len(_times(demo)) == len(set(_times(demo)))


def test_a_second_tick_at_the_same_moment_adds_nothing(demo: Database, clock: FixedClock) -> None:
    clock.move(timedelta(minutes=2))
    LiveFeed(demo, clock).tick()
    LiveFeed(demo, clock).tick()
    assert _count(demo, live_readings) == 2


def test_ticks_over_a_full_quarter_hour_store_one_row_for_good(demo: Database, clock: FixedClock) -> None:
    feed, before = LiveFeed(demo, clock), len(_times(demo))
    for _ in range(8):
        clock.move(timedelta(minutes=2, seconds=5))
        feed.tick()
    assert _times(demo)[before:] == [NOW + timedelta(minutes=15)]
    assert _count(demo, live_readings) == 16


def test_live_rows_are_kept_for_a_day(demo: Database, clock: FixedClock) -> None:
    feed = LiveFeed(demo, clock)
    clock.move(timedelta(minutes=1))
    feed.tick()
    clock.move(timedelta(hours=24, minutes=1))
    feed.tick()
    assert _count(demo, live_readings) == 2


def test_the_state_is_as_old_as_the_last_stored_row(demo: Database, clock: FixedClock) -> None:
    clock.move(timedelta(minutes=50))
    LiveFeed(demo, clock).tick()
    with demo.read() as connection:
        saved = connection.scalar(sa.select(simulator_state.c.saved_utc))
    assert saved == NOW + timedelta(minutes=45)


def test_of_a_long_gap_only_the_last_thirty_days_are_filled(database: Database, clock: FixedClock) -> None:
    make_demo(database, now=NOW, days=1, fleet=fleet_of([string("D01")]))
    before = len(_times(database))
    clock.move(timedelta(days=100))
    LiveFeed(database, clock).catch_up()
    times = _times(database)
    assert len(times) - before == pytest.approx(30 * 96, abs=80)
    assert times[before] >= NOW + timedelta(days=70)  # type: ignore[operator]


def test_a_clock_set_back_does_not_stop_the_feed(demo: Database, clock: FixedClock) -> None:
    feed = LiveFeed(demo, clock)
    clock.move(timedelta(hours=1))
    feed.tick()
    clock.move(timedelta(hours=-2))
    assert feed.tick() == 0
    clock.move(timedelta(hours=3))
    assert feed.tick() == 2


def test_a_write_that_fails_is_done_again_in_full(database: Database, clock: FixedClock) -> None:
    make_demo(database, now=NOW, days=1, fleet=fleet_of([string("D01")]))
    before = len(_times(database))
    feed = LiveFeed(database, clock)
    clock.move(timedelta(hours=1))
    _make_read_only(database, is_read_only=True)
    with pytest.raises(DatabaseError):
        feed.catch_up()
    _make_read_only(database, is_read_only=False)
    assert feed.catch_up() == len(_times(database)) - before > 0
    assert _times(database)[-1] == NOW + timedelta(hours=1)


def _make_read_only(database: Database, *, is_read_only: bool) -> None:
    """Let SQLite refuse to write, on the pool's one connection."""
    with database.read() as connection:
        connection.exec_driver_sql(f"PRAGMA query_only={'ON' if is_read_only else 'OFF'}")


def test_progress_of_catching_up_ends_at_one(demo: Database, clock: FixedClock) -> None:
    seen: list[float] = []
    clock.move(timedelta(days=2, hours=1))
    LiveFeed(demo, clock).catch_up(lambda done, _: seen.append(done))
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
