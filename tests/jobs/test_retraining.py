"""A retraining that is killed goes on where it was: no finished step is repeated, and one version comes of it."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.jobs.retrainer import BATCHES
from tools.database import open_database, sqlite_url
from tools.mlops.deployment import live_version
from tools.mlops.registry import ModelRegistry

KILLED = -9
EVERY_BATCH = [f"{seed} {number}" for seed in (1, 2) for number in range(BATCHES)]


@dataclass(frozen=True)
class Runs:
    """A run that was killed in a batch, the one after it, and one more under the same name."""

    folder: Path
    made_before_the_kill: list[str]
    made: list[str]
    killed: int
    ended: dict[str, object]
    again: dict[str, object]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    """Three processes on one data folder, one after the other."""
    folder = tmp_path_factory.mktemp("data")
    killed = run(folder, str(2 + BATCHES))
    before = made(folder)
    ended = json.loads(run(folder).stdout)
    after = made(folder)
    return Runs(folder, before, after, killed.returncode, ended, json.loads(run(folder).stdout))


def run(folder: Path, *dies_in: str) -> subprocess.CompletedProcess[str]:
    asked = [sys.executable, "-m", "tests.jobs.retrainer", str(folder), "plan-1", *dies_in]
    return subprocess.run(asked, capture_output=True, text=True, check=False, timeout=300)


def made(folder: Path) -> list[str]:
    return (folder / "made.txt").read_text(encoding="utf-8").splitlines()


def test_a_job_that_was_killed_ends_after_a_restart(runs: Runs) -> None:
    assert runs.killed == KILLED
    assert (runs.ended["state"], runs.ended["done"], runs.ended["version"]) == ("done", 1.0, 1)


def test_no_finished_step_is_repeated(runs: Runs) -> None:
    assert runs.made_before_the_kill == EVERY_BATCH[: 1 + BATCHES]
    # Training reads every batch again after all of them were made once.
    assert runs.made == EVERY_BATCH + EVERY_BATCH


def test_the_same_job_again_leaves_one_version_and_nothing_live(runs: Runs) -> None:
    assert runs.again == runs.ended
    database = open_database(sqlite_url(runs.folder / "battery_monitoring.db"))
    versions = ModelRegistry(database, runs.folder / "models").versions()
    assert [one.version for one in versions] == [1]
    assert versions[0].run_id is not None
    with database.read() as connection:
        assert live_version(connection).version == 0
    database.close()
