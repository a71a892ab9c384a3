"""Drift is told from the scatter of whole days, so that autocorrelation is no drift."""

import numpy as np
import pandas as pd
from scipy.signal import lfilter

from tests.support.builders import NOW
from tools.mlops.shift import shift_of, shift_of_days

ROWS = 96


def noise(seed: int, days: int) -> np.ndarray:
    made = lfilter([1.0], [1.0, -0.9], np.random.default_rng(seed).normal(size=500 + days * ROWS))[500:]
    return np.asarray(made * np.sqrt(1 - 0.9**2)).reshape(days, ROWS)


def test_a_week_like_the_weeks_before_is_no_drift() -> None:
    days = noise(3, 63)
    assert not shift_of_days(list(days[:56]), days[56:].ravel(), 7).is_drift


def test_a_week_that_moved_by_its_scatter_is_a_drift() -> None:
    days = noise(3, 63)
    found = shift_of_days(list(days[:56]), days[56:].ravel() + 1, 7)
    assert found.is_drift
    assert 0.7 < found.distance < 1.3


def test_a_week_of_twice_the_scatter_is_a_drift() -> None:
    days = noise(4, 63)
    assert shift_of_days(list(days[:56]), 2.5 * days[56:].ravel(), 7).is_drift


def test_a_field_that_never_moved_drifts_when_it_moves() -> None:
    days = [np.ones(ROWS)] * 20
    assert not shift_of_days(days, np.ones(7 * ROWS), 7).is_drift
    assert shift_of_days(days, np.full(7 * ROWS, 1.01), 7).is_drift


def test_too_few_days_to_compare_with_is_no_verdict() -> None:
    index = pd.date_range(end=NOW, periods=10 * ROWS, freq="15min")
    values = pd.Series(noise(3, 10).ravel(), index=index)
    assert shift_of(values[: 7 * ROWS], values[7 * ROWS :]) is None
