"""Ways to carry a series on: naive, seasonal naive, linear trend, Theta, exponential smoothing, and STL.

Written on numpy (STL is statsmodels'): a rolling origin fits each candidate two dozen times a series, and one fit of
statsmodels' ETS takes about as long as a whole rolling origin here. Each takes the series, the length of its season and
how many steps ahead, and gives that many values.
"""

from collections.abc import Callable, Mapping

import numpy as np
from scipy.signal import lfilter
from statsmodels.tsa.seasonal import STL  # type: ignore[import-untyped]

from tools.analytics.good_rows import Array

Candidate = Callable[[Array, int, int], Array]
_ALPHAS = (0.05, 0.1, 0.2, 0.4, 0.7, 0.95)
# Loess looks at a few seasons only; older ones cost time and change nothing.
STL_SEASONS = 10
# Loess at every fifth (third) place and a line between: a tenth of its windows, as Cleveland et al. (1990) advise.
# Differs by thousandths of a degree, at a third of the time.
STL_JUMPS = {"trend_jump": 5, "low_pass_jump": 3}


def naive(values: Array, _season: int, steps: int) -> Array:
    """The last value."""
    ahead: Array = np.full(steps, values[-1])
    return ahead


def seasonal_naive(values: Array, season: int, steps: int) -> Array:
    """The value one season ago."""
    ahead: Array = np.resize(values[-season:], steps)
    return ahead


def linear(values: Array, season: int, steps: int) -> Array:
    """The straight line through the series, with the usual shape of a season on it."""
    shape = _season_shape(values, season)
    places = np.arange(len(values))
    slope, level = np.polyfit(places, values - _tiled(shape, 0, len(values)), 1)
    ahead: Array = level + slope * (len(values) + np.arange(steps)) + _tiled(shape, len(values), steps)
    return ahead


def smoothing(values: Array, season: int, steps: int) -> Array:
    """Exponential smoothing of the level, with an additive season."""
    shape = _season_shape(values, season)
    level = _level(values - _tiled(shape, 0, len(values)))
    ahead: Array = level + _tiled(shape, len(values), steps)
    return ahead


def theta(values: Array, season: int, steps: int) -> Array:
    """Theta method (Assimakopoulos and Nikolopoulos 2000): a smoothed level with half the slope of the line."""
    shape = _season_shape(values, season)
    plain = values - _tiled(shape, 0, len(values))
    slope = np.polyfit(np.arange(len(plain)), plain, 1)[0]
    ahead: Array = _level(plain) + 0.5 * slope * np.arange(1, steps + 1) + _tiled(shape, len(values), steps)
    return ahead


def stl(values: Array, season: int, steps: int) -> Array:
    """Season and trend by loess; the last season is repeated, the rest is smoothed."""
    if season < 2:
        return smoothing(values, season, steps)
    recent = values[-STL_SEASONS * season :]
    parts = STL(recent, period=season, robust=False, **STL_JUMPS).fit()
    level = _level(recent - parts.seasonal)
    ahead: Array = level + np.resize(parts.seasonal[-season:], steps)
    return ahead


CANDIDATES: Mapping[str, Candidate] = {
    "naive": naive,
    "seasonal naive": seasonal_naive,
    "linear trend": linear,
    "smoothing (ETS)": smoothing,
    "Theta": theta,
    "STL": stl,
}


def _season_shape(values: Array, season: int) -> Array:
    """Mean departure from the daily level at each place of the season, from whole seasons at the end."""
    whole = len(values) // season
    if season < 2 or whole < 2:
        return np.zeros(max(season, 1))
    days = values[-whole * season :].reshape(whole, season)
    shape = (days - days.mean(axis=1, keepdims=True)).mean(axis=0)
    # In the order of the series' own beginning.
    turned: Array = np.roll(shape, len(values) % season)
    return turned


def _tiled(shape: Array, first: int, count: int) -> Array:
    tiled: Array = shape[(first + np.arange(count)) % len(shape)]
    return tiled


def _level(values: Array) -> float:
    """The smoothed level at the end, with the smoothing that was best one step ahead."""
    best, level = np.inf, float(values[-1])
    for alpha in _ALPHAS:
        smoothed = lfilter([alpha], [1, alpha - 1], values, zi=[(1 - alpha) * values[0]])[0]
        error = float(np.mean((values[1:] - smoothed[:-1]) ** 2))
        if error < best:
            best, level = error, float(smoothed[-1])
    return level
