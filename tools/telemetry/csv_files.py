"""Reads a CSV file into text: finds its encoding, its delimiter and the line its table begins at."""

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from tools.errors import ImportFileError
from tools.telemetry.aliases import read_header
from tools.telemetry.raw_table import RawTable, unique_names

_DELIMITERS = ",;\t|"
_HEAD_BYTES = 65536
# Cells beyond the header's are kept apart up to this many, so that such a row is rejected and not the file.
_SPARE = 8
_NUMBER_OR_DATE = re.compile(r"[+-]?\d[\d.,:/ T-]*Z?")


@dataclass(frozen=True)
class _Shape:
    delimiter: str
    header_line: int
    names: list[str]
    consistent_lines: int


def read_csv(path: Path) -> RawTable:
    """The table of a CSV file, every cell as text.

    Raises:
        ImportFileError: binary, without a table, or with lines that cannot be told apart.
    """
    encoding = _encoding(path)
    try:
        return _read(path, encoding)
    except UnicodeDecodeError:
        table = _read(path, "latin-1")
        return replace(table, notes=("The file is not UTF-8; read as Latin-1.",))


def _encoding(path: Path) -> str:
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    control = sum(byte < 9 or 13 < byte < 32 for byte in head)
    foreign = sum(byte > 127 for byte in head) if b"\xff" in head or b"\xfe" in head else 0
    # Text in any language holds no control characters, and Latin-1 text is mostly ASCII.
    if b"\x00" in head or control > len(head) / 100 or foreign > len(head) / 3:
        raise ImportFileError(f"{path.name} is not text but binary data.", "Export it as CSV, XLSX or Parquet.")
    return "utf-8-sig"


def _read(path: Path, encoding: str) -> RawTable:
    lines = _head_lines(path, encoding)
    shape = max(
        (_shape(lines, delimiter) for delimiter in _DELIMITERS),
        key=lambda shape: (_is_header(shape.names), shape.consistent_lines, len(shape.names)),
    )
    spare = [f"\0{number}" for number in range(_SPARE)]
    try:
        frame = pd.read_csv(
            path,
            sep=shape.delimiter,
            encoding=encoding,
            header=None,
            names=shape.names + spare,
            index_col=False,
            skiprows=shape.header_line + 1,
            dtype="str",
            na_filter=False,
            skipinitialspace=True,
        )
    except pd.errors.EmptyDataError as error:
        raise ImportFileError(f"{path.name} has a header and no rows.", "Export a span that holds data.") from error
    except pd.errors.ParserError as error:
        reason = str(error).strip().rpartition("C error: ")[2]
        raise ImportFileError(
            f"{path.name} cannot be split into columns: {reason}.", "Export it with quotes around text."
        ) from error
    problems = _problems(frame[spare], path, encoding, shape)
    return RawTable(frame[shape.names], problems, delimiter=shape.delimiter)


def _head_lines(path: Path, encoding: str) -> list[str]:
    with path.open(encoding=encoding, errors="replace", newline=None) as file:
        text = file.read(_HEAD_BYTES)
    lines = text.split("\n")
    return (lines[:-1] if len(text) == _HEAD_BYTES and len(lines) > 1 else lines)[:200]


def _shape(lines: Sequence[str], delimiter: str) -> _Shape:
    """How the first lines look when split at this delimiter."""
    rows = [next(csv.reader([line], delimiter=delimiter), []) for line in lines]
    counts = Counter(len(row) for row in rows if any(cell.strip() for cell in row))
    width = max(counts, key=lambda count: (count > 1, counts[count]), default=0)
    header = next((number for number, row in enumerate(rows) if _names_columns(row)), None)
    if header is None:
        header = next((number for number, row in enumerate(rows) if len(row) == width and any(row)), 0)
    names = unique_names(rows[header]) if rows else []
    return _Shape(delimiter, header, names, counts[width] if width > 1 else 0)


def _names_columns(row: Sequence[str]) -> bool:
    return _is_header(row) and sum(read_header(cell) is not None for cell in row) > 1


def _is_header(names: Sequence[str]) -> bool:
    return len(names) > 1 and not any(_NUMBER_OR_DATE.fullmatch(name) for name in names)


def _problems(spare: pd.DataFrame, path: Path, encoding: str, shape: _Shape) -> pd.Series:
    too_long = (spare != "").any(axis=1)
    if len(spare) > 1 and too_long.all():
        raise ImportFileError(
            f"Every row of {path.name} has more cells than its header has columns.",
            "A decimal comma needs another delimiter or quotes.",
        )
    problems = pd.Series("", index=spare.index, dtype=object)
    problems[too_long] = "more cells than the header has columns"
    if encoding != "utf-16" and len(spare) and _is_cut_off(path, encoding, shape):
        problems.iloc[-1] = "the last row is cut off"
    return problems


def _is_cut_off(path: Path, encoding: str, shape: _Shape) -> bool:
    """Whether the file ends within a line: a last number might be half of one."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _HEAD_BYTES))
        tail = file.read()
    if tail.endswith((b"\n", b"\r")):
        return False
    last = re.split(r"[\r\n]", tail.decode(encoding, errors="replace"))[-1]
    return last.strip() != "" and len(next(csv.reader([last], delimiter=shape.delimiter))) < len(shape.names)
