"""The job that retrains: simulates its fleets, trains, judges and keeps a version; each step is done once.

It makes nothing live: that is an action of its own, with an approval.
"""

from pathlib import Path
from typing import Any, Literal, Protocol

from dbos import DBOS, DBOSConfiguredInstance, SetWorkflowID

from assistant.jobs.practice import practice_batches
from assistant.jobs.week_files import weeks_of_batch
from tools.clock import Clock
from tools.errors import BadArgumentError
from tools.mlops.candidates import Algorithm
from tools.mlops.experiments import ExperimentLog
from tools.mlops.lifecycle import retrain
from tools.mlops.registry import ModelRegistry
from tools.mlops.training import ALGORITHMS
from tools.mlops.weeks import LabelledWeek
from tools.quantity import Frozen

JobState = Literal["waiting", "running", "done", "failed", "cancelled"]
_STATES: dict[str, JobState] = {
    "ENQUEUED": "waiting",
    "DELAYED": "waiting",
    "PENDING": "running",
    "SUCCESS": "done",
    "ERROR": "failed",
    "CANCELLED": "cancelled",
    "MAX_RECOVERY_ATTEMPTS_EXCEEDED": "failed",
}


class RetrainRequest(Frozen):
    """What to train on: seeds and sizes of the fleet to learn from and of the one to be judged on."""

    who: str
    seed: int = 500
    learn_devices: int = 240
    held_out_seed: int = 9200
    held_out_devices: int = 96
    algorithms: tuple[Algorithm, ...] = ALGORITHMS


class JobProgress(Frozen):
    """How far a job is."""

    job_id: str
    state: JobState
    done: float
    stage: str
    version: int | None = None
    why: str | None = None


class WeekMaker(Protocol):
    """Makes labelled weeks batch by batch; the same arguments give the same weeks, quickly once they were made."""

    def count(self, seed: int, devices: int) -> int: ...

    def make(self, seed: int, devices: int, number: int, *, with_rules: bool) -> list[LabelledWeek]: ...


class SimulatedWeeks:
    """Weeks of simulated fleets, kept in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def count(self, seed: int, devices: int) -> int:
        """How many batches such a fleet has."""
        return len(practice_batches(seed, devices))

    def make(self, seed: int, devices: int, number: int, *, with_rules: bool) -> list[LabelledWeek]:
        """The weeks of one batch."""
        return weeks_of_batch(practice_batches(seed, devices)[number], self._folder, with_rules=with_rules)


@DBOS.dbos_class()
class RetrainJobs(DBOSConfiguredInstance):
    """Starts retrainings, says how far they are, and cancels them. Made before the engine is opened."""

    def __init__(self, registry: ModelRegistry, log: ExperimentLog, clock: Clock, weeks: WeekMaker) -> None:
        super().__init__("condition")
        self._registry = registry
        self._log = log
        self._clock = clock
        self._weeks = weeks

    def start(self, job_id: str, request: RetrainRequest) -> JobProgress:
        """Begin a job; its id is that of the plan it carries out, so that a plan is carried out once."""
        with SetWorkflowID(job_id):
            DBOS.start_workflow(self.run, request.model_dump(mode="json"))
        return self.progress(job_id)

    def progress(self, job_id: str) -> JobProgress:
        """How far a job is.

        Raises:
            BadArgumentError: there is no such job.
        """
        status = DBOS.get_workflow_status(job_id)
        if status is None:
            raise BadArgumentError(f"There is no job {job_id!r}.", "List the jobs to see their ids.")
        state = _STATES[status.status]
        told = DBOS.get_event(job_id, "progress", timeout_seconds=0) or {"done": 0.0, "stage": "waiting"}
        return JobProgress(
            job_id=job_id,
            state=state,
            done=1.0 if state == "done" else float(told["done"]),
            stage=str(told["stage"]),
            version=int(str(status.output)) if state == "done" else None,
            why=str(status.error) if state == "failed" else None,
        )

    def wait(self, job_id: str) -> JobProgress:
        """The same once the job has ended."""
        DBOS.retrieve_workflow(job_id).get_result()
        return self.progress(job_id)

    def cancel(self, job_id: str) -> JobProgress:
        """Stop a job after the step it is in; what it has made stays for the next one."""
        DBOS.cancel_workflow(job_id)
        return self.progress(job_id)

    def resume(self, job_id: str) -> JobProgress:
        """Go on with a cancelled job at its last finished step."""
        DBOS.resume_workflow(job_id)
        return self.progress(job_id)

    @DBOS.workflow(name="retrain")
    def run(self, asked: dict[str, Any]) -> int:
        """All steps of a retraining; gives the version. The engine calls it, and calls it again after a kill."""
        request = _request(asked)
        parts = [
            (seed, devices, number, with_rules)
            for seed, devices, with_rules in (
                (request.seed, request.learn_devices, False),
                (request.held_out_seed, request.held_out_devices, True),
            )
            for number in range(self._weeks.count(seed, devices))
        ]
        steps = len(parts) + 2
        for place, (seed, devices, number, with_rules) in enumerate(parts):
            DBOS.set_event("progress", {"done": place / steps, "stage": f"making labelled weeks, part {place + 1}"})
            self.make_weeks(seed, devices, number, with_rules)
        DBOS.set_event("progress", {"done": len(parts) / steps, "stage": "training and judging"})
        version = self.train(asked, str(DBOS.workflow_id))
        DBOS.set_event("progress", {"done": (len(parts) + 1) / steps, "stage": "writing the run down"})
        self.write_down(version)
        DBOS.set_event("progress", {"done": 1.0, "stage": f"version {version} is kept"})
        return version

    @DBOS.step()
    def make_weeks(self, seed: int, devices: int, number: int, with_rules: bool) -> int:
        """One batch of labelled weeks; gives how many."""
        return len(self._weeks.make(seed, devices, number, with_rules=with_rules))

    @DBOS.step()
    def train(self, asked: dict[str, Any], job_id: str) -> int:
        """Train, judge and keep a version under the name of the job; gives its number."""
        request = _request(asked)
        made = retrain(
            self._registry,
            self._all(request.seed, request.learn_devices, with_rules=False),
            self._all(request.held_out_seed, request.held_out_devices, with_rules=True),
            made_by=job_id,
            who=request.who,
            now=self._clock.now(),
            seed=request.seed,
            algorithms=request.algorithms,
        )
        return made.version

    @DBOS.step()
    def write_down(self, version: int) -> str:
        """Write the run into the experiment log; gives its id."""
        made = self._registry.version(version)
        if made.run_id is not None:
            return made.run_id
        run_id = self._log.record(made)
        self._registry.note_run(version, run_id)
        return run_id

    def _all(self, seed: int, devices: int, *, with_rules: bool) -> list[LabelledWeek]:
        return [
            week
            for number in range(self._weeks.count(seed, devices))
            for week in self._weeks.make(seed, devices, number, with_rules=with_rules)
        ]


def _request(asked: dict[str, Any]) -> RetrainRequest:
    return RetrainRequest.model_validate(asked)
