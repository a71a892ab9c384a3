"""A file is read as it stands, whatever program wrote it, and a bad one says what is wrong with it."""

from pathlib import Path

import pandas as pd
import pytest

from tools.errors import ImportFileError
from tools.telemetry.files import read_file

TABLE = pd.DataFrame(
    {
        "Time": pd.date_range("2026-01-01", periods=3, freq="15min"),
        "Battery Voltage [V]": [13.0, None, 13.2],
    }
)


def _file(folder: Path, content: bytes, name: str = "log.csv") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(tmp_path: Path, delimiter: str) -> None:
    lines = ["time,voltage,current", "2026-01-01 00:00,13.1,0.5", "2026-01-01 00:15,,"]
    table = read_file(_file(tmp_path, "\n".join(lines).replace(",", delimiter).encode()))
    assert list(table.frame.columns) == ["time", "voltage", "current"]
    assert table.frame["voltage"].tolist() == ["13.1", ""]


def test_decimal_commas_do_not_pass_for_delimiters(tmp_path: Path) -> None:
    table = read_file(_file(tmp_path, b"time;voltage;temp\n01.02.2026 00:00;13,1;22,5\n01.02.2026 00:15;13,2;22,4\n"))
    assert table.frame["voltage"].tolist() == ["13,1", "13,2"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_every_unicode_encoding_gives_the_same_headers(tmp_path: Path, encoding: str) -> None:
    table = read_file(_file(tmp_path, "time,temp [°C]\n2026-01-01,22\n".encode(encoding)))
    assert list(table.frame.columns) == ["time", "temp [°C]"]
    assert table.notes == ()


def test_latin_1_is_read_and_said(tmp_path: Path) -> None:
    table = read_file(_file(tmp_path, "time,temp [°C]\n2026-01-01,22\n".encode("latin-1")))
    assert list(table.frame.columns) == ["time", "temp [°C]"]
    assert table.notes == ("The file is not UTF-8; read as Latin-1.",)


def test_lines_above_the_table_are_passed_over(tmp_path: Path) -> None:
    table = read_file(_file(tmp_path, b"Export\nSerial;123\n\ntime;voltage\n2026-01-01;13\n2026-01-02;13\n"))
    assert list(table.frame.columns) == ["time", "voltage"]
    assert len(table.frame) == 2


def test_a_row_with_too_many_cells_is_a_problem_of_that_row(tmp_path: Path) -> None:
    table = read_file(_file(tmp_path, b"time,voltage\n2026-01-01,13,5\n2026-01-02,13\n"))
    assert table.problems.tolist() == ["more cells than the header has columns", ""]


def test_a_file_that_ends_within_a_row_says_so(tmp_path: Path) -> None:
    table = read_file(_file(tmp_path, b"time,voltage,temp\n2026-01-01,13,22\n2026-01-02,1"))
    assert table.problems.tolist() == ["", "the last row is cut off"]


def test_the_first_sheet_with_a_table_is_read(tmp_path: Path) -> None:
    path = tmp_path / "log.xlsx"
    with pd.ExcelWriter(path) as workbook:
        pd.DataFrame({"x": ["Cover"]}).to_excel(workbook, sheet_name="Cover", index=False, header=False)
        TABLE.to_excel(workbook, sheet_name="Data", index=False, startrow=3, startcol=2)
    table = read_file(path)
    assert list(table.frame.columns) == ["Time", "Battery Voltage [V]"]
    assert len(table.frame) == 3
    assert table.notes == ("Read from the sheet 'Data'.",)


def test_parquet_keeps_its_times_and_numbers(tmp_path: Path) -> None:
    TABLE.set_index("Time").to_parquet(tmp_path / "log.parquet")
    table = read_file(tmp_path / "log.parquet")
    assert table.frame["Time"].tolist() == TABLE["Time"].tolist()
    assert table.frame["Battery Voltage [V]"].dtype == float


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("log.csv", b"", "is empty"),
        ("log.csv", b"time,voltage\n", "has a header and no rows"),
        ("log.csv", b"\x00\x01\x02\x03" * 100, "binary data"),
        ("log.csv", bytes(range(128, 256)) * 20, "binary data"),
        ("log.csv", b"PK\x03\x04 a workbook", "is named .csv and is an XLSX workbook"),
        ("log.csv", b'time,voltage\n2026-01-01,"13\n2026-01-02,13\n', "cannot be split into columns"),
        ("log.csv", b"time,voltage,temp\n2026-01-01,13,1,22,5\n2026-01-02,13,1,22,5\n", "more cells than its header"),
        ("log.json", b"{}", "Files of the kind '.json' are not read"),
        ("log.xlsx", b"PK\x03\x04 cut off", "cannot be read as XLSX"),
        ("log.xlsx", b"time,voltage", "is no XLSX file"),
        ("log.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "protected by a password"),
        ("log.parquet", b"PAR1 cut off", "cannot be read as Parquet"),
        ("log.parquet", b"PARE locked", "encrypted Parquet"),
    ],
)
def test_a_bad_file_says_what_is_wrong_with_it(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    with pytest.raises(ImportFileError, match=message) as caught:
        read_file(_file(tmp_path, content, name))
    assert caught.value.hint


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ImportFileError, match=r"There is no file .*none\.csv"):
        read_file(tmp_path / "none.csv")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ImportFileError, match="is a folder"):
        read_file(tmp_path)


def test_a_workbook_without_a_table_names_its_sheets(tmp_path: Path) -> None:
    pd.DataFrame({"x": ["Cover"]}).to_excel(tmp_path / "log.xlsx", sheet_name="Cover", index=False, header=False)
    with pytest.raises(ImportFileError, match="holds a table with headers: Cover"):
        read_file(tmp_path / "log.xlsx")
