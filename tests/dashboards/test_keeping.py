"""Results kept by data version, and health that is judged again only where rows have come, within a request's patience."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from assistant.dashboards.board import Board
from assistant.dashboards.health_book import PATIENCE_S, HealthBook
from assistant.dashboards.kept import KeptResults
from tests.support import builders
from tools.clock import FixedClock
from tools.database import Database
from tools.telemetry.store import ReadingStore

IDS = ("D01", "D02", "D03")


class SlowWatch:
    """A watch on which each look takes as long as a request may judge."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        self.at += PATIENCE_S
        return self.at


@pytest.fixture
def store(database: Database) -> Iterator[ReadingStore]:
    """Three healthy devices with a day of readings."""
    devices = [builders.device(name) for name in IDS]
    builders.install(database, [builders.site()], devices)
    for name in IDS:
        builders.store(database, builders.readings(name), devices)
    yield ReadingStore(database)


def new_rows(store: ReadingStore, *names: str) -> None:
    """A new row of each device."""
    devices = store.fleet().devices
    for name in names:
        rows = builders.readings(name, days=1 / 96, end=builders.NOW + timedelta(seconds=4))
        builders.store(store.database, rows, devices)


def test_result_is_made_once_for_a_version_and_anew_for_the_next() -> None:
    kept, made = KeptResults(), []

    def make() -> int:
        made.append(1)
        return len(made)

    assert [kept.get("a", version, make) for version in (1, 1, 2, 2)] == [1, 1, 2, 2]


def test_the_question_asked_longest_ago_is_forgotten_first() -> None:
    kept = KeptResults(most=2)
    for question in ("a", "b", "a", "c"):
        kept.get(question, 1, lambda: "first")
    assert kept.get("a", 1, lambda: "again") == "first"
    assert kept.get("b", 1, lambda: "again") == "again"


def test_device_is_judged_again_once_it_has_new_rows_and_the_others_are_not(store: ReadingStore) -> None:
    kept, book, clock = KeptResults(), HealthBook(), FixedClock(builders.NOW)
    Board(store, clock, kept, book).health()
    assert book.generation == 3
    new_rows(store, "D02")
    Board(store, clock, kept, book).health()
    assert book.generation == 4


def test_silent_fleet_is_judged_again_after_an_hour(store: ReadingStore) -> None:
    kept, book, clock = KeptResults(), HealthBook(), FixedClock(builders.NOW)
    Board(store, clock, kept, book).health()
    clock.move(timedelta(minutes=59))
    Board(store, clock, kept, book).health()
    assert book.generation == 3
    clock.move(timedelta(minutes=1))
    Board(store, clock, kept, book).health()
    assert book.generation == 6


def test_request_waits_no_longer_than_its_patience_and_the_next_goes_on(store: ReadingStore) -> None:
    kept, book, clock = KeptResults(), HealthBook(SlowWatch()), FixedClock(builders.NOW)
    assert len(Board(store, clock, kept, book).health().devices) == 3
    new_rows(store, *IDS)
    judged = []
    for _ in range(3):
        Board(store, clock, kept, book).health()
        judged.append(book.generation - 3)
    assert judged == [1, 2, 3]
