"""Readings that may be judged: those of a window without repeated or substituted rows."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tools.quantity import Window
from tools.telemetry.store import ReadingStore

Array = NDArray[np.float64]
NOT_JUDGED = frozenset({"stale", "substituted"})


def good_rows(store: ReadingStore, device_id: str, fields: Sequence[str], window: Window) -> pd.DataFrame:
    """Rows of one device in time order without stale and substituted ones, with `hours` since the window began."""
    names = list(dict.fromkeys([*fields, "data_quality"]))
    rows = store.rows(names, [device_id], window.start, window.end)
    rows = rows[~rows["data_quality"].isin(NOT_JUDGED)].reset_index(drop=True)
    times = pd.to_datetime(rows["timestamp_utc"], utc=True)
    rows["hours"] = (times - pd.Timestamp(window.start)).dt.total_seconds() / 3600
    return rows


def numbers(rows: pd.DataFrame, field: str) -> Array:
    """A column as floats; no data is NaN."""
    return pd.to_numeric(rows[field], errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)


def held_hours(rows: pd.DataFrame, poll_interval_s: float) -> Array:
    """How long each row holds, h: the time to the next one, at most two poll intervals."""
    hours = rows["hours"].to_numpy(dtype=np.float64)
    if not len(hours):
        return hours
    longest = 2 * poll_interval_s / 3600
    return np.minimum(np.diff(hours, append=hours[-1] + poll_interval_s / 3600), longest)
