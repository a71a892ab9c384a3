"""Makes rows of our fields from a file's table, each with the reason where it is none."""

from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import pandas as pd

from tools.errors import ImportFileError
from tools.telemetry.aliases import read_header
from tools.telemetry.columns import Columns
from tools.telemetry.file_times import read_times, with_day
from tools.telemetry.file_values import read_values
from tools.telemetry.raw_table import RawTable

# Spacings that loggers are set to, seconds.
_USUAL = (1, 2, 5, 10, 15, 20, 30, 60, 120, 180, 300, 600, 900, 1200, 1800, 3600, 7200, 10800, 14400, 21600, 86400)


@dataclass(frozen=True)
class ColumnUse:
    """What a column of the file was used for."""

    column: str
    field: str
    conversion: str


@dataclass(frozen=True)
class ParsedFile:
    """Rows in time order with the rows they came from, why each is none ("" where it is one), and the columns."""

    rows: pd.DataFrame
    raw: pd.DataFrame
    reasons: pd.Series
    used: tuple[ColumnUse, ...]
    ignored: Mapping[str, str]

    def median_spacing_s(self) -> int | None:
        """The usual time between rows, as a logger would be set to it; None with fewer than two rows."""
        moments = self.rows["timestamp_utc"].dropna().drop_duplicates()
        if len(moments) < 2:
            return None
        seconds = float(moments.diff().dt.total_seconds().median())
        nearest = min(_USUAL, key=lambda usual: abs(usual - seconds))
        return nearest if abs(nearest - seconds) <= nearest / 10 else max(1, round(seconds))


def parse_table(table: RawTable, columns: Columns, zone: ZoneInfo) -> ParsedFile:
    """The rows of a table.

    Raises:
        ImportFileError: times that cannot be read, or rows of several devices.
    """
    frame = table.frame
    _check_one_device(frame, columns.ignored)
    choice = columns.time
    moments = frame[choice.column]
    if columns.day is not None:
        moments = with_day(frame[columns.day], moments).rename(choice.column)
    times = read_times(moments, choice.unit, zone)
    measured = [value for value in columns.values if value.field != "received_utc"]
    values = read_values(frame, measured, table.delimiter)
    used = [ColumnUse(choice.column, choice.field, times.read_as)]
    if columns.day is not None:
        used.insert(0, ColumnUse(columns.day, choice.field, "date"))
    used += [ColumnUse(value.column, value.field, values.done[value.column]) for value in measured]
    is_empty = values.frame.isna().all(axis=1) & (values.reasons == "")
    reasons = table.problems.copy()
    for later in (is_empty.map({True: "no values", False: ""}), times.reasons, values.reasons):
        reasons = reasons.where(reasons != "", later)
    rows = values.frame.assign(timestamp_utc=times.times)
    for received in (value for value in columns.values if value.field == "received_utc"):
        arrival = read_times(frame[received.column], received.unit, zone)
        rows["received_utc"] = arrival.times
        used.append(ColumnUse(received.column, received.field, arrival.read_as))
    order = rows["timestamp_utc"].sort_values(kind="stable").index
    rows, frame, reasons = rows.loc[order], frame.loc[order], reasons.loc[order]
    return ParsedFile(rows, frame, reasons, tuple(used), columns.ignored)


def _check_one_device(frame: pd.DataFrame, ignored: Mapping[str, str]) -> None:
    for column in ignored:
        header = read_header(column)
        if header is None or header.field != "device_id":
            continue
        found = [str(name) for name in frame[column].dropna().unique() if str(name).strip()]
        if len(found) > 1:
            raise ImportFileError(
                f"The file holds rows of {len(found)} devices in the column {column!r}: {', '.join(found[:5])}.",
                "Split it and import each device with its own --device.",
            )
