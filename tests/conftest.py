"""Fixtures every test may ask for."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.databases import fresh_postgres, fresh_sqlite
from tools.database import Database


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """An empty SQLite database."""
    fresh = fresh_sqlite(tmp_path)
    yield fresh
    fresh.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def either_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty database of each kind in turn."""
    if request.param == "sqlite":
        fresh = fresh_sqlite(tmp_path)
        yield fresh
        fresh.close()
        return
    with fresh_postgres() as on_postgres:
        yield on_postgres
