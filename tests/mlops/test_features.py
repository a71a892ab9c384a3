"""The features of a device-week: the same in training and serving, and none of them looks ahead."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from tests.support.builders import NOW
from tests.support.simulations import fault_on, fleet_of, string
from tools.analytics.device_history import MONITOR_OPINIONS, DeviceHistory, history_of
from tools.errors import NotEnoughDataError
from tools.mlops.features import FEATURES, NAMES, features_of
from tools.telemetry.faults import FaultKind
from tools.telemetry.simulator import simulate

DAYS = 20
WEEK_BEFORE = NOW - timedelta(days=4)


def simulated_history(kind: FaultKind | None = None, cell_no: int | None = None) -> DeviceHistory:
    fleet = fleet_of([string()])
    faults = [fault_on("D01", kind, days_ago=10, cell_no=cell_no)] if kind else []
    found = simulate(fleet, NOW - timedelta(days=DAYS), NOW, seed=3, faults=faults)
    readings = found.readings.drop(columns=sorted(MONITOR_OPINIONS)).drop(columns="device_id")
    return history_of(fleet.devices[0].plain(), readings, found.cells)


def until(history: DeviceHistory, end: pd.Timestamp) -> DeviceHistory:
    return replace(
        history,
        received=history.received[history.received.index < end],
        rows=history.rows[history.rows.index < end],
        voltages=history.voltages[history.voltages.index < end],
        temperatures=history.temperatures[history.temperatures.index < end],
        resistances=history.resistances[history.resistances.index < end],
    )


def test_a_week_has_the_same_features_whatever_came_after_it() -> None:
    history = simulated_history(FaultKind.SOFT_SHORT, cell_no=4)
    later = features_of(history, WEEK_BEFORE)
    then = features_of(until(history, pd.Timestamp(WEEK_BEFORE)), WEEK_BEFORE)
    np.testing.assert_allclose([later[name] for name in NAMES], [then[name] for name in NAMES], rtol=1e-9)


def test_a_leaking_cell_moves_the_features_of_cells() -> None:
    leaking, sound = (
        features_of(simulated_history(FaultKind.SOFT_SHORT, cell_no=4), NOW),
        features_of(simulated_history(), NOW),
    )
    assert leaking["cell_low_v"] > sound["cell_low_v"] + 0.05
    assert leaking["cell_behind_mv"] > sound["cell_behind_mv"] + 50


def test_every_feature_lies_in_its_range_on_a_sound_string() -> None:
    found = features_of(simulated_history(), NOW)
    outside = [
        feature.name
        for feature in FEATURES
        if np.isfinite(found[feature.name]) and not feature.low <= found[feature.name] <= feature.high
    ]
    assert outside == []


def test_a_short_history_is_refused_with_what_is_needed() -> None:
    history = until(simulated_history(), pd.Timestamp(NOW - timedelta(days=10)))
    with pytest.raises(NotEnoughDataError, match="12 days"):
        features_of(history, NOW - timedelta(days=10))
