"""One cell has a score with its reasons, by the string's own scale, and none where too little is known."""

from datetime import timedelta
from typing import Any

import pandas as pd

from tests.support.builders import NOW, cells, device, install, readings, site, store, store_cells
from tools.analytics.alerts import evaluate_history
from tools.analytics.cell_health import CellHealth, score_cell
from tools.analytics.health import score_health
from tools.database import Database
from tools.telemetry.store import ReadingStore

D01 = device()


def a_day_of_cells(**values: Any) -> pd.DataFrame:
    sets: list[pd.DataFrame] = [cells(at=NOW - timedelta(hours=hour), **values) for hour in range(1, 24)]
    return pd.concat(sets)


def score(database: Database, cell_no: int, frame: pd.DataFrame) -> CellHealth:
    install(database, [site()], [D01])
    store(database, readings(days=1), [D01])
    store_cells(database, frame)
    return score_cell(ReadingStore(database), D01, cell_no, NOW)


def test_a_cell_like_its_string_is_healthy(database: Database) -> None:
    found = score(database, 7, a_day_of_cells())
    assert (found.band, found.why) == ("healthy", "nothing lowers the score")


def test_a_cell_that_dries_out_is_capped_and_says_why(database: Database) -> None:
    found = score(database, 7, a_day_of_cells(resistance_mohm=[0.2] * 6 + [0.31] + [0.2] * 17))
    assert (found.score.value, found.capped_by) == (40.0, "ohmic rise")
    assert "+55 %" in found.why


def test_a_low_cell_is_named_in_millivolts(database: Database) -> None:
    found = score(database, 7, a_day_of_cells(voltage_v=[2.27] * 6 + [2.17] + [2.27] * 17))
    assert "100 mV below its string's median" in found.why


def test_the_fault_of_one_cell_is_not_held_against_its_neighbour(database: Database) -> None:
    found = score(database, 8, a_day_of_cells(resistance_mohm=[0.2] * 6 + [0.31] + [0.2] * 17))
    assert found.band == "healthy"


def test_a_single_set_of_cell_readings_carries_no_score(database: Database) -> None:
    found = score(database, 7, cells(at=NOW - timedelta(hours=1)))
    assert (found.score.value, found.band) == (None, "unknown")


def test_the_health_of_a_device_lists_alerts_that_stand(database: Database) -> None:
    install(database, [site()], [D01])
    store(database, readings(days=1, joint_resistance_max_mohm=0.06, cell_temperature_max_c=36.0), [D01])
    evaluate_history(database)
    (found,) = score_health(ReadingStore(database), [D01], NOW).devices
    assert "T_HIGH" in [one.name for one in found.findings]
