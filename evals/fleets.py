"""The simulated databases that suites ask about, made once and kept by seed, days, present and code."""

import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from evals.scenario import FleetSpec
from tools.database import SCHEMA_REVISION, Database, open_database, sqlite_url
from tools.telemetry import demo as demo_module
from tools.telemetry.demo import make_demo

CACHE = Path(".cache") / "evals"


@contextmanager
def fleet_database(spec: FleetSpec, now: datetime, seed: int | None = None) -> Iterator[Database]:
    """A fresh copy of the fleet's database in a folder of its own."""
    kept = _kept(FleetSpec(seed=seed or spec.seed, days=spec.days), now)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "battery_monitoring.db"
        shutil.copy(kept, path)
        database = open_database(sqlite_url(path))
        try:
            yield database
        finally:
            database.close()


def data_hash(spec: FleetSpec, now: datetime) -> str:
    """What the data was made from: the seed, the days, the present, and the simulator's sources."""
    digest = hashlib.sha256(f"{spec.seed} {spec.days} {now.isoformat()}".encode())
    for path in sorted(Path(demo_module.__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _kept(spec: FleetSpec, now: datetime) -> Path:
    path = (CACHE / f"fleet-{data_hash(spec, now)}-{SCHEMA_REVISION}.db").absolute()
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".unfinished")
        unfinished.unlink(missing_ok=True)
        database = open_database(sqlite_url(unfinished), create=True)
        make_demo(database, now=now, days=spec.days, seed=spec.seed)
        with database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        database.close()
        unfinished.rename(path)
    return path
