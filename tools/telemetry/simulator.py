"""Simulates a fleet over a window: readings as its monitors store them, cell readings, and the truth behind both."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import pandas as pd

from tools.errors import BadArgumentError
from tools.telemetry.faults import Fault
from tools.telemetry.plant import Plant
from tools.telemetry.plant_state import Snapshot
from tools.telemetry.sensors import Recorder, truth_of_cells
from tools.telemetry.simulated_fleet import SimulatedFleet

Progress = Callable[[float, str], None]
QUARTER_HOUR = timedelta(minutes=15)
# Lets temperatures and charge find their balance before the first row.
WARM_UP = timedelta(days=1)


@dataclass(frozen=True)
class Simulated:
    """What a simulated fleet left behind: `readings` and `cells` are seen, `truth` and `faults` lie behind them."""

    readings: pd.DataFrame
    cells: pd.DataFrame
    truth: pd.DataFrame
    faults: tuple[Fault, ...]


def simulate(
    fleet: SimulatedFleet,
    start: datetime,
    end: datetime,
    *,
    seed: int,
    step: timedelta = QUARTER_HOUR,
    faults: Sequence[Fault] = (),
    progress: Progress | None = None,
) -> Simulated:
    """Rows every `step` after `start` up to and with `end`; cells and truth at full hours.

    The same arguments give the same data.
    """
    moments = moments_between(start, end, step)
    if not moments:
        raise BadArgumentError("The window is shorter than one step.", "Ask for a later end.")
    return run(start_plant(fleet, start, seed=seed, faults=faults), {}, moments, progress=progress)


def moments_between(start: datetime, end: datetime, step: timedelta = QUARTER_HOUR) -> list[datetime]:
    """Every `step` after `start` up to and with `end`."""
    return [start + number * step for number in range(1, (end - start) // step + 1)]


def start_plant(fleet: SimulatedFleet, start: datetime, *, seed: int, faults: Sequence[Fault] = ()) -> Plant:
    """A plant that has found its balance and stands at `start`."""
    _check(fleet, faults)
    plant = Plant(fleet, faults, seed, start - WARM_UP)
    for hour in range(1, 25):
        plant.advance(start - WARM_UP + timedelta(hours=hour))
    return plant


def run(
    plant: Plant, held: dict[str, float], moments: Sequence[datetime], *, progress: Progress | None = None
) -> Simulated:
    """Move a plant on from where it stands through these evenly spaced moments, and record what is stored at each."""
    snapshots: list[Snapshot] = []
    for number, moment in enumerate(moments, start=1):
        snapshots.append(plant.advance(moment))
        if progress and number % 96 == 0:
            progress(number / len(moments), "simulating")
    recorder = Recorder(plant, held)
    step = moments[1] - moments[0] if len(moments) > 1 else QUARTER_HOUR
    hourly = [snapshot for snapshot in snapshots if snapshot.moment.minute == 0 and snapshot.moment.second == 0]
    return Simulated(
        readings=recorder.readings(snapshots, step),
        cells=recorder.cells(hourly) if hourly else pd.DataFrame(),
        truth=truth_of_cells(hourly, plant.fleet) if hourly else pd.DataFrame(),
        faults=plant.faults,
    )


def _check(fleet: SimulatedFleet, faults: Sequence[Fault]) -> None:
    known = {device.device_id: device for device in fleet.devices}
    if len({device.cell_count for device in fleet.devices}) != 1:
        raise BadArgumentError("The simulator needs strings of equal length.", "Simulate other strings on their own.")
    for fault in faults:
        device = known.get(fault.device_id)
        if device is None:
            raise BadArgumentError(f"A fault names {fault.device_id!r}.", f"Known devices: {', '.join(known)}.")
        if fault.cell_no is not None and not 1 <= fault.cell_no <= device.cell_count:
            raise BadArgumentError(
                f"A fault names cell {fault.cell_no} of {fault.device_id}.",
                f"Its cells are 1 to {device.cell_count}.",
            )
