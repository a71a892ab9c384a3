"""How far a week of values lies from the weeks before it, and from which distance on that is no chance.

Telemetry is autocorrelated, so a p-value of single rows would cry wolf every week. The distance (Wasserstein, in
standard deviations of the reference) is compared with distances of weeks put together from whole days of the
reference: what is alike within a day stays alike.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

LEAST_REFERENCE_DAYS = 14
LEAST_CURRENT_DAYS = 2
# Weeks put together, and how many of them may lie beyond the threshold.
DRAWS = 400
ALARMS = 0.015
_GRID = 128


@dataclass(frozen=True)
class Shift:
    """Distance of the current days from the reference, and the threshold, in standard deviations of the reference."""

    distance: float
    threshold: float
    reference_days: int
    current_days: int

    @property
    def is_drift(self) -> bool:
        return self.distance > self.threshold

    @property
    def strength(self) -> float:
        """Times the threshold."""
        return self.distance / self.threshold


def shift_of(reference: pd.Series, current: pd.Series, seed: int = 0) -> Shift | None:
    """The shift of the current values against the reference, both by time; None where either has too few days."""
    before, now = reference.dropna(), current.dropna()
    days = [part.to_numpy(dtype=float) for _, part in before.groupby(pd.DatetimeIndex(before.index).floor("D"))]
    current_days = int(pd.DatetimeIndex(now.index).floor("D").nunique())
    if len(days) < LEAST_REFERENCE_DAYS or current_days < LEAST_CURRENT_DAYS:
        return None
    return shift_of_days(days, now.to_numpy(dtype=float), current_days, seed)


def shift_of_days(days: list[np.ndarray], current: np.ndarray, current_days: int, seed: int = 0) -> Shift:
    """The same from values a day each; rows within a day may be of any number."""
    pooled = np.concatenate(days)
    # A field that never moved has no scatter; a tiny one stands in, so that any move of it is a drift.
    scale = float(pooled.std()) or 1e-9 * max(abs(float(pooled.mean())), 1.0)
    ends = [min(pooled.min(), current.min()), max(pooled.max(), current.max())]
    grid = np.unique(np.concatenate([np.quantile(pooled, np.linspace(0, 1, _GRID)), ends]))
    widths = np.diff(grid)
    by_day = np.array([_share_below(day, grid) for day in days])
    whole = _share_below(pooled, grid)
    picks = np.random.default_rng(seed).multinomial(current_days, np.full(len(days), 1 / len(days)), size=DRAWS)
    distances = np.abs(picks @ by_day / current_days - whole) @ widths / scale
    # The drawn weeks know the reference they are compared with; the current one does not.
    own_error = np.sqrt(1 + current_days / len(days))
    threshold = float(np.quantile(distances, 1 - ALARMS)) * own_error * _day_after_day(days)
    distance = float(np.abs(_share_below(current, grid) - whole) @ widths / scale)
    return Shift(distance, max(threshold, 1e-6), len(days), current_days)


def _share_below(values: np.ndarray, grid: np.ndarray) -> np.ndarray:
    """Share of the values up to each grid point but the last."""
    share: np.ndarray = np.searchsorted(np.sort(values), grid[:-1], side="right") / len(values)
    return share


def _day_after_day(days: list[np.ndarray]) -> float:
    """By how much the mean of a week scatters more than that of so many independent days (first-order correlation)."""
    means = np.array([float(day.mean()) for day in days])
    spread = float(means.var())
    if spread == 0:
        return 1.0
    alike = float(((means[1:] - means.mean()) * (means[:-1] - means.mean())).mean() / spread)
    # Below that it may be chance.
    if alike < 2 / np.sqrt(len(days)):
        return 1.0
    alike = min(alike, 0.9)
    return float(np.sqrt((1 + alike) / (1 - alike)))
