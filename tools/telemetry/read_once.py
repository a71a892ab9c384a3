"""Readings of a device that are fetched once, for an analysis that looks at the same device from many sides."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from tools.database import Database
from tools.quantity import Window
from tools.telemetry.fields import all_fields
from tools.telemetry.store import ReadingStore


@dataclass(frozen=True)
class _Kept:
    """All readings or cells of one device in the window, in time order."""

    device_id: str
    frame: pd.DataFrame
    times: pd.DatetimeIndex


class ReadOnceStore(ReadingStore):
    """Like the store, but rows and cells of the device asked about last come from memory.

    One device at a time is kept, so a night over a thousand devices needs the memory of one. What came in after the
    first question about a device is not seen: make a new one for each analysis.
    """

    def __init__(self, database: Database, window: Window) -> None:
        super().__init__(database)
        self._window = window
        self._rows: _Kept | None = None
        self._cells: _Kept | None = None

    def rows(self, fields: Sequence[str], device_ids: Sequence[str], start: datetime, end: datetime) -> pd.DataFrame:
        """Readings over [start, end) in time order: device_id, timestamp_utc and the fields."""
        if len(device_ids) != 1 or not self._holds(start, end):
            return super().rows(fields, device_ids, start, end)
        if self._rows is None or self._rows.device_id != device_ids[0]:
            names = [name for name in all_fields() if name not in ("device_id", "timestamp_utc")]
            found = super().rows(names, device_ids, self._window.start, self._window.end)
            self._rows = _kept(device_ids[0], found)
        return _between(self._rows, start, end)[["device_id", "timestamp_utc", *fields]]

    def cell_sets(self, device_id: str, start: datetime, end: datetime) -> pd.DataFrame:
        """Every cell reading of a device over [start, end), in time order; may be empty."""
        if not self._holds(start, end):
            return super().cell_sets(device_id, start, end)
        if self._cells is None or self._cells.device_id != device_id:
            self._cells = _kept(device_id, super().cell_sets(device_id, self._window.start, self._window.end))
        return _between(self._cells, start, end)

    def _holds(self, start: datetime, end: datetime) -> bool:
        return self._window.start <= start and end <= self._window.end


def _kept(device_id: str, frame: pd.DataFrame) -> _Kept:
    return _Kept(device_id, frame, pd.DatetimeIndex(pd.to_datetime(frame["timestamp_utc"], utc=True)))


def _between(kept: _Kept, start: datetime, end: datetime) -> pd.DataFrame:
    first, last = kept.times.searchsorted(pd.DatetimeIndex([start, end]))
    return kept.frame.iloc[first:last].reset_index(drop=True)
