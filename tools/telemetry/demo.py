"""Makes the demo: simulates a fleet up to now and stores all of it in one transaction."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict
from sqlalchemy.engine import Connection

from tools.clock import to_utc
from tools.database import Database
from tools.errors import BadArgumentError
from tools.telemetry.bulk import insert_frame
from tools.telemetry.demo_fleet import demo_faults, demo_fleet
from tools.telemetry.faults import Fault
from tools.telemetry.fleet import Fleet
from tools.telemetry.ingest import add_device, add_site, refresh_latest
from tools.telemetry.rollups import recompute_rollups
from tools.telemetry.schema import battery_data, cell_readings, devices, injected_faults, simulated_truth
from tools.telemetry.simulated_fleet import SimulatedFleet
from tools.telemetry.simulation_state import save_state
from tools.telemetry.simulator import Progress, Simulated, moments_between, run, start_plant

LONGEST_DAYS = 400
# Simulating takes about half of the time, storing the rest.
SIMULATING_SHARE = 0.5


class DemoSummary(BaseModel):
    """What the demo put into the database."""

    model_config = ConfigDict(frozen=True)

    sites: int
    devices: int
    readings: int
    cell_readings: int
    faults: int
    start: datetime
    end: datetime


def newest_quarter(moment: datetime) -> datetime:
    """The full quarter of an hour at or before a moment, UTC."""
    utc = to_utc(moment)
    return utc.replace(minute=utc.minute // 15 * 15, second=0, microsecond=0)


def make_demo(
    database: Database,
    *,
    now: datetime,
    days: int = 30,
    records: int | None = None,
    seed: int = 7,
    fleet: SimulatedFleet | None = None,
    faults: Sequence[Fault] | None = None,
    progress: Progress | None = None,
) -> DemoSummary:
    """Fill an empty database with a simulated fleet whose last reading is at the newest full quarter hour.

    Args:
        days: length of the window.
        records: keep only so many rows in all, evenly over devices and time, for a small demo.
        fleet: another fleet than the demo's; then nothing goes wrong unless `faults` says so.
        faults: what goes wrong instead of the demo's faults.

    Raises:
        BadArgumentError: the database already holds devices, or days and records make no demo.
    """
    end = newest_quarter(now)
    start = end - timedelta(days=days)
    if not 1 <= days <= LONGEST_DAYS:
        raise BadArgumentError(f"A demo of {days} days cannot be made.", f"Give 1 to {LONGEST_DAYS} days.")
    chosen = fleet or demo_fleet(start)
    if records is not None and records < len(chosen.devices):
        raise BadArgumentError(
            f"{records} records are too few for {len(chosen.devices)} devices.", "Give at least one a device."
        )
    with database.read() as connection:
        _refuse_unless_empty(connection)
    wrong = faults if faults is not None else demo_faults(start, end) if fleet is None else ()
    plant = start_plant(chosen, start, seed=seed, faults=wrong)
    held: dict[str, float] = {}
    simulated = run(plant, held, moments_between(start, end), progress=_part(progress, 0, SIMULATING_SHARE))
    if records is not None:
        simulated = thin_out(simulated, records)
    limit_received(simulated.readings, now)
    with database.write() as connection:
        _refuse_unless_empty(connection)
        _store(connection, chosen.plain(), simulated, _part(progress, SIMULATING_SHARE, 1))
        save_state(connection, plant, held)
    if progress:
        progress(1.0, "done")
    return DemoSummary(
        sites=len(chosen.sites),
        devices=len(chosen.devices),
        readings=len(simulated.readings),
        cell_readings=len(simulated.cells),
        faults=len(simulated.faults),
        start=start,
        end=end,
    )


def _refuse_unless_empty(connection: Connection) -> None:
    count = connection.scalar(sa.select(sa.func.count()).select_from(devices))
    if count:
        raise BadArgumentError(
            f"The database already holds {count} devices; a demo goes into an empty one.",
            "Point DATA_DIR at an empty folder, or move battery_monitoring.db away.",
        )


def _part(progress: Progress | None, start: float, end: float) -> Progress | None:
    """The progress of a part of the work as progress of the whole."""
    if progress is None:
        return None
    return lambda done, label: progress(start + done * (end - start), label)


def limit_received(readings: pd.DataFrame, now: datetime) -> None:
    """A gateway cannot have stored a row later than now, however slow its link."""
    received = readings["received_utc"]
    readings["received_utc"] = received.where(received <= pd.Timestamp(to_utc(now)), pd.Timestamp(to_utc(now)))


def thin_out(simulated: Simulated, records: int) -> Simulated:
    """Keep so many readings in all, evenly over devices and time, and as many sets of cells a device."""
    kept = []
    device_ids = list(dict.fromkeys(simulated.readings["device_id"]))
    share, rest = divmod(records, len(device_ids))
    for place, device_id in enumerate(device_ids):
        mine = simulated.readings[simulated.readings["device_id"] == device_id]
        kept.append(_evenly(mine.index, share + (place < rest)))
    hours = _evenly(pd.Index(simulated.truth["timestamp_utc"].unique()), share)
    return Simulated(
        readings=simulated.readings.loc[sorted(np.concatenate(kept))].reset_index(drop=True),
        cells=simulated.cells[simulated.cells["timestamp_utc"].isin(hours)],
        truth=simulated.truth[simulated.truth["timestamp_utc"].isin(hours)],
        faults=simulated.faults,
    )


def _evenly(index: pd.Index, count: int) -> pd.Index:
    """So many entries spread evenly, the last one among them."""
    count = min(count, len(index))
    places = np.linspace(len(index) - 1, 0, count).round().astype(int)[::-1]
    return index[places]


def _store(connection: Connection, fleet: Fleet, simulated: Simulated, progress: Progress | None) -> None:
    for site in fleet.sites:
        add_site(connection, site)
    for device in fleet.devices:
        add_device(connection, device)
    tell = progress or (lambda _done, _label: None)
    insert_frame(connection, battery_data, simulated.readings)
    tell(0.4, "readings stored")
    insert_frame(connection, cell_readings, simulated.cells)
    tell(0.6, "cells stored")
    store_truth(connection, simulated.truth)
    store_faults(connection, simulated.faults)
    tell(0.8, "truth stored")
    for device_id, mine in simulated.readings.groupby("device_id"):
        hours = mine["timestamp_utc"].dt.floor("h").unique()
        recompute_rollups(connection, str(device_id), [hour.to_pydatetime() for hour in hours])
        refresh_latest(connection, str(device_id))
    tell(1.0, "rollups made")


def store_truth(connection: Connection, truth: pd.DataFrame) -> None:
    """Keep what was really so; only the simulator and the evals may look at it."""
    insert_frame(connection, simulated_truth, truth)


def store_faults(connection: Connection, faults: Sequence[Fault]) -> None:
    """Keep what was made to go wrong, the key of the evals."""
    if faults:
        connection.execute(
            sa.insert(injected_faults),
            [
                {
                    "device_id": fault.device_id,
                    "cell_no": fault.cell_no,
                    "kind": fault.kind.value,
                    "onset_utc": fault.onset,
                    "end_utc": fault.end,
                    "severity": fault.severity,
                }
                for fault in faults
            ],
        )
