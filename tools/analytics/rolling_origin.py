"""Chooses how to carry one series on, and how sure that is, by forecasting its own past again and again."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from tools.analytics.forecast_candidates import CANDIDATES, Candidate
from tools.analytics.good_rows import Array
from tools.errors import NotEnoughDataError

LEAST_WINDOWS, MOST_WINDOWS = 20, 30
COVERAGE = 0.90
# A step borrows residuals of its neighbours: 20 windows alone give a ragged band.
NEIGHBOURS = 1


@dataclass(frozen=True)
class CarriedOn:
    """Values ahead with their 90 % band. `errors` is the mean absolute error of each candidate over the windows."""

    values: Array
    low: Array
    high: Array
    candidate: str
    windows: int
    coverage: float
    errors: Mapping[str, float]


def carry_on(values: Array, season: int, steps: int, unit_of_time: str) -> CarriedOn:
    """The best candidate's forecast with a conformal band from its residuals.

    Raises:
        NotEnoughDataError: the series is too short for 20 calibration windows.
    """
    origins = calibration_origins(len(values), season, steps)
    if len(origins) < LEAST_WINDOWS:
        needed = least_length(season, steps)
        raise NotEnoughDataError(
            f"A forecast {steps} {unit_of_time} ahead needs {needed} {unit_of_time} of data; there are {len(values)}.",
            "Ask for a shorter horizon, or again when more data has come in.",
        )
    residuals = {
        name: _residuals(candidate, values, season, steps, origins) for name, candidate in CANDIDATES.items()
    }
    errors = {name: float(np.abs(found).mean()) for name, found in residuals.items()}
    best = min(errors, key=lambda name: errors[name])
    middle = CANDIDATES[best](values, season, steps)
    reach = band(residuals[best])
    return CarriedOn(
        middle, middle - reach, middle + reach, best, len(origins), measured_coverage(residuals[best]), errors
    )


def least_length(season: int, steps: int) -> int:
    """How long a series must be."""
    return max(2 * season, 14) + steps + LEAST_WINDOWS - 1


def calibration_origins(length: int, season: int, steps: int) -> list[int]:
    """Moments of the past to forecast from, evenly spaced, the newest first; at most 30."""
    first, last = max(2 * season, 14), length - steps
    if last < first:
        return []
    spacing = max(1, (last - first) // (MOST_WINDOWS - 1))
    return list(range(last, first - 1, -spacing))[:MOST_WINDOWS]


def _residuals(candidate: Candidate, values: Array, season: int, steps: int, origins: list[int]) -> Array:
    """What came minus what was forecast, one row a window."""
    return np.array([values[at : at + steps] - candidate(values[:at], season, steps) for at in origins])


def band(residuals: Array) -> Array:
    """Half the width of the 90 % band at each step: the conformal quantile of the absolute residuals."""
    windows, steps = residuals.shape
    share = min(1.0, np.ceil(COVERAGE * (windows + 1)) / windows)
    sizes = np.pad(np.abs(residuals), ((0, 0), (NEIGHBOURS, NEIGHBOURS)), mode="edge")
    pooled = np.concatenate([sizes[:, by : by + steps] for by in range(2 * NEIGHBOURS + 1)])
    return np.asarray(np.quantile(pooled, share, axis=0), dtype=np.float64)


def measured_coverage(residuals: Array) -> float:
    """Share of the values of each window inside the band that the other windows give."""
    inside = [np.abs(residuals[at]) <= band(np.delete(residuals, at, axis=0)) for at in range(len(residuals))]
    return float(np.mean(inside))
