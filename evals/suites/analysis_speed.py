"""How long the whole nightly analysis takes, and whether it grows no faster than the rows do."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from tqdm import tqdm

from evals.fleets import fleet_database
from evals.nightly import analyse
from evals.scenario import FleetSpec
from evals.suites.questions import Metrics
from tools.database import Database
from tools.telemetry.fleet import Device
from tools.telemetry.schema import battery_data, cell_readings, devices, hourly_rollups, latest_readings
from tools.telemetry.store import ReadingStore

SEED, DAYS = 7304, 30
NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
COPIED = (devices, battery_data, cell_readings, hourly_rollups, latest_readings)
MOST_SECONDS = 10.0
MOST_ANALYSED = 80
# Rows grow by ten; time may grow by a quarter more than that.
MOST_GROWTH = 12.5


@dataclass(frozen=True)
class Cost:
    """What a night took: seconds by the clock, and of the processor alone, which a busy machine does not lengthen."""

    seconds: float
    cpu_seconds: float


def measure(seed: int | None = None) -> Metrics:
    """Seconds for the default fleet, alone in its database and beside 9 and 99 copies of it that are analysed too."""
    costs: dict[int, Cost] = {}
    with fleet_database(FleetSpec(seed=seed or SEED, days=DAYS), NOW) as database:
        originals = ReadingStore(database).fleet().devices
        # What is loaded with the first analysis belongs to no night.
        analyse(database, originals[:1], NOW)
        for times, copied_before in ((1, 1), (10, 1), (100, 10)):
            copy_devices(database, originals, range(copied_before, times))
            costs[times] = one_night(database, f"{times}x")
    return {
        "cases": len(originals),
        "analysed_at_100x": MOST_ANALYSED,
        **{f"seconds_{times}x": round(cost.seconds, 2) for times, cost in costs.items()},
        **{f"cpu_seconds_{times}x": round(cost.cpu_seconds, 2) for times, cost in costs.items()},
        "growth_10x": round(costs[10].cpu_seconds / costs[1].cpu_seconds, 2),
        "growth_100x": round(costs[100].cpu_seconds / costs[10].cpu_seconds, 2),
    }


def one_night(database: Database, name: str) -> Cost:
    """What every device of a database costs on one core; of more than 80 a sample is analysed, and its cost scaled up.

    The devices of a night are analysed one by one, so the others could not cost more than these.
    """
    fleet = ReadingStore(database).fleet().devices
    every = -(-len(fleet) // MOST_ANALYSED)
    # Of each original the same number: copies stand in the order of their originals.
    chosen = [device for place, device in enumerate(fleet) if place % every == 0]
    began, began_cpu = time.perf_counter(), time.process_time()
    for device in tqdm(chosen, desc=name, leave=False):
        analyse(database, [device], NOW)
    share = len(fleet) / len(chosen)
    return Cost(share * (time.perf_counter() - began), share * (time.process_time() - began_cpu))


def copy_devices(database: Database, originals: Sequence[Device], numbers: Iterable[int]) -> None:
    """Add copies of devices with all their rows under other ids, by the database itself."""
    for number in numbers:
        with database.write() as connection:
            for device in originals:
                for table in COPIED:
                    _copy(connection, table, device.device_id, f"{device.device_id}-{number}")


def _copy(connection: Connection, table: sa.Table, old: str, new: str) -> None:
    kept = [column for column in table.columns if column.name != "record_id"]
    chosen = [sa.literal(new).label("device_id") if column.name == "device_id" else column for column in kept]
    rows = sa.select(*chosen).where(table.c.device_id == old)
    connection.execute(sa.insert(table).from_select([column.name for column in kept], rows))


def holds(metrics: Metrics) -> bool:
    """The default fleet within 10 s, and growth in step with the rows."""
    return bool(
        metrics["seconds_1x"] <= MOST_SECONDS and max(metrics["growth_10x"], metrics["growth_100x"]) <= MOST_GROWTH
    )
