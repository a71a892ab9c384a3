"""What a file holds is what is stored, once, in our units and UTC; or nothing is, and the reason is said."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy as sa

from tests.support.builders import NOW, device, install, site
from tools.database import Database
from tools.errors import ImportFileError
from tools.telemetry.importing import ImportOrder, ImportSummary, Progress, import_file, parse_mapping
from tools.telemetry.schema import battery_data, devices, imports, quarantine, sites
from tools.telemetry.store import ReadingStore

BBOXX = Path(__file__).parents[3] / "shared" / "data" / "bboxx"
LOG = """time,voltage,current,temperature
2026-01-01 00:00,13.2,0.5,
2026-01-01 00:05,,,22.5
2026-01-01 00:10,13.1,-2,
"""


class StoppedError(Exception):
    """Stands for a kill in the middle."""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "files").mkdir()
    yield tmp_path / "files"


def _import(
    database: Database, folder: Path, text: str = LOG, *, progress: Progress | None = None, **how: object
) -> ImportSummary:
    path = folder / "log.csv"
    path.write_text(text)
    order = ImportOrder(**{"path": path, "device": "D01", "site": "Northgate", "cells": 6, **how})  # type: ignore[arg-type]
    return import_file(database, order, now=NOW, progress=progress)


def _stored(database: Database, *fields: str) -> list[tuple[object, ...]]:
    query = sa.select(*(battery_data.c[name] for name in fields)).order_by(battery_data.c.timestamp_utc)
    with database.read() as connection:
        return [tuple(row) for row in connection.execute(query)]


def _quarantined(database: Database) -> list[tuple[str, str]]:
    with database.read() as connection:
        rows = connection.execute(sa.select(quarantine.c.reason, quarantine.c.raw_row))
        return [(row[0], row[1]) for row in rows]


def _counts(database: Database) -> list[int]:
    with database.read() as connection:
        tables = (sites, devices, battery_data, quarantine, imports)
        return [connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0 for table in tables]


def test_half_empty_rows_are_kept_with_nulls(database: Database, folder: Path) -> None:
    summary = _import(database, folder)
    assert summary.closing_line() == "read 3 · stored 3 · duplicate 0 · rejected 0"
    assert _stored(database, "string_voltage_v", "string_current_a", "cell_temperature_c", "soc_pct") == [
        (13.2, 0.5, None, None),
        (None, None, 22.5, None),
        (13.1, -2.0, None, None),
    ]


def test_a_row_carries_what_follows_from_the_device(database: Database, folder: Path) -> None:
    _import(database, folder, site="North Gate 1", capacity_ah=100.0)
    assert _stored(database, "device_id", "site_id", "cell_count", "rated_capacity_ah", "cell_voltage_v")[0] == (
        "D01",
        "S01",
        6,
        100.0,
        pytest.approx(2.2),
    )


def test_a_new_device_and_site_keep_their_names_and_the_spacing(database: Database, folder: Path) -> None:
    _import(database, folder, device="Rack A, string 1", site="North Gate")
    fleet = ReadingStore(database).fleet()
    assert [(one.site_id, one.name) for one in fleet.sites] == [("S01", "North Gate")]
    assert [(one.device_id, one.name, one.poll_interval_s) for one in fleet.devices] == [
        ("D01", "Rack A, string 1", 300)
    ]


def test_the_same_file_again_changes_nothing_and_is_recorded(database: Database, folder: Path) -> None:
    text = LOG + "2026-01-01 00:15,abc,,\n"
    _import(database, folder, text)
    again = _import(database, folder, text, device="d 01", cells=None)
    assert again.closing_line() == "read 4 · stored 0 · duplicate 3 · rejected 1"
    assert _counts(database) == [1, 1, 3, 1, 2]


def test_other_values_are_rejected_unless_they_are_to_replace(database: Database, folder: Path) -> None:
    _import(database, folder)
    other = LOG.replace("13.2", "12.9")
    assert _import(database, folder, other).closing_line() == "read 3 · stored 0 · duplicate 2 · rejected 1"
    assert _import(database, folder, other, replace=True).closing_line() == (
        "read 3 · stored 1 · duplicate 2 · rejected 0"
    )
    assert _stored(database, "string_voltage_v")[0] == (12.9,)


def test_a_dry_run_counts_the_same_and_leaves_nothing(database: Database, folder: Path) -> None:
    text = LOG + "2026-01-01 00:15,abc,,\n"
    dry = _import(database, folder, text, dry_run=True)
    assert _counts(database) == [0, 0, 0, 0, 0]
    assert dry.closing_line() == _import(database, folder, text).closing_line()


def test_a_stop_in_the_middle_leaves_nothing(database: Database, folder: Path) -> None:
    def stop_after_storing(share: float, _: str) -> None:
        if share > 0.9:
            raise StoppedError

    with pytest.raises(StoppedError):
        _import(database, folder, progress=stop_after_storing)
    assert _counts(database) == [0, 0, 0, 0, 0]


def test_progress_rises_to_one(database: Database, folder: Path) -> None:
    shares: list[float] = []
    _import(database, folder, progress=lambda share, _: shares.append(share))
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("2026-01-02,abc,,", "voltage: 'abc' is not a number"),
        ("2026-01-02,inf,,", "voltage: 'inf' is not a number"),
        ("2026-01-02,,,", "no values"),
        (",,,", "no values"),
        (",13.2,,", "no time"),
        ("yesterday,13.2,,", "time: 'yesterday' is not a time"),
        ("2026-13-02,13.2,,", "time: '2026-13-02' is not a time"),
        ("2027-01-02,13.2,,", "time is in the future"),
        ("2026-01-02,18,,", "cell_voltage_v is above its hard range"),
        ("2026-01-02,13.2,,400", "cell_temperature_c is above its hard range"),
        ("2026-01-01 00:00,13.3,,", "same device and time with other values"),
    ],
)
def test_a_row_that_cannot_be_true_is_kept_apart_with_its_reason(
    database: Database, folder: Path, row: str, reason: str
) -> None:
    summary = _import(database, folder, LOG + row + "\n")
    assert (summary.stored, summary.rejected, dict(summary.reasons)) == (3, 1, {reason: 1})
    ((kept, raw),) = _quarantined(database)
    assert kept == reason
    assert list(json.loads(raw).values()) == row.split(",")


def test_no_data_in_words_is_null_and_not_zero(database: Database, folder: Path) -> None:
    _import(database, folder, "time,voltage,current\n2026-01-01,13,nan\n2026-01-02,13,N/A\n")
    assert _stored(database, "string_current_a") == [(None,), (None,)]


def test_decimal_commas_are_decimals(database: Database, folder: Path) -> None:
    _import(database, folder, "Zeit;Spannung [V];Strom [A]\n25.12.2025 07:00;13,170;-0,5\n")
    assert _stored(database, "timestamp_utc", "string_voltage_v", "string_current_a") == [
        (datetime(2025, 12, 25, 7, 0, tzinfo=UTC), 13.17, -0.5)
    ]


def test_a_comma_that_may_group_thousands_is_no_number(database: Database, folder: Path) -> None:
    summary = _import(database, folder, 'time,voltage\n2026-01-01,"1,234"\n')
    assert dict(summary.reasons) == {"voltage: '1,234' is not a number": 1}


def test_units_in_headers_become_ours(database: Database, folder: Path) -> None:
    _import(database, folder, "time,Voltage [mV],current_mA,temp_F,soc,runtime_h\n2026-01-01,13200,-500,77,0.5,2\n")
    fields = ("string_voltage_v", "string_current_a", "cell_temperature_c", "soc_pct", "runtime_remaining_min")
    assert _stored(database, *fields) == [pytest.approx((13.2, -0.5, 25.0, 50.0, 120.0))]


def test_what_was_done_to_each_column_is_said(database: Database, folder: Path) -> None:
    summary = _import(database, folder, "time,temp_F,comment\n2026-01-01 07:00,77,x\n", time_zone="Europe/Berlin")
    assert [(use.column, use.field, use.conversion) for use in summary.columns_used] == [
        ("time", "timestamp_utc", "read in Europe/Berlin"),
        ("temp_F", "cell_temperature_c", "from F to °C"),
    ]
    assert summary.columns_ignored == {"comment": "no name we know"}


def test_a_discharge_current_is_negative_and_a_charge_current_positive(database: Database, folder: Path) -> None:
    text = "time,charge current,discharge current\n2026-01-01,2,0\n2026-01-02,,3\n2026-01-03,,\n2026-01-04,0,0\n"
    _import(database, folder, text)
    assert _stored(database, "string_current_a") == [(2.0,), (-3.0,), (0.0,)]


def test_a_mapping_reads_unknown_columns(database: Database, folder: Path) -> None:
    mapping = parse_mapping(["ch1=string_voltage_v:mV", "ch2=-string_current_a", "when=timestamp_utc:day-first"])
    _import(database, folder, "when,ch1,ch2\n02/01/2026 00:00,13200,5\n", mapping=mapping)
    assert _stored(database, "timestamp_utc", "string_voltage_v", "string_current_a") == [
        (datetime(2026, 1, 2, tzinfo=UTC), 13.2, -5.0)
    ]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-01-02T03:04:05.678", datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)),
        ("2026-01-02T03:04:05+02:00", datetime(2026, 1, 2, 1, 4, 5, tzinfo=UTC)),
        ("2026/1/2 3:04", datetime(2026, 1, 2, 3, 4, tzinfo=UTC)),
        ("20260102T030405", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("1767323045", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("1767323045678", datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)),
        ("02.01.2026 03:04", datetime(2026, 1, 2, 3, 4, tzinfo=UTC)),
        ("31/12/2025 12:04 AM", datetime(2025, 12, 31, 0, 4, tzinfo=UTC)),
        ("12/31/2025 03:04 PM", datetime(2025, 12, 31, 15, 4, tzinfo=UTC)),
    ],
)
def test_a_time_is_read_however_it_is_written(database: Database, folder: Path, text: str, moment: datetime) -> None:
    _import(database, folder, f"time,voltage\n{text},13\n")
    assert _stored(database, "timestamp_utc") == [(moment,)]


def test_date_and_time_of_day_in_two_columns_are_one_time(database: Database, folder: Path) -> None:
    _import(database, folder, "Date,Time,Voltage\n2026-01-02,03:04:05,13\n")
    assert _stored(database, "timestamp_utc") == [(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),)]


def test_dates_that_can_be_read_two_ways_are_an_error_that_says_how_to_choose(
    database: Database, folder: Path
) -> None:
    with pytest.raises(ImportFileError, match="'01/02/2026 00:00' in the column 'time'") as caught:
        _import(database, folder, "time,voltage\n01/02/2026 00:00,13\n")
    assert "timestamp_utc:day-first" in caught.value.hint


def test_times_with_and_without_a_zone_are_not_mixed(database: Database, folder: Path) -> None:
    with pytest.raises(ImportFileError, match="1 times carry a zone"):
        _import(database, folder, "time,voltage\n2026-01-01T00:00Z,13\n2026-01-01 00:15,13\n")


def test_hours_the_clock_skips_or_repeats_are_rejected(database: Database, folder: Path) -> None:
    text = "time,voltage\n2025-03-30 02:30,13\n2025-10-26 02:30,13\n2025-10-26 12:00,13\n"
    summary = _import(database, folder, text, time_zone="Europe/Berlin")
    assert dict(summary.reasons) == {
        "time: 2025-03-30 02:30:00 does not exist in Europe/Berlin": 1,
        "time: 2025-10-26 02:30:00 occurs twice in Europe/Berlin": 1,
    }
    assert _stored(database, "timestamp_utc") == [(datetime(2025, 10, 26, 11, 0, tzinfo=UTC),)]


def test_an_unknown_time_zone_names_the_nearest(database: Database, folder: Path) -> None:
    with pytest.raises(ImportFileError) as caught:
        _import(database, folder, time_zone="Europe/Berln")
    assert "Europe/Berlin" in caught.value.hint


def test_elapsed_seconds_are_no_time(database: Database, folder: Path) -> None:
    with pytest.raises(ImportFileError, match="No time in the column 'time' can be read, for example '0'"):
        _import(database, folder, "time,voltage\n0,13\n60,13\n")


def test_a_new_device_needs_its_cells_and_the_voltage_suggests_them(database: Database, folder: Path) -> None:
    with pytest.raises(ImportFileError) as caught:
        _import(database, folder, cells=None)
    assert caught.value.hint == "A median of 13.1 V suggests --cells 6."
    assert _counts(database) == [0, 0, 0, 0, 0]


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"site": "Southgate"}, "D01 stands at the site Northgate, not at Southgate"),
        ({"cells": 12}, "D01 has 6 cells, not 12"),
        ({"capacity_ah": 50.0}, "D01 has a rated capacity of 100 Ah, not 50 Ah"),
        ({"cells": 0}, "A string has 1 to 240 cells, not 0"),
        ({"device": "!"}, "--device needs a name"),
    ],
)
def test_facts_that_contradict_the_device_are_an_error(
    database: Database, folder: Path, how: dict[str, object], message: str
) -> None:
    _import(database, folder, capacity_ah=100.0)
    with pytest.raises(ImportFileError, match=message):
        _import(database, folder, LOG, progress=None, **how)
    assert _counts(database) == [1, 1, 3, 0, 1]


def test_a_capacity_learned_later_reaches_the_stored_rows(database: Database, folder: Path) -> None:
    _import(database, folder)
    again = _import(database, folder, capacity_ah=100.0)
    assert again.duplicate == 3
    assert set(_stored(database, "rated_capacity_ah")) == {(100.0,)}


def test_rows_of_several_devices_are_not_taken_for_one(database: Database, folder: Path) -> None:
    with pytest.raises(ImportFileError, match="rows of 2 devices in the column 'device': A, B"):
        _import(database, folder, "time,voltage,device\n2026-01-01,13,A\n2026-01-01,13,B\n")


def test_an_export_of_ours_comes_back_as_it_was(database: Database, folder: Path) -> None:
    install(database, [site()], [device()])
    text = (
        "timestamp_utc,received_utc,device_id,string_voltage_v,charger_mode,alarm_count,cell_count\n"
        "2026-01-01 00:00:00,2026-01-01 00:00:02,D01,54.5,float,0,24\n"
    )
    summary = _import(database, folder, text, cells=24, time_zone="Europe/Berlin")
    assert _stored(database, "timestamp_utc", "received_utc", "string_voltage_v", "charger_mode", "alarm_count") == [
        (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, 0, 0, 2, tzinfo=UTC), 54.5, "float", 0)
    ]
    assert set(summary.columns_ignored) == {"device_id", "cell_count"}


def test_rows_out_of_order_are_stored_in_order(database: Database, folder: Path) -> None:
    summary = _import(database, folder, "time,voltage\n2026-01-03,13\n2026-01-01,12\n2026-01-02,12.5\n")
    assert (summary.first_utc, summary.last_utc) == (
        datetime(2026, 1, 1, tzinfo=UTC),
        datetime(2026, 1, 3, tzinfo=UTC),
    )
    assert ReadingStore(database).newest(["D01"])["D01"] == datetime(2026, 1, 3, tzinfo=UTC)


@pytest.mark.parametrize("options", [["voltage"], ["=string_voltage_v"], ["a=soc_pct", "a=soh_pct"]])
def test_a_map_option_that_says_nothing_clear_is_an_error(options: list[str]) -> None:
    with pytest.raises(ImportFileError):
        parse_mapping(options)


@pytest.mark.skipif(not BBOXX.exists(), reason="the measured file is not beside this checkout")
def test_a_measured_file_is_stored_to_the_last_digit(database: Database) -> None:
    path = next(BBOXX.glob("*.csv"))
    order = ImportOrder(path=path, device="Bboxx 8615", site="Kigali", cells=6)
    summary = import_file(database, order, now=NOW)
    assert summary.closing_line() == "read 13221 · stored 13221 · duplicate 0 · rejected 0"
    assert import_file(database, order, now=NOW).closing_line() == (
        "read 13221 · stored 0 · duplicate 13221 · rejected 0"
    )
    raw = pd.read_csv(path, index_col="time", parse_dates=["time"])
    day = datetime(2017, 3, 28, tzinfo=UTC)
    figures = {
        name: ReadingStore(database).figures(name, ["D01"], day, day + timedelta(days=1))["D01"]
        for name in ("string_voltage_v", "cell_temperature_c", "string_current_a")
    }
    of_day = raw.loc["2017-03-28"]
    assert figures["string_voltage_v"].min == of_day["voltage"].min()
    assert figures["cell_temperature_c"].mean == pytest.approx(of_day["temperature"].mean(), rel=1e-12)
    assert figures["string_current_a"].mean == pytest.approx(of_day["current"].mean(), rel=1e-12)
    assert figures["string_current_a"].count == of_day["current"].count()
