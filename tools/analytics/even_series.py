"""One field of one device as an evenly spaced series of hourly or daily means, gaps bridged where they are short."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import numpy as np
import pandas as pd

from tools.analytics.good_rows import Array, good_rows, numbers
from tools.errors import NotEnoughDataError
from tools.quantity import Window
from tools.telemetry.fields import field_facts
from tools.telemetry.fleet import Device
from tools.telemetry.store import ReadingStore

Spacing = Literal["hour", "day"]
STEP = {"hour": timedelta(hours=1), "day": timedelta(days=1)}
# Fewer buckets with a value than this share, and the series would be mostly invented.
LEAST_FILLED = 0.7


@dataclass(frozen=True)
class EvenSeries:
    """Means per bucket; `end` is the end of the last one."""

    values: Array
    end: datetime
    rows: int


def even_series(store: ReadingStore, device: Device, field: str, window: Window, spacing: Spacing) -> EvenSeries:
    """Means of good rows per full hour or day back from the end of the window.

    Raises:
        NotEnoughDataError: no values, or fewer than 70 % of the buckets between first and last have one.
    """
    rows = good_rows(store, device.device_id, [field], window)
    values = numbers(rows, field) if len(rows) else np.empty(0)
    known = np.isfinite(values)
    label = field_facts(field).label
    if not known.any():
        raise NotEnoughDataError(
            f"{device.device_id} has no {label} to judge by.", "Ask for another field or device."
        )
    step_h = STEP[spacing] / timedelta(hours=1)
    buckets = np.floor((rows["hours"].to_numpy()[known] - window.length / timedelta(hours=1)) / step_h).astype(int)
    means = pd.Series(values[known]).groupby(buckets).mean()
    whole = means.reindex(range(int(means.index[0]), int(means.index[-1]) + 1))
    if whole.notna().mean() < LEAST_FILLED:
        raise NotEnoughDataError(
            f"{device.device_id} has {label} for only {100 * whole.notna().mean():.0f} % of the {spacing}s.",
            "Ask about a device with fewer gaps.",
        )
    filled: Array = np.asarray(whole.interpolate(), dtype=np.float64)
    end = window.end + (int(means.index[-1]) + 1) * STEP[spacing]
    return EvenSeries(filled, end, int(known.sum()))
