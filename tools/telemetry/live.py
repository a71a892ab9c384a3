"""The live feed of a simulated fleet: samples it as time passes, and fills the time the program did not run."""

from datetime import datetime, timedelta

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from tools.clock import Clock, to_utc
from tools.database import Database
from tools.telemetry.demo import limit_received, newest_quarter, store_truth
from tools.telemetry.ingest import ingest_cells, ingest_readings
from tools.telemetry.plant import Plant
from tools.telemetry.schema import latest_readings, live_readings, simulator_state
from tools.telemetry.sensors import Recorder
from tools.telemetry.simulation_state import Resumed, load_state, save_state
from tools.telemetry.simulator import QUARTER_HOUR, Progress, moments_between, run

LONGEST_GAP = timedelta(days=30)
LIVE_KEPT = timedelta(hours=24)
# Filled in pieces, so that a stop in the middle loses little and no write holds the database for long.
PIECE = timedelta(days=5)


class LiveFeed:
    """Carries a simulation on in step with the clock. Without a simulation in the database it does nothing."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._resumed: Resumed | None = None
        self._last_tick: datetime | None = None

    @property
    def is_available(self) -> bool:
        """Whether the database holds a simulated fleet to carry on."""
        if self._resumed is not None:
            return True
        with self._database.read() as connection:
            return connection.scalar(sa.select(sa.func.count()).select_from(simulator_state)) == 1

    def catch_up(self, progress: Progress | None = None) -> int:
        """Fill `battery_data` up to the newest full quarter hour; gives the number of rows stored.

        Of a gap longer than 30 days only the last 30 days are simulated.
        """
        resumed = self._take_up()
        if resumed is None:
            return 0
        target = newest_quarter(self._clock.now())
        _skip_far_gap(resumed.plant, target)
        first, stored = resumed.plant.moment, 0
        while newest_quarter(resumed.plant.moment) < target:
            end = min(newest_quarter(resumed.plant.moment) + PIECE, target)
            stored += self._store_until(resumed, end)
            if progress:
                progress((end - first) / (target - first), "catching up")
        return stored

    def tick(self) -> int:
        """Sample every device now; gives the number of live rows stored. A full quarter hour is stored for good."""
        now = to_utc(self._clock.now())
        resumed = self._take_up()
        if resumed is None or now == self._last_tick or now < resumed.plant.moment:
            return 0
        self.catch_up()
        rows = Recorder(resumed.plant, resumed.held).readings([resumed.plant.advance(now)], QUARTER_HOUR)
        limit_received(rows, now)
        with self._database.write() as connection:
            _store_live(connection, rows, now)
        self._last_tick = now
        return len(rows)

    def _take_up(self) -> Resumed | None:
        if self._resumed is None:
            with self._database.read() as connection:
                self._resumed = load_state(connection)
        return self._resumed

    def _store_until(self, resumed: Resumed, end: datetime) -> int:
        """Simulate to a full quarter hour; rows, cells, truth and state are stored together or not at all."""
        plant, held = resumed
        moments = moments_between(newest_quarter(plant.moment), end)
        # Should storing fail, memory is ahead of the database: the next call takes up what is stored.
        self._resumed = None
        simulated = run(plant, held, moments)
        limit_received(simulated.readings, self._clock.now())
        with self._database.write() as connection:
            result = ingest_readings(
                connection,
                simulated.readings,
                plant.fleet.plain().devices,
                source="simulator",
                now=self._clock.now(),
            )
            ingest_cells(connection, simulated.cells)
            store_truth(connection, simulated.truth)
            save_state(connection, plant, held)
        self._resumed = resumed
        return result.stored


def _skip_far_gap(plant: Plant, target: datetime) -> None:
    """The plant sleeps through what lies further back than 30 days."""
    plant.moment = max(plant.moment, target - LONGEST_GAP)


def _store_live(connection: Connection, rows: pd.DataFrame, now: datetime) -> None:
    """Add the live rows, forget those older than a day, and show the new ones as the latest."""
    moments = [moment.to_pydatetime() for moment in rows["timestamp_utc"].unique()]
    live, latest = live_readings.c, latest_readings.c
    connection.execute(
        sa.delete(live_readings).where((live.timestamp_utc < now - LIVE_KEPT) | live.timestamp_utc.in_(moments))
    )
    if rows.empty:
        return
    connection.execute(sa.insert(live_readings), _records(rows))
    names = [column.name for column in latest_readings.columns if column.name != "record_id"]
    sampled = sa.select(*(live[name] for name in names)).where(live.timestamp_utc.in_(moments))
    connection.execute(sa.delete(latest_readings).where(latest.device_id.in_(list(rows["device_id"]))))
    connection.execute(sa.insert(latest_readings).from_select(names, sampled))


def _records(rows: pd.DataFrame) -> list[dict[str, object]]:
    """The rows as the database takes them; no data is None."""
    plain = rows.astype(object)
    values = plain.where(plain.notna(), None).to_numpy()
    return [dict(zip(rows.columns, row, strict=True)) for row in values]
