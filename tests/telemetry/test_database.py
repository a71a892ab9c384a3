"""A database that cannot serve says why and what would work."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.support.databases import fresh_sqlite
from tools.database import open_database, sqlite_url
from tools.errors import DatabaseCorruptError, DatabaseFullError, DatabaseMissingError, DatabaseSchemaError


def test_a_missing_database_names_the_commands_that_make_one(tmp_path: Path) -> None:
    with pytest.raises(DatabaseMissingError) as error:
        open_database(sqlite_url(tmp_path / "none.db"))
    assert "python app.py demo" in error.value.hint


def test_a_damaged_file_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "battery_monitoring.db"
    path.write_bytes(b"this is not a database" * 500)
    with pytest.raises(DatabaseCorruptError):
        open_database(sqlite_url(path))


def test_tables_of_a_newer_program_are_left_alone(tmp_path: Path) -> None:
    database = fresh_sqlite(tmp_path)
    with database.write() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    database.close()
    with pytest.raises(DatabaseSchemaError) as error:
        open_database(sqlite_url(tmp_path / "battery_monitoring.db"))
    assert "newer version (9999)" in error.value.message


def test_tables_of_another_program_are_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    engine = sa.create_engine(sqlite_url(path))
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE battery_data (anything TEXT)"))
    engine.dispose()
    with pytest.raises(DatabaseSchemaError):
        open_database(sqlite_url(path), create=True)


def test_a_full_disk_keeps_nothing_of_the_change(tmp_path: Path) -> None:
    database = fresh_sqlite(tmp_path)
    # SQLite itself refuses to grow past this many pages, as it would on a full disk.
    with pytest.raises(DatabaseFullError), database.write() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        for number in range(5000):
            connection.execute(
                sa.text("INSERT INTO sites (site_id, name, time_zone) VALUES (:key, :name, 'UTC')"),
                {"key": f"S{number}", "name": f"Site {number} " + "x" * 500},
            )
    with database.read() as connection:
        assert connection.scalar(sa.text("SELECT COUNT(*) FROM sites")) == 0
    database.close()


def test_a_new_folder_is_private(tmp_path: Path) -> None:
    database = open_database(sqlite_url(tmp_path / "data" / "battery_monitoring.db"), create=True)
    database.close()
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700
