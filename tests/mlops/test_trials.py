"""A trial's sample is fixed before it starts, and nobody wins by being looked at early."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from tests.support.builders import NOW
from tools.database import Database
from tools.errors import BadArgumentError
from tools.mlops.schema import condition_scores
from tools.mlops.trials import (
    Trial,
    answering,
    label_week,
    running_trial,
    sample_size_for,
    start_trial,
    stop_trial,
    trial_state,
)


def weeks(connection: Connection, trial: Trial, rights: list[tuple[bool, bool]]) -> None:
    """Scored and labelled weeks in which champion and challenger were right or not."""
    for number, right in enumerate(rights):
        device_id, end = f"D{number:03}", NOW + timedelta(days=1)
        for version, is_right in zip((trial.champion, trial.challenger), right, strict=True):
            connection.execute(
                sa.insert(condition_scores).values(
                    model="condition", version=version, device_id=device_id, end_utc=end, scored_utc=end,
                    said="short" if is_right else "healthy", features_json="{}", is_answer=version == trial.champion,
                    latency_ms=1.0,
                )
            )  # fmt: skip
        label_week(connection, device_id, end, "short", "ada", end + timedelta(hours=number))


def test_a_challenger_that_is_right_more_often_wins_once_the_sample_is_complete(database: Database) -> None:
    with database.write() as connection:
        trial = start_trial(connection, "shadow", (1, 2), 0, 40, "ada", NOW)
        weeks(connection, trial, [(True, True)] * 20 + [(False, True)] * 20)
        state = trial_state(connection, trial.trial_id)
    assert state.verdict == "challenger"
    assert state.difference == 0.5
    assert state.low is not None
    assert state.low > 0


def test_the_same_lead_before_the_sample_is_complete_is_no_verdict(database: Database) -> None:
    with database.write() as connection:
        trial = start_trial(connection, "shadow", (1, 2), 0, 41, "ada", NOW)
        weeks(connection, trial, [(True, True)] * 20 + [(False, True)] * 20)
        assert trial_state(connection, trial.trial_id).verdict is None
        assert stop_trial(connection, trial.trial_id, "ada", NOW).verdict == "stopped"
        assert running_trial(connection) is None


def test_a_challenger_that_does_clear_harm_is_told_before_the_sample_is_complete(database: Database) -> None:
    with database.write() as connection:
        trial = start_trial(connection, "split", (1, 2), 20, 200, "ada", NOW)
        weeks(connection, trial, [(True, False)] * 25 + [(True, True)] * 5)
        assert trial_state(connection, trial.trial_id).verdict == "harm"


def test_two_that_are_right_equally_often_are_no_different(database: Database) -> None:
    with database.write() as connection:
        trial = start_trial(connection, "shadow", (1, 2), 0, 30, "ada", NOW)
        weeks(connection, trial, [(True, False), (False, True), (True, True)] * 10)
        assert trial_state(connection, trial.trial_id).verdict == "no difference"


def test_about_the_asked_share_of_devices_get_the_challenger_and_keep_it(database: Database) -> None:
    with database.write() as connection:
        trial = start_trial(connection, "split", (1, 2), 25, 100, "ada", NOW)
    given = [answering(trial, f"D{number}") for number in range(2000)]
    assert 0.22 < given.count(2) / len(given) < 0.28
    assert given == [answering(trial, f"D{number}") for number in range(2000)]


def test_a_second_trial_beside_a_running_one_is_refused(database: Database) -> None:
    with database.write() as connection:
        start_trial(connection, "shadow", (1, 2), 0, 30, "ada", NOW)
        with pytest.raises(BadArgumentError, match="runs since"):
            start_trial(connection, "shadow", (1, 3), 0, 30, "ada", NOW)


def test_a_smaller_gain_needs_more_weeks() -> None:
    assert sample_size_for(0.05, 0.2) > 3 * sample_size_for(0.10, 0.2)
    with pytest.raises(BadArgumentError):
        sample_size_for(0.3, 0.2)
