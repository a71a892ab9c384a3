"""Labelled device-weeks from simulated fleets, for training a model of the condition and for judging one.

Only here the truth of a simulation meets the features; the fleet that is served has no part in it.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import pandas as pd

from tools.analytics.anomalies import device_anomalies
from tools.analytics.device_history import MONITOR_OPINIONS, DeviceHistory, history_of
from tools.mlops.conditions import CONDITION_OF, CONDITIONS, HEALTHY, Condition, condition_by_rules
from tools.mlops.features import NAMES, WEEK, week_features
from tools.mlops.signals import signals_of
from tools.mlops.weeks import LabelledWeek
from tools.telemetry.faults import RAMPS, Fault, FaultKind
from tools.telemetry.practice_fleet import END, START, PracticeFleet, practice_fleet
from tools.telemetry.simulated_fleet import SimulatedDevice
from tools.telemetry.simulator import simulate

# A week in the middle, when little past is known, and the last one.
WEEK_ENDS = (START + timedelta(days=17), END)
BATCH = 40
HEALTHY_SHARE = 0.3
# A fault of fewer hours in the week is too fresh to ask for; a creeping one must have come this far.
LEAST_HOURS = timedelta(hours=12)
LEAST_PROGRESS = 1 / 3


@dataclass(frozen=True)
class Batch:
    """Strings to simulate together; `number` makes their names unique."""

    number: int
    seed: int
    kinds: tuple[FaultKind | None, ...]


def practice_batches(seed: int, devices: int) -> list[Batch]:
    """So many strings: a share of healthy ones, every other condition as often as the next, its kinds in turn."""
    rng = np.random.default_rng([seed, 73])
    healthy = round(HEALTHY_SHARE * devices)
    by_condition = [_kinds_in_turn(condition) for condition in CONDITIONS if condition != HEALTHY]
    turns = itertools.cycle(by_condition)
    kinds: list[FaultKind | None] = [next(next(turns)) for _ in range(devices - healthy)]
    kinds += [None] * healthy
    mixed = [kinds[place] for place in rng.permutation(devices)]
    return [
        Batch(number, seed * 1000 + number, tuple(mixed[begin : begin + BATCH]))
        for number, begin in enumerate(range(0, devices, BATCH))
    ]


def _kinds_in_turn(condition: Condition) -> Iterator[FaultKind]:
    return itertools.cycle([kind for kind in FaultKind if CONDITION_OF[kind.value] == condition])


def labelled_weeks(batch: Batch, *, with_rules: bool = False) -> list[LabelledWeek]:
    """Simulate a batch and give its labelled weeks; with what the rules say of each where asked."""
    practice = practice_fleet(batch.seed, batch.kinds)
    faults = {fault.device_id: fault for fault in practice.faults}
    found = []
    for device, history in _histories(practice):
        signals = signals_of(history)
        fault = faults.get(device.device_id)
        for end in WEEK_ENDS:
            condition = _condition(fault, end)
            if condition is None:
                continue
            features = week_features(signals, end)
            is_wrong = fault is not None and condition != HEALTHY
            found.append(
                LabelledWeek(
                    device_id=f"{batch.seed}-{device.device_id}",
                    site_id=f"{batch.seed}-{device.site_id}",
                    end=end,
                    condition=condition,
                    features=tuple(features[name] for name in NAMES),
                    battery_model=device.battery_model,
                    age_years=device.age_years,
                    kind=fault.kind.value if fault is not None and is_wrong else None,
                    strength=_reached(fault, end) if fault is not None and is_wrong else None,
                    by_rules=rules_say(history, end) if with_rules else None,
                )
            )
    return found


def rules_say(history: DeviceHistory, end: datetime) -> Condition:
    """The condition by the rules of the analytics, from what was stored before `end`."""
    known = pd.Timestamp(end)
    before = DeviceHistory(
        history.device,
        history.received[history.received.index < known],
        history.rows[history.rows.index < known],
        history.voltages[history.voltages.index < known],
        history.temperatures[history.temperatures.index < known],
        history.resistances[history.resistances.index < known],
    )
    return condition_by_rules(device_anomalies(before), end - WEEK)


def _histories(practice: PracticeFleet) -> Iterator[tuple[SimulatedDevice, DeviceHistory]]:
    simulated = simulate(practice.fleet, START, END, seed=practice.seed, faults=practice.faults)
    # What the monitor itself concluded is blanked before anything looks.
    readings = dict(list(simulated.readings.drop(columns=sorted(MONITOR_OPINIONS)).groupby("device_id")))
    cells = dict(list(simulated.cells.groupby("device_id")))
    for device in practice.fleet.devices:
        mine = readings[device.device_id].drop(columns="device_id")
        yield device, history_of(device.plain(), mine, cells[device.device_id])


def _condition(fault: Fault | None, end: datetime) -> Condition | None:
    """The condition of the week up to `end`; None where one cannot fairly ask for it."""
    if fault is None:
        return HEALTHY
    overlap = min(fault.end or end, end) - max(fault.onset, end - WEEK)
    if overlap <= timedelta(0):
        return HEALTHY
    ramp = RAMPS.get(fault.kind)
    if overlap < LEAST_HOURS or (ramp is not None and (end - fault.onset) / ramp < LEAST_PROGRESS):
        return None
    return CONDITION_OF[fault.kind.value]


def _reached(fault: Fault, end: datetime) -> float:
    """How strong the fault was at the end of the week, or at its own end."""
    last = min(end, fault.end) if fault.end else end
    return fault.strength(last - timedelta(seconds=1))
