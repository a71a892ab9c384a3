"""How close our estimate of runtime comes to the simulator, taken on at the same load until it disconnects."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
from tqdm import tqdm

from evals.suites.questions import Metrics
from evals.varied_fleets import varied_fleet
from tools.analytics.runtime import runtime_hours, runtime_state
from tools.analytics.soh import health_of_rows
from tools.telemetry.environment import Surroundings, Wander
from tools.telemetry.physics import Array
from tools.telemetry.plant import LOST, Plant
from tools.telemetry.plant_state import Snapshot
from tools.telemetry.sensors import Recorder
from tools.telemetry.simulator import QUARTER_HOUR, moments_between

# Seeds 100 to 119 are for tuning.
SEED, DEVICES, DAYS_BEFORE = 7302, 64, 10
DARK = datetime(2026, 3, 31, 12, tzinfo=UTC)
FINE, LONGEST = timedelta(minutes=5), timedelta(hours=30)
AT_SHARES = (1 / 3, 1 / 2, 2 / 3)
MOST_ERROR_PCT = 10.0


class SteadyLoad(Surroundings):
    """Room and load of a fleet whose load stands still from a moment on."""

    def hold_from(self, moment: datetime) -> None:
        self._from = moment

    def load_a(self, moment: datetime, wander: Wander) -> Array:
        """Load in A of each device."""
        if moment <= self._from:
            self._held = super().load_a(moment, wander)
        return self._held


class DarkPlant(Plant):
    """A fleet whose mains goes for good at DARK, and whose load stands still from then on."""

    def __init__(self, seed: int, start: datetime) -> None:
        super().__init__(varied_fleet(seed, DEVICES, start), (), seed, start)
        surroundings = SteadyLoad(self.fleet)
        surroundings.hold_from(DARK)
        self._surroundings = surroundings

    def _mains(self, moment: datetime) -> Array:
        mains = super()._mains(moment)
        return np.full_like(mains, LOST) if moment >= DARK - timedelta(seconds=1) else mains


def measure(seed: int | None = None) -> Metrics:
    """Error in % of the true time left, at a third, half and two thirds of each discharge to disconnect."""
    plant = DarkPlant(seed or SEED, DARK - timedelta(days=DAYS_BEFORE))
    moments = moments_between(plant.moment, DARK, QUARTER_HOUR) + moments_between(DARK, DARK + LONGEST, FINE)
    seen: list[Snapshot] = []
    for moment in tqdm(moments, desc="runtime", leave=False):
        seen.append(plant.advance(moment))
        if moment > DARK and seen[-1].is_open.all():
            break
    return score(plant, seen)


def score(plant: Plant, seen: Sequence[Snapshot]) -> Metrics:
    """The figures of the suite; strings that never reached their limit are left out and counted."""
    quarters = [one for one in seen if one.moment.minute % 15 == 0]
    rows = Recorder(plant, {}).readings(quarters, QUARTER_HOUR)
    rows["hours"] = (rows["timestamp_utc"] - pd.Timestamp(plant_start(seen))).dt.total_seconds() / 3600
    rows = rows[~rows["data_quality"].isin(("stale", "substituted"))]
    dark = [one for one in seen if one.moment > DARK]
    errors, inside = [], []
    for place, device in enumerate(tqdm(plant.fleet.devices, desc="judging", leave=False)):
        ended = next((one.moment for one in dark if one.is_open[place, 0] > 0), None)
        if ended is None:
            continue
        mine = rows[rows["device_id"] == device.device_id]
        for share in AT_SHARES:
            then = DARK + share * (ended - FINE / 2 - DARK)
            known = mine[mine["timestamp_utc"] <= then].reset_index(drop=True)
            health = health_of_rows(known, device, then)
            if health is None:
                continue
            state = runtime_state(known, device, health)
            hours, low, high = runtime_hours(state, float(dark[0].load_a[place, 0]))
            newest = known["timestamp_utc"].iloc[-1].to_pydatetime()
            truth = (ended - FINE / 2 - newest) / timedelta(hours=1)
            errors.append(100 * abs(hours - truth) / truth)
            inside.append(low <= truth <= high)
    return {
        "cases": len(errors) // len(AT_SHARES),
        "estimates": len(errors),
        "error_pct_after_third": round(float(np.mean(errors)), 2) if errors else None,
        "error_pct_p95": round(float(np.percentile(errors, 95)), 2) if errors else None,
        "coverage_90": round(float(np.mean(inside)), 3) if inside else None,
    }


def plant_start(seen: Sequence[Snapshot]) -> datetime:
    """The moment hours are counted from."""
    return seen[0].moment


def holds(metrics: Metrics) -> bool:
    """At least 60 discharges, with a mean error of at most 10 % of the truth."""
    error = metrics["error_pct_after_third"]
    return bool(metrics["cases"] >= 60 and error is not None and error <= MOST_ERROR_PCT)
