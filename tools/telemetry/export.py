"""Stored readings of a device as a file: CSV in pieces, or Parquet with the types of the fields."""

import csv
import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from tools.quantity import Window
from tools.telemetry.fields import FieldFacts, all_fields
from tools.telemetry.fleet import Device
from tools.telemetry.store import ReadingStore

# So much is held in memory at once: a device-month is 2 MB as CSV.
PIECE = timedelta(days=30)
_KEYS = ("device_id", "timestamp_utc")
# A spreadsheet takes a text that begins so for a formula.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_TYPES = {
    "number": pa.float64(), "integer": pa.int64(), "text": pa.string(), "category": pa.string(),
    "time": pa.timestamp("us", tz="UTC"), "date": pa.date32(),
}  # fmt: skip


def csv_pieces(store: ReadingStore, device: Device, window: Window) -> Iterator[str]:
    """The readings of a device over [start, end) as CSV with a heading, a piece at a time; times in UTC."""
    yield _written([_columns()])
    for frame in _frames(store, device, window):
        columns = [_as_text(frame[name], all_fields()[name]) for name in _columns()]
        yield _written(list(zip(*columns, strict=True)))


def write_parquet(store: ReadingStore, device: Device, window: Window, path: Path) -> None:
    """The same as a Parquet file."""
    schema = pa.schema([(name, _TYPES[all_fields()[name].kind]) for name in _columns()])
    with pq.ParquetWriter(path, schema) as writer:
        for frame in _frames(store, device, window):
            arrays = [
                pa.array([None if pd.isna(value) else value for value in frame[field.name]], type=field.type)
                for field in schema
            ]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))


def _columns() -> list[str]:
    others = [name for name in all_fields() if name not in ("record_id", *_KEYS)]
    return [*_KEYS, *others]


def _frames(store: ReadingStore, device: Device, window: Window) -> Iterator[pd.DataFrame]:
    fields = [name for name in _columns() if name not in _KEYS]
    start = window.start
    while start < window.end:
        end = min(start + PIECE, window.end)
        frame = store.rows(fields, [device.device_id], start, end)
        if len(frame):
            yield frame
        start = end


def _as_text(values: pd.Series, facts: FieldFacts) -> list[str]:
    return ["" if pd.isna(value) else _cell(value, facts) for value in values]


def _cell(value: object, facts: FieldFacts) -> str:
    if facts.kind == "time":
        return pd.Timestamp(value).strftime("%Y-%m-%dT%H:%M:%S.%fZ").replace(".000000Z", "Z")  # type: ignore[arg-type]
    if facts.kind == "integer":
        return str(int(value))  # type: ignore[call-overload]
    text = str(value)
    return f"'{text}" if facts.kind == "text" and text.startswith(_FORMULA_STARTS) else text


def _written(rows: object) -> str:
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows(rows)  # type: ignore[arg-type]
    return file.getvalue()
