"""The one door to SQL: opens SQLite or PostgreSQL, begins transactions, and names what went wrong."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection, Dialect
from sqlalchemy.types import DateTime, TypeDecorator

from tools.clock import to_utc
from tools.errors import (
    DatabaseBusyError,
    DatabaseCorruptError,
    DatabaseError,
    DatabaseFullError,
    DatabaseMissingError,
    DatabaseReadOnlyError,
    DatabaseSchemaError,
)

# Every table of the product hangs on this object, whichever folder declares it.
metadata = sa.MetaData()

# The newest migration in tools/migrations/versions; a test compares. Known here so that a normal start
# need not load Alembic.
SCHEMA_REVISION = "0007"
POSTGRES_SCHEMA = "battery"
BUSY_TIMEOUT_MS = 5000


class UtcDateTime(TypeDecorator[datetime]):
    """A moment, always UTC: text without zone in SQLite, timestamptz in PostgreSQL."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        return dialect.type_descriptor(DateTime(timezone=dialect.name == "postgresql"))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        moment = to_utc(value)
        return moment if dialect.name == "postgresql" else moment.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Database:
    """A battery database that is open and has this version's tables."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection to read with."""
        with named_errors(), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction: all of it is kept or nothing is. Takes SQLite's write lock at once."""
        with (
            named_errors(),
            self.engine.connect().execution_options(write=True) as connection,
            connection.begin(),
        ):
            yield connection

    def size_bytes(self) -> int:
        """How much the database holds."""
        with self.read() as connection:
            if self.is_sqlite:
                pages, each = (connection.scalar(sa.text(f"PRAGMA {name}")) for name in ("page_count", "page_size"))
                return int(pages) * int(each)
            return int(connection.scalar(sa.text("SELECT pg_database_size(current_database())")))

    def close(self) -> None:
        self.engine.dispose()


@contextmanager
def named_errors() -> Iterator[None]:
    """Turn a driver's error into one of ours that says what would work."""
    try:
        yield
    except sa.exc.DBAPIError as error:
        raise _named(error) from error


def _named(error: sa.exc.DBAPIError) -> DatabaseError:
    text = str(error.orig).lower()
    if "locked" in text or "busy" in text:
        return DatabaseBusyError("The database is locked by another process.", "Try again in a moment.")
    if "readonly" in text or "read-only" in text:
        return DatabaseReadOnlyError(
            "The database cannot be written.", "Check the permissions of DATA_DIR and its files."
        )
    if "disk is full" in text or "disk full" in text or "no space left" in text:
        return DatabaseFullError("The disk is full; nothing of this change was kept.", "Free some space.")
    if "malformed" in text or "not a database" in text or "disk image" in text:
        return DatabaseCorruptError(
            "The database file is damaged or is not a database.",
            "Move it away and restore a copy, or start with an empty DATA_DIR.",
        )
    if "unable to open" in text or "could not connect" in text or "connection refused" in text:
        return DatabaseMissingError(
            "The database cannot be opened.", "Check DATA_DIR, DATABASE_PATH or DATABASE_URL."
        )
    if "no such table" in text or "no such column" in text or "undefinedtable" in text:
        return DatabaseSchemaError("The database lacks tables or columns of this version.", "Run `make run`.")
    return DatabaseError(f"The database refused: {error.orig}")


def sqlite_url(path: Path) -> str:
    """The address of a SQLite file."""
    return f"sqlite:///{path}"


def open_database(url: str, *, create: bool = False) -> Database:
    """Open a database and bring its tables to this version.

    Args:
        url: SQLAlchemy address, for example "sqlite:////data/battery_monitoring.db".
        create: make the tables where there are none; otherwise a missing database is an error.

    Raises:
        DatabaseError: missing, read-only, locked, damaged, or with tables we do not know.
    """
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        _check_sqlite_file(address.database, create)
    database = Database(_engine(address))
    revision = _revision(database)
    if revision != SCHEMA_REVISION:
        _migrate(database, revision, create)
    return database


def _check_sqlite_file(name: str | None, create: bool) -> None:
    if not name or name == ":memory:":
        return
    path = Path(name)
    if create:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    elif not path.exists():
        raise DatabaseMissingError(
            f"There is no database at {path}.",
            "Run `python app.py demo` for a simulated fleet, or `python app.py import FILE ...` for your own data.",
        )


def _engine(address: sa.URL) -> Engine:
    if address.get_backend_name() == "sqlite":
        engine = sa.create_engine(address, connect_args={"timeout": BUSY_TIMEOUT_MS / 1000})
        sa.event.listen(engine, "connect", _prepare_sqlite)
        sa.event.listen(engine, "begin", _begin_sqlite)
        return engine
    engine = sa.create_engine(address.set(drivername="postgresql+psycopg"), pool_pre_ping=True)
    sa.event.listen(engine, "connect", _prepare_postgres)
    return engine


def _prepare_sqlite(connection: DBAPIConnection, record: object) -> None:  # noqa: ARG001
    # The driver's own idea of transactions is switched off; _begin_sqlite says BEGIN instead.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout={BUSY_TIMEOUT_MS}",
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
        "trusted_schema=OFF",
        "cache_size=-32000",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    is_write = connection.get_execution_options().get("write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_write else "BEGIN")


def _prepare_postgres(connection: DBAPIConnection, record: object) -> None:  # noqa: ARG001
    cursor = connection.cursor()
    cursor.execute(f"SET search_path TO {POSTGRES_SCHEMA}")
    cursor.execute("SET TIME ZONE 'UTC'")
    cursor.close()
    connection.commit()


def _revision(database: Database) -> str | None:
    with database.read() as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return None
        found = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
        return None if found is None else str(found)


def _migrate(database: Database, revision: str | None, create: bool) -> None:
    with database.read() as connection:
        has_tables = sa.inspect(connection).has_table("battery_data")
    if revision is None and has_tables:
        raise DatabaseSchemaError(
            "The database holds a battery_data table that this program did not make.",
            "Point DATA_DIR (or DATABASE_URL) at another place.",
        )
    if revision is None and not create:
        raise DatabaseMissingError(
            "The database is empty.",
            "Run `python app.py demo` for a simulated fleet, or `python app.py import FILE ...` for your own data.",
        )
    if revision is not None and revision > SCHEMA_REVISION:
        raise DatabaseSchemaError(
            f"The database is of a newer version ({revision}) than this program ({SCHEMA_REVISION}).",
            "Update the program.",
        )
    from alembic import command  # noqa: PLC0415  loaded only when the tables change
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with database.write() as connection:
        if not database.is_sqlite:
            connection.execute(sa.text(f"CREATE SCHEMA IF NOT EXISTS {POSTGRES_SCHEMA}"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
