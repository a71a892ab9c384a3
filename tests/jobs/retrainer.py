"""A process that retrains on made-up weeks: `python -m tests.jobs.retrainer FOLDER JOB [BATCH]`; dies in that batch.

Every batch that is made is noted in FOLDER/made.txt.
"""

import os
import signal
import sys
from pathlib import Path

from assistant.jobs.engine import open_jobs
from assistant.jobs.retraining import RetrainJobs, RetrainRequest
from tests.support.builders import NOW
from tests.support.labelled import held_out, learned
from tools.clock import FixedClock
from tools.database import open_database, sqlite_url
from tools.mlops.experiments import ExperimentLog
from tools.mlops.registry import ModelRegistry
from tools.mlops.weeks import LabelledWeek

BATCHES = 3
REQUEST = RetrainRequest(who="ada", seed=1, held_out_seed=2, algorithms=("random_forest",))


class NotedWeeks:
    """Made-up weeks in three batches; the process is killed in the middle of one of them."""

    def __init__(self, folder: Path, dies_in: int | None) -> None:
        self._noted = folder / "made.txt"
        self._dies_in = dies_in
        self._made = 0

    def count(self, seed: int, devices: int) -> int:  # noqa: ARG002
        return BATCHES

    def make(self, seed: int, devices: int, number: int, *, with_rules: bool) -> list[LabelledWeek]:  # noqa: ARG002
        self._made += 1
        if self._made == self._dies_in:
            os.kill(os.getpid(), signal.SIGKILL)
        with self._noted.open("a") as file:
            file.write(f"{seed} {number}\n")
        return list(held_out() if with_rules else learned())[number::BATCHES]


def main(folder: Path, job_id: str, dies_in: int | None) -> None:
    """Start the job, or go on with it, and wait until it has ended."""
    database = open_database(sqlite_url(folder / "battery_monitoring.db"), create=True)
    registry = ModelRegistry(database, folder / "models")
    log = ExperimentLog(folder / "mlflow.db")
    jobs = RetrainJobs(registry, log, FixedClock(NOW), NotedWeeks(folder, dies_in))
    with open_jobs(folder / "jobs.db"):
        jobs.start(job_id, REQUEST)
        sys.stdout.write(jobs.wait(job_id).model_dump_json() + "\n")
    database.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else None)
