"""Reads a CSV, XLSX or Parquet file into a table as it stands, or says what is wrong with the file."""

import hashlib
import warnings
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Literal
from xml.etree.ElementTree import ParseError

import pandas as pd

from tools.errors import ImportFileError
from tools.telemetry.csv_files import read_csv
from tools.telemetry.raw_table import RawTable, sound_table, unique_names

Kind = Literal["CSV", "XLSX", "Parquet"]
_EXTENSIONS: dict[str, Kind] = {
    ".csv": "CSV",
    ".tsv": "CSV",
    ".txt": "CSV",
    ".xlsx": "XLSX",
    ".xlsm": "XLSX",
    ".parquet": "Parquet",
    ".pq": "Parquet",
}
_WHAT_WORKS = "Import a .csv, .tsv, .txt, .xlsx or .parquet file."


def read_file(path: Path) -> RawTable:
    """The table of a file.

    Raises:
        ImportFileError: missing, empty, of another kind than its name says, encrypted, damaged or without a table.
    """
    kind = _kind(path)
    try:
        table = {"CSV": read_csv, "XLSX": _read_excel, "Parquet": _read_parquet}[kind](path)
    except OSError as error:
        raise _unreadable(path, error) from error
    if table.frame.empty:
        raise ImportFileError(f"{path.name} has a header and no rows.", "Export a span that holds data.")
    return table


def file_sha256(path: Path) -> str:
    """The fingerprint of a file's content."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise _unreadable(path, error) from error


def _kind(path: Path) -> Kind:
    if path.is_dir():
        raise ImportFileError(f"{path} is a folder.", "Name one file; import several one after another.")
    if not path.exists():
        raise ImportFileError(f"There is no file {path}.", "Check the path; it is read from the current folder.")
    kind = _EXTENSIONS.get(path.suffix.lower())
    if kind is None:
        raise ImportFileError(f"Files of the kind {path.suffix or path.name!r} are not read.", _WHAT_WORKS)
    try:
        with path.open("rb") as file:
            start = file.read(8)
    except OSError as error:
        raise _unreadable(path, error) from error
    if not start:
        raise ImportFileError(f"{path.name} is empty.", "Export it again.")
    _check_start(path, kind, start)
    return kind


def _check_start(path: Path, kind: Kind, start: bytes) -> None:
    """Compare what the first bytes say with what the name says."""
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise ImportFileError(
            f"{path.name} is protected by a password, or is an old .xls workbook.",
            "Save it as .xlsx without a password.",
        )
    if start.startswith(b"PARE"):
        raise ImportFileError(f"{path.name} is an encrypted Parquet file.", "Write it again without encryption.")
    found: Kind | None = None
    if start.startswith(b"PK\x03\x04"):
        found = "XLSX"
    elif start.startswith(b"PAR1"):
        found = "Parquet"
    if found is None and kind != "CSV":
        raise ImportFileError(f"{path.name} is damaged or is no {kind} file.", f"Export it again. {_WHAT_WORKS}")
    if found is not None and found != kind:
        what = "an XLSX workbook or a ZIP archive" if found == "XLSX" else "a Parquet file"
        raise ImportFileError(f"{path.name} is named {path.suffix} and is {what}.", "Unpack or rename it.")


def _unreadable(path: Path, error: OSError) -> ImportFileError:
    return ImportFileError(f"{path} cannot be read: {error.strerror or error}.", "Check its permissions.")


def _read_parquet(path: Path) -> RawTable:
    try:
        frame = pd.read_parquet(path, engine="pyarrow")
    except (ValueError, KeyError, NotImplementedError, OSError) as error:
        raise ImportFileError(f"{path.name} is damaged: it cannot be read as Parquet.", "Export it again.") from error
    if not isinstance(frame.index, pd.RangeIndex):
        frame = frame.reset_index()
    frame.columns = pd.Index(unique_names([str(name) for name in frame.columns]))
    return sound_table(frame.apply(_settled))


def _read_excel(path: Path) -> RawTable:
    try:
        with warnings.catch_warnings():
            # Missing styles and printer settings say nothing of the cells.
            warnings.simplefilter("ignore", UserWarning)
            sheets = pd.read_excel(path, sheet_name=None, header=None, dtype=object, engine="openpyxl")
    except (zipfile.BadZipFile, KeyError, ValueError, EOFError, ParseError, NotImplementedError) as error:
        raise ImportFileError(f"{path.name} is damaged: it cannot be read as XLSX.", "Save it again.") from error
    for name, sheet in sheets.items():
        cells = sheet.dropna(how="all").dropna(axis=1, how="all").reset_index(drop=True)
        header = _header_row(cells)
        if header is None:
            continue
        table = cells.iloc[header + 1 :]
        table.columns = pd.Index(unique_names(["" if pd.isna(cell) else cell for cell in cells.iloc[header]]))
        note = f"Read from the sheet {name!r}." if len(sheets) > 1 else ""
        return sound_table(table.apply(_settled), *([note] if note else []))
    raise ImportFileError(
        f"No sheet of {path.name} holds a table with headers: {', '.join(sheets)}.",
        "The table needs a row of column names above its rows.",
    )


def _header_row(cells: pd.DataFrame) -> int | None:
    """The first row of at least two cells that are all text and have rows below."""
    is_text = cells.map(lambda cell: isinstance(cell, str))
    for row in range(min(len(cells) - 1, 100)):
        if is_text.iloc[row].sum() > 1 and is_text.iloc[row].sum() == cells.iloc[row].notna().sum():
            return row
    return None


def _settled(column: pd.Series) -> pd.Series:
    """A column of one type: numbers or times where all its cells are, otherwise text."""
    if column.dtype != object:
        return column
    kinds = {bool: "text", int: "number", float: "number"}
    found = {kinds.get(type(cell), "text") for cell in column.dropna()}
    if found == {"number"}:
        return column.astype(float)
    return column.map(_text, na_action="ignore").astype("str")


def _text(cell: object) -> str:
    return cell.isoformat(sep=" ") if isinstance(cell, datetime) else str(cell)
