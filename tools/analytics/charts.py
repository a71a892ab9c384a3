"""Control charts: smoothing a residual, and turning "beyond the limit" into spans of time."""

from datetime import datetime, timedelta
from typing import NamedTuple

import numpy as np
import pandas as pd


class Span(NamedTuple):
    """A stretch in which something stood: [start, end], its last row, and the largest excess in it."""

    start: datetime
    end: datetime
    peak: float


def ewma(values: pd.DataFrame, weight: float) -> pd.DataFrame:
    """Exponentially weighted mean of each column in which the newest value counts `weight` (Roberts 1959)."""
    return values.ewm(alpha=weight, adjust=False).mean()


def standardised(values: pd.DataFrame, past: pd.DataFrame, floor: float) -> pd.DataFrame:
    """Distance of each column from its past's median in its robust standard deviations, of at least `floor` each."""
    middle = past.median()
    spread = (1.4826 * (past - middle).abs().median()).clip(lower=floor)
    return (values - middle) / spread


def ewma_excess(values: pd.DataFrame, past: pd.DataFrame, floor: float, weight: float) -> pd.DataFrame:
    """The EWMA of standardised columns in units of the EWMA's own standard deviation."""
    own = float(np.sqrt(weight / (2 - weight)))
    return ewma(standardised(values, past, floor), weight) / own


def spans(strength: pd.Series, *, lasting: timedelta, joining: timedelta) -> list[Span]:
    """Stretches with strength >= 1 that last, from the first row to the last; gaps up to `joining` are one.

    Args:
        strength: excess over the limit by time, 1 at the limit; no data is not an excess.
    """
    hits = strength[strength >= 1]
    if hits.empty:
        return []
    breaks = hits.index.to_series().diff() > pd.Timedelta(joining)
    found = []
    for _, part in hits.groupby(breaks.cumsum().to_numpy()):
        first, last = part.index[0].to_pydatetime(), part.index[-1].to_pydatetime()
        if last - first >= lasting:
            found.append(Span(first, last, float(part.max())))
    return found
