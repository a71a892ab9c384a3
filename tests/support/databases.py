"""Fresh databases for tests: SQLite always, PostgreSQL where TEST_POSTGRES_URL names a server."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from tools.database import POSTGRES_SCHEMA, Database, open_database, sqlite_url


def fresh_sqlite(folder: Path) -> Database:
    """An empty database with this version's tables."""
    return open_database(sqlite_url(folder / "battery_monitoring.db"), create=True)


@contextmanager
def fresh_postgres() -> Iterator[Database]:
    """The same on PostgreSQL; skips without a server, except in CI, where that is a failure."""
    url = os.environ.get("TEST_POSTGRES_URL")
    if not url:
        reason = "Set TEST_POSTGRES_URL, for example postgresql://postgres@127.0.0.1:5432/test, to run this."
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    engine = sa.create_engine(sa.engine.make_url(url).set(drivername="postgresql+psycopg"))
    with engine.begin() as connection:
        connection.execute(sa.text(f"DROP SCHEMA IF EXISTS {POSTGRES_SCHEMA} CASCADE"))
    database = open_database(url, create=True)
    yield database
    database.close()
    with engine.begin() as connection:
        connection.execute(sa.text(f"DROP SCHEMA IF EXISTS {POSTGRES_SCHEMA} CASCADE"))
    engine.dispose()
