"""What is stored is what is read: repeats, late rows, latest values, and reading without scanning."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.support.builders import NOW, device, install, readings, site, store
from tools.database import SCHEMA_REVISION, Database, metadata
from tools.telemetry.rollups import fleet_by_hour
from tools.telemetry.schema import hourly_rollups, quarantine
from tools.telemetry.store import ReadingStore

D01 = device()


@pytest.fixture
def fleet(either_database: Database) -> Database:
    install(either_database, [site()], [D01])
    return either_database


def test_the_same_readings_again_are_duplicates(fleet: Database) -> None:
    store(fleet, readings(), [D01])
    again = store(fleet, readings(), [D01])
    assert (again.read, again.stored, again.duplicate, again.rejected) == (96, 0, 96, 0)


def test_other_values_for_a_known_time_are_quarantined(fleet: Database) -> None:
    store(fleet, readings(), [D01])
    changed = store(fleet, readings(soc_pct=50.0), [D01])
    assert (changed.stored, changed.rejected) == (0, 96)
    with fleet.read() as connection:
        reasons = set(connection.scalars(sa.select(quarantine.c.reason)))
    assert reasons == {"same device and time with other values"}


def test_other_values_replace_when_asked_and_the_figures_follow(fleet: Database) -> None:
    store(fleet, readings(), [D01])
    store(fleet, readings(soc_pct=50.0), [D01], replace=True)
    figures = ReadingStore(fleet).figures("soc_pct", ["D01"], NOW - timedelta(days=2), NOW + timedelta(days=1))
    assert (figures["D01"].count, figures["D01"].mean) == (96, 50.0)


def test_a_late_reading_corrects_its_hour_and_not_the_latest_row(fleet: Database) -> None:
    store(fleet, readings(days=1), [D01])
    late = readings(days=1 / 96, end=NOW - timedelta(minutes=7), soc_pct=10.0)
    store(fleet, late, [D01])
    figures = ReadingStore(fleet).figures("soc_pct", ["D01"], NOW - timedelta(hours=1), NOW)
    assert figures["D01"].min == 10.0
    assert ReadingStore(fleet).newest(["D01"])["D01"] == NOW


def test_impossible_values_are_rejected_with_the_reason(fleet: Database) -> None:
    hot = readings(days=2 / 96, cell_temperature_c=[22.0, 400.0])
    result = store(fleet, hot, [D01])
    assert (result.stored, result.rejected) == (1, 1)
    with fleet.read() as connection:
        assert connection.scalar(sa.select(quarantine.c.reason)) == "cell_temperature_c is above its hard range"


def test_latest_of_a_nullable_field_is_its_newest_value_with_its_own_time(fleet: Database) -> None:
    store(fleet, readings(days=3 / 96, float_current_ma=[240.0, 250.0, None]), [D01])
    (latest,) = ReadingStore(fleet).latest(["float_current_ma"], ["D01"])
    assert (latest.value, latest.at) == (250.0, NOW - timedelta(minutes=15))


def test_a_field_without_any_value_has_no_latest_one(fleet: Database) -> None:
    store(fleet, readings(), [D01])
    (latest,) = ReadingStore(fleet).latest(["capacity_test_pct"], ["D01"])
    assert (latest.value, latest.at) == (None, None)


def test_rollups_equal_the_rows_they_were_made_from(fleet: Database) -> None:
    values = [20.0 + step % 7 for step in range(96)]
    store(fleet, readings(cell_temperature_c=values), [D01])
    with fleet.read() as connection:
        hours = fleet_by_hour(connection, "cell_temperature_c", NOW - timedelta(days=2), NOW + timedelta(hours=1))
    assert sum(figures.count for _, figures in hours) == 96
    assert sum(figures.sum or 0 for _, figures in hours) == pytest.approx(sum(values))


def _plans(database: Database, ask: object) -> list[str]:
    """The query plans of everything `ask` reads."""
    statements: list[tuple[str, object]] = []

    def remember(_c: object, _u: object, statement: str, parameters: object, *_: object) -> None:
        statements.append((statement, parameters))

    sa.event.listen(database.engine, "before_cursor_execute", remember)
    ask()  # type: ignore[operator]
    sa.event.remove(database.engine, "before_cursor_execute", remember)
    with database.read() as connection:
        return [
            str(step[3])
            for statement, parameters in statements
            if statement.startswith("SELECT")
            for step in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)  # type: ignore[arg-type]
        ]


def test_common_questions_never_scan_the_readings(database: Database) -> None:
    install(database, [site()], [D01])
    store(database, readings(days=2), [D01])
    reader, month = ReadingStore(database), timedelta(days=35)

    def fleet_hours() -> None:
        with database.read() as connection:
            fleet_by_hour(connection, "soc_pct", NOW - month, NOW)

    plans = [
        *_plans(database, lambda: reader.latest(["soc_pct", "float_current_ma"], ["D01"])),
        *_plans(database, lambda: reader.newest(["D01"])),
        *_plans(database, lambda: reader.spans(["D01"])),
        *_plans(database, lambda: reader.rows(["soc_pct"], ["D01"], NOW - timedelta(days=1), NOW)),
        *_plans(database, lambda: reader.figures("soc_pct", ["D01"], NOW - month, NOW)),
        *_plans(database, fleet_hours),
    ]
    assert plans
    assert [plan for plan in plans if plan.startswith("SCAN battery_data")] == []


def test_the_migrations_make_the_tables_the_code_declares(either_database: Database) -> None:
    import assistant.llmops.conversations  # noqa: F401, PLC0415  its tables hang on the same metadata

    with either_database.read() as connection:
        found = sa.inspect(connection)
        stored = {name: {column["name"] for column in found.get_columns(name)} for name in found.get_table_names()}
        indexes = {name: {index["name"] for index in found.get_indexes(name)} for name in found.get_table_names()}
        version = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
    declared = {table.name: set(table.columns.keys()) for table in metadata.tables.values()}
    assert {name: stored.get(name) for name in declared} == declared
    assert version == SCHEMA_REVISION
    for table in metadata.tables.values():
        assert {index.name for index in table.indexes} <= indexes[table.name]


def test_an_hour_without_rows_left_has_no_rollup(fleet: Database) -> None:
    store(fleet, readings(days=0.5), [D01])
    with fleet.read() as connection:
        hours = list(connection.scalars(sa.select(hourly_rollups.c.hour_utc)))
    assert min(hours) >= NOW - timedelta(hours=13)
