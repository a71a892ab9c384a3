"""Fixtures of the API's tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from assistant.api.server import build_app
from tests.support import board_fleet
from tests.support.servers import Gate, asking, no_pages, scripted_opening, settings_for
from tools.database import Database


def served(database: Database, folder: Path) -> Iterator[TestClient]:
    """A client of a server on a database that exists."""
    address = database.engine.url.render_as_string(hide_password=False)
    app = build_app(settings_for(folder, database_url=address), open_up=scripted_opening, mount=no_pages)
    with asking(app) as client:
        yield client


@pytest.fixture
def board(either_database: Database, tmp_path: Path) -> Iterator[TestClient]:
    """A client of a server with the small fleet, on each kind of database in turn."""
    board_fleet.fill(either_database)
    yield from served(either_database, tmp_path)


@pytest.fixture
def sqlite_board(database: Database, tmp_path: Path) -> Iterator[TestClient]:
    """The same on SQLite alone, for what does not depend on the database."""
    board_fleet.fill(database)
    yield from served(database, tmp_path)


@pytest.fixture
def gate() -> Iterator[Gate]:
    """A start that waits to be let on, at the latest when the test is over."""
    made = Gate()
    yield made
    made.open.set()
