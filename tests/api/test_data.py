"""/api/data and /api/analyze: readings in by the batch, out as files and events, and one device judged."""

import asyncio
import csv
import io
import json
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest
from starlette.testclient import TestClient

from assistant.api.budgets import LARGEST_BATCH, MOST_ROWS
from assistant.api.routes.data import changes
from assistant.dashboards.board import ALL, Board
from assistant.dashboards.health_book import HealthBook
from assistant.dashboards.kept import KeptResults
from tests.support import board_fleet, builders
from tools.clock import FixedClock
from tools.database import Database
from tools.telemetry.store import ReadingStore

# A clock may run ahead by so much.
AT = "2026-03-31T12:00:04Z"
ROW = {"device_id": "D01", "timestamp_utc": AT, "string_voltage_v": 54.0, "soc_pct": 97.5}


def send(client: TestClient, *rows: object) -> dict[str, object]:
    """What the server says of a batch."""
    answer = client.post("/api/data/readings", json={"readings": rows})
    assert answer.status_code == 200
    said: dict[str, object] = answer.json()
    return said


def test_batch_sent_again_changes_nothing(board: TestClient) -> None:
    first, again = send(board, ROW), send(board, ROW)
    assert (first["stored"], first["duplicate"]) == (1, 0)
    assert (again["stored"], again["duplicate"], again["rejected"]) == (0, 1, 0)
    shown = board.get("/api/data/realtime", params={"device": "D01", "field": "soc_pct"}).json()
    assert [(one["value"], one["at"]) for one in shown["figures"]] == [(97.5, AT)]


def test_each_row_gets_its_own_verdict(board: TestClient) -> None:
    said = send(
        board,
        ROW,
        {**ROW, "soc_pct": 50},
        {**ROW, "timestamp_utc": "2026-03-31T11:20:00Z", "soc_pct": 500},
        {**ROW, "device_id": "D99"},
        {"device_id": "D01", "soc_pct": 50},
        {**ROW, "volts": 3},
        {**ROW, "site_id": "S02"},
    )
    rows = said["rows"]
    assert isinstance(rows, list)
    assert [one["verdict"] for one in rows] == ["stored"] + 6 * ["rejected"]
    assert [one["reason"].split(":")[0] for one in rows[1:]] == [
        "same device and time with other values",
        "soc_pct is above its hard range",
        "unknown device",
        "no readable time",
        "volts",
        "D01 stands at site S01",
    ]


def test_row_takes_site_and_size_from_its_device(board: TestClient) -> None:
    send(board, ROW)
    rows = list(csv.DictReader(io.StringIO(board.get("/api/data/export", params={"device": "D01"}).text)))
    assert (rows[-1]["timestamp_utc"], rows[-1]["site_id"], rows[-1]["cell_count"]) == (AT, "S01", "24")


def test_batch_beyond_its_size_is_refused(sqlite_board: TestClient) -> None:
    many = sqlite_board.post("/api/data/readings", json={"readings": [ROW] * (MOST_ROWS + 1)})
    large = sqlite_board.post("/api/data/readings", content=b" " * (LARGEST_BATCH + 1))
    none = sqlite_board.post("/api/data/readings", json={"readings": []})
    assert [one.status_code for one in (many, large, none)] == [422, 413, 422]


def test_file_holds_what_is_stored(board: TestClient, tmp_path: Path) -> None:
    asked = {"device": "D02", "from": "2026-03-31T00:00:00Z", "to": "2026-03-31T06:00:00Z"}
    as_csv = board.get("/api/data/export", params=asked)
    parquet = board.get("/api/data/export", params={**asked, "format": "parquet"})
    rows = list(csv.DictReader(io.StringIO(as_csv.text)))
    file = tmp_path / "export.parquet"
    file.write_bytes(parquet.content)
    frame = pd.read_parquet(file)
    assert len(rows) == len(frame) == 24
    assert rows[0]["timestamp_utc"] == "2026-03-31T00:00:00Z"
    assert [float(row["cell_voltage_min_v"]) for row in rows] == frame["cell_voltage_min_v"].tolist() == 24 * [2.1]
    assert rows[0]["charger_fault_code"] == "" and pd.isna(frame["charger_fault_code"][0])
    assert 'filename="readings-D02-20260331-20260331.csv"' in as_csv.headers["Content-Disposition"]


def test_file_longer_than_a_year_is_refused(sqlite_board: TestClient) -> None:
    answer = sqlite_board.get("/api/data/export", params={"device": "D01", "from": "2020-01-01T00:00:00Z"})
    assert answer.status_code == 422


def test_device_is_judged_in_one_answer(board: TestClient) -> None:
    judged = board.post("/api/analyze", json={"device": "D02"}).json()
    assert judged["health"]["devices"][0]["device_id"] == "D02"
    assert "below its string's median" in judged["health"]["devices"][0]["why"]
    assert {"anomalies", "soh", "runtime", "not_judged"} <= set(judged)


@pytest.mark.parametrize("days", [0, 93])
def test_window_to_judge_is_neither_empty_nor_a_year(days: int, sqlite_board: TestClient) -> None:
    end = builders.NOW
    window = {"start": (end - timedelta(days=days)).isoformat(), "end": end.isoformat()}
    assert sqlite_board.post("/api/analyze", json={"device": "D02", "window": window}).status_code == 422


def test_stream_tells_what_arrives(database: Database) -> None:
    board_fleet.fill(database)
    board = Board(ReadingStore(database), FixedClock(builders.NOW), KeptResults(), HealthBook())

    async def two() -> list[bytes]:
        events = changes(board, ALL, ("soc_pct",), timedelta(milliseconds=20))
        first = await anext(events)
        rows = builders.readings("D01", days=1 / 96, end=builders.NOW + timedelta(minutes=15), soc_pct=90.0)
        builders.store(database, rows, board.fleet().devices)
        second = await asyncio.wait_for(anext(events), 5)
        await events.aclose()
        return [first, second]

    first, second = asyncio.run(two())
    values = [
        json.loads(one.decode().split("data: ")[1].split("\n")[0])["figures"][0]["value"] for one in (first, second)
    ]
    assert values == [99.0, 90.0]


def test_status_tells_machine_database_and_ingest(board: TestClient) -> None:
    status = board.get("/status").json()
    assert status["database"]["size_bytes"] > 0
    assert status["machine"]["disk_free_bytes"] > 0
    assert [(one["device_id"], one["is_stale"]) for one in status["ingest"]] == [
        ("D01", False),
        ("D02", False),
        ("D03", True),
    ]
    assert status["ingest"][2]["age_s"] == board_fleet.SILENT_FOR.total_seconds()
    assert status["brain"] == "scripted"
