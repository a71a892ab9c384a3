"""A version's life: kept with its hash, deployed by compare-and-set, taken back by one step or by itself."""

import time
from pathlib import Path
from statistics import median

import pytest
from sklearn.dummy import DummyClassifier
from skops import io

from tests.support.builders import NOW
from tests.support.labelled import held_out, learned, parts, shelf
from tools.database import Database
from tools.errors import GateError, StaleChangeError, TrainingDataError, UnsafeModelFileError
from tools.mlops.candidates import make_candidate
from tools.mlops.deployment import Change, deployments, live_version, version_before
from tools.mlops.files import read_model, write_model
from tools.mlops.lifecycle import compare_versions, deploy, preview_deploy, preview_retrain, roll_back
from tools.mlops.registry import ModelRegistry
from tools.mlops.serving import ConditionServer
from tools.mlops.training import fit, predict


def change(version: int, generation: int, **facts: object) -> Change:
    plain: dict[str, object] = {"kind": "deploy", "who": "ada", "why": "it is better"}
    return Change.model_validate(plain | {"version": version, "generation": generation} | facts)


def test_the_same_weeks_and_seed_make_the_same_model() -> None:
    again = fit(make_candidate("random_forest", 0), learned())
    assert predict(again, held_out()) == parts().said


def test_a_model_file_that_was_changed_is_refused(database: Database, tmp_path: Path) -> None:
    registry = shelf(database, tmp_path)
    version = registry.version(1)
    path = registry.path(version)
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(UnsafeModelFileError, match="SHA-256"):
        registry.load(version)


def test_a_model_file_with_other_types_is_refused_even_with_its_hash(tmp_path: Path) -> None:
    path = tmp_path / "strange.skops"
    sha256 = write_model({"run": print, "model": DummyClassifier()}, path)
    assert io.get_untrusted_types(file=path) != []
    with pytest.raises(UnsafeModelFileError, match="not allowed"):
        read_model(path, sha256)


def test_work_done_twice_makes_one_version(database: Database, tmp_path: Path) -> None:
    registry, made = shelf(database, tmp_path), parts()
    again = registry.register("job-1", made.trained, made.card, made.said, made.rules, "ada", NOW)
    assert again.version == 1
    assert len(registry.versions()) == 1


def test_the_rules_are_live_until_a_version_is_deployed(either_database: Database) -> None:
    with either_database.read() as connection:
        assert live_version(connection).version == 0


def test_a_deployment_stands_in_the_history_with_who_and_why(database: Database, tmp_path: Path) -> None:
    server = ConditionServer(database, shelf(database, tmp_path))
    deploy(database, server, change(1, 0), NOW)
    with database.read() as connection:
        assert live_version(connection).version == 1
        newest = deployments(connection)[0]
    assert (newest.version, newest.replaced, newest.who, newest.why) == (1, 0, "ada", "it is better")


def test_a_change_on_an_old_view_is_refused(database: Database, tmp_path: Path) -> None:
    server = ConditionServer(database, shelf(database, tmp_path, versions=2))
    deploy(database, server, change(1, 0), NOW)
    with pytest.raises(StaleChangeError, match="version 1"):
        deploy(database, server, change(2, 0), NOW)
    assert server.live().version == 1


def test_a_change_made_twice_under_one_name_is_one_change(database: Database, tmp_path: Path) -> None:
    server = ConditionServer(database, shelf(database, tmp_path))
    first = deploy(database, server, change(1, 0, made_by="plan-1"), NOW)
    second = deploy(database, server, change(1, 0, made_by="plan-1"), NOW)
    assert first == second
    assert server.live().generation == 1


def test_a_version_that_failed_the_gate_is_not_deployed(database: Database, tmp_path: Path) -> None:
    registry = shelf(database, tmp_path, passed=False)
    with pytest.raises(GateError), database.read() as connection:
        preview_deploy(connection, registry, 1, devices=8)
    with pytest.raises(GateError):
        deploy(database, ConditionServer(database, registry), change(1, 0), NOW)


def test_one_step_back_leads_to_the_version_before(database: Database, tmp_path: Path) -> None:
    server = ConditionServer(database, shelf(database, tmp_path, versions=2))
    deploy(database, server, change(1, 0), NOW)
    deploy(database, server, change(2, 1), NOW)
    with database.read() as connection:
        target = version_before(connection)
    roll_back(database, server, change(target, 2, kind="roll_back"), NOW)
    assert server.live().version == 1
    with database.read() as connection:
        assert version_before(connection) == 0


def test_a_failed_check_after_the_switch_takes_it_back_at_once(database: Database, tmp_path: Path) -> None:
    server = ConditionServer(database, shelf(database, tmp_path))
    found = deploy(database, server, change(1, 0), NOW, post_check=lambda _: "half of the scores are missing")
    assert server.live().version == 0
    assert found.taken_back is not None
    with database.read() as connection:
        kinds = [one.kind for one in deployments(connection)]
    assert kinds == ["automatic_roll_back", "deploy"]
    assert "half of the scores are missing" in found.taken_back.why


def test_a_model_that_cannot_be_loaded_never_goes_live(database: Database, tmp_path: Path) -> None:
    registry = shelf(database, tmp_path)
    registry.path(registry.version(1)).unlink()
    with pytest.raises(UnsafeModelFileError, match="missing"):
        deploy(database, ConditionServer(database, registry), change(1, 0), NOW)
    with database.read() as connection:
        assert live_version(connection).version == 0


def test_a_dry_run_says_what_would_change_and_changes_nothing(database: Database, tmp_path: Path) -> None:
    registry = shelf(database, tmp_path)
    with database.read() as connection:
        found = preview_deploy(connection, registry, 1, devices=8)
        assert live_version(connection).version == 0
    assert found.means == "Deploy version 1 in place of the rules for 8 devices"
    assert found.comparison is not None
    assert found.comparison.is_better


def test_two_equal_versions_differ_by_nothing(database: Database, tmp_path: Path) -> None:
    found = compare_versions(shelf(database, tmp_path, versions=2), 1, 2)
    assert found is not None
    assert found.difference.value == 0


def test_weeks_that_fail_their_checks_are_not_trained_on() -> None:
    with pytest.raises(TrainingDataError, match="coverage"):
        preview_retrain(learned()[:20], held_out())


def test_the_live_version_is_found_in_under_a_millisecond(database: Database, tmp_path: Path) -> None:
    server = ConditionServer(database, ModelRegistry(database, tmp_path))
    times = []
    for _ in range(200):
        begin = time.perf_counter()
        server.live()
        times.append(time.perf_counter() - begin)
    assert median(times) < 0.001
