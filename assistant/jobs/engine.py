"""Opens the durable job engine on a data folder: a job that a killed process left goes on at its last finished step."""

import fcntl
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer

from tools.errors import JobsBusyError

# Changes when a workflow gets other steps. The engine's own default, a hash of the code, would leave every job
# that an earlier release began waiting for ever.
JOBS_VERSION = "1"
# One worker a data folder: two under one name would run the same step side by side.
_WORKER = "worker"


@contextmanager
def open_jobs(path: Path) -> Iterator[None]:
    """Run the jobs kept in a SQLite file, those of an earlier process first; job classes are made before.

    Raises:
        JobsBusyError: another process has the file open for its jobs.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with path.with_suffix(".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise JobsBusyError(
                "Another process works on the jobs of this data folder.", "Stop it, or use another DATA_DIR."
            ) from error
        # The engine leaves the journal as it finds it; without WAL a reader holds up every step.
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
        DBOS(config=_config(path))
        DBOS.launch()
        try:
            yield
        finally:
            DBOS.destroy()


def _config(path: Path) -> DBOSConfig:
    return DBOSConfig(
        name="battery-assistant",
        system_database_url=f"sqlite:///{path.absolute()}",
        application_version=JOBS_VERSION,
        executor_id=_WORKER,
        # The default writes pickles, which run code when they are read.
        serializer=DBOSPortableJSONSerializer(),
        log_level="WARNING",
    )
