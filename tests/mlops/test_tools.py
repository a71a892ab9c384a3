"""What one may ask of the models: the answers come from the ledger, the shelf and stored readings."""

from pathlib import Path

import pytest

from tests.support.builders import NOW, device, install, readings, site, store
from tests.support.labelled import shelf
from tests.support.models import no_models
from tools.clock import FixedClock
from tools.database import Database
from tools.errors import BadArgumentError, NotEnoughDataError, UnknownVersionError
from tools.mlops.deployment import Change
from tools.mlops.lifecycle import deploy
from tools.mlops.scoring import score_fleet
from tools.mlops.serving import ConditionServer
from tools.modelling import ModellingTools
from tools.telemetry.store import ReadingStore


def tools_on(database: Database, server: ConditionServer) -> ModellingTools:
    return ModellingTools(ReadingStore(database), FixedClock(NOW), server)


def deployed(database: Database, folder: Path) -> ConditionServer:
    server = ConditionServer(database, shelf(database, folder))
    deploy(database, server, Change(version=1, generation=0, kind="deploy", who="ada", why="it is better"), NOW)
    return server


def two_weeks_of_readings(database: Database) -> None:
    install(database, [site()], [device()])
    store(database, readings(days=14), [device()])


def test_without_a_version_the_status_says_that_the_rules_answer(database: Database) -> None:
    found = tools_on(database, no_models(database)).model_status()
    assert found.live == "the rules"
    assert found.figures is None
    assert found.history == ()


def test_status_names_the_version_who_deployed_it_and_its_figures(database: Database, tmp_path: Path) -> None:
    found = tools_on(database, deployed(database, tmp_path)).model_status()
    assert found.live == "version 1"
    assert (found.history[0].who, found.history[0].why, found.history[0].replaced) == (
        "ada",
        "it is better",
        "the rules",
    )
    assert found.figures is not None
    assert found.figures.macro_f1.value == 1.0


def test_a_version_that_failed_the_gate_is_listed_with_why(database: Database, tmp_path: Path) -> None:
    server = ConditionServer(database, shelf(database, tmp_path, passed=False))
    line = tools_on(database, server).list_versions().versions[0]
    assert (line.name, line.passed_gate, line.is_live) == ("version 1", False, False)


def test_the_model_is_compared_with_the_rules_on_the_same_weeks(database: Database, tmp_path: Path) -> None:
    found = tools_on(database, deployed(database, tmp_path)).compare_versions(0)
    assert (found.first, found.second) == ("the rules", "version 1")
    assert found.means == "version 1 is better than the rules"
    assert found.difference.value is not None
    assert found.difference.value > 0


def test_an_unknown_version_is_answered_with_those_there_are(database: Database, tmp_path: Path) -> None:
    tools = tools_on(database, deployed(database, tmp_path))
    with pytest.raises(UnknownVersionError) as error:
        tools.compare_versions(7)
    assert error.value.hint == "Versions are 1 to 1."
    with pytest.raises(BadArgumentError, match="twice"):
        tools.compare_versions(1)


def test_health_of_a_deployed_model_is_well_until_its_file_is_changed(database: Database, tmp_path: Path) -> None:
    server = deployed(database, tmp_path)
    assert tools_on(database, server).model_health().is_well
    path = server.registry.path(server.registry.version(1))
    path.write_bytes(path.read_bytes()[:-1])
    found = tools_on(database, server).model_health()
    assert not found.is_well
    assert [check.name for check in found.checks if check.passed is False] == ["file"]


def test_drift_without_three_weeks_of_readings_is_refused(database: Database) -> None:
    two_weeks_of_readings(database)
    with pytest.raises(NotEnoughDataError, match="14 days"):
        tools_on(database, no_models(database)).drift_report()


def test_a_room_that_got_warmer_is_a_drift_of_that_device(database: Database) -> None:
    install(database, [site()], [device()])
    rows = 30 * 96
    room = [21.0 + (place % 96) / 96 + (8.0 if place > rows - 5 * 96 else 0.0) for place in range(rows)]
    store(database, readings(days=30, ambient_temperature_c=room), [device()])
    found = tools_on(database, no_models(database)).drift_report()
    assert "room_c" in {one.name for one in found.drifts}
    assert {one.device_id for one in found.drifts} == {"D01"}


def test_steady_readings_show_no_drift(database: Database) -> None:
    install(database, [site()], [device()])
    store(database, readings(days=30), [device()])
    found = tools_on(database, no_models(database)).drift_report()
    assert found.drifts == ()
    assert found.count.value == 0


def test_a_scored_device_gets_the_answer_of_the_live_version(database: Database, tmp_path: Path) -> None:
    two_weeks_of_readings(database)
    server = deployed(database, tmp_path)
    found = score_fleet(database, server, [device()], NOW, NOW)
    assert found.devices[0].by == "version 1"
    assert found.devices[0].probability.value is not None
    health = tools_on(database, server).model_health()
    assert health.newest_score.value == 0
