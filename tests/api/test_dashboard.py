"""/api/dashboard: what stands, who needs a person, statistics, charts and alerts, the same from both databases."""

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.api.conftest import served
from tests.support import board_fleet
from tests.support.databases import fresh_postgres, fresh_sqlite

DAY = {"from": "2026-03-30T12:00:00Z", "to": "2026-03-31T12:00:00Z"}
READ = (
    "/api/dashboard/overview",
    "/api/dashboard/statistics",
    "/api/dashboard/trends",
    "/api/dashboard/trends?step=day&timezone=Europe/Oslo&from=2026-03-28T00:00:00Z",
    "/api/dashboard/alerts",
    "/api/dashboard/changes?since=2026-03-29T00:00:00Z",
    "/api/dashboard/cells?device=D02",
    "/api/dashboard/regions",
    "/api/data/realtime",
    "/api/data/export?device=D01",
)


def test_overview_puts_the_device_with_the_worst_alert_first(board: TestClient) -> None:
    overview = board.get("/api/dashboard/overview").json()
    first = overview["devices"][0]
    assert first["device_id"] == "D02"
    assert first["worst_alert"] in ("major", "critical")
    assert "below its string's median" in first["health"]["why"]


def test_overview_says_who_is_silent(board: TestClient) -> None:
    freshness = board.get("/api/dashboard/overview").json()["freshness"]
    assert freshness["stale"] == ["D03"]
    assert (freshness["heard"]["value"], freshness["devices"]["value"]) == (2, 3)


def test_statistics_are_those_of_the_window_and_device(board: TestClient) -> None:
    answer = board.get("/api/dashboard/statistics", params={**DAY, "device": "D03", "field": "cell_temperature_c"})
    (found,) = answer.json()["statistics"]
    assert (found["mean"]["value"], found["mean"]["unit"]) == (25.0, "°C")
    # Silent for the last six of these hours.
    assert found["count"]["value"] == 18 * 4 + 1


def test_field_that_is_not_kept_by_the_hour_is_refused_with_those_that_are(sqlite_board: TestClient) -> None:
    answer = sqlite_board.get("/api/dashboard/statistics", params={"field": "mains_state"})
    assert answer.status_code == 422
    assert "soc_pct" in answer.json()["error"]["hint"]


def test_charts_carry_limits_and_leave_a_gap_where_nothing_came(board: TestClient) -> None:
    asked = {"field": "cell_temperature_c", "from": "2026-03-30T00:00:00Z", "to": "2026-03-31T12:00:00Z"}
    (chart,) = board.get("/api/dashboard/trends", params=asked).json()["charts"]
    assert (chart["limit_low"], chart["limit_high"]) == (5.0, 50.0)
    last = {line["name"]: line["points"][-1]["at"] for line in chart["series"]}
    assert last == {"D01": "2026-03-31T11:00:00Z", "D02": "2026-03-31T11:00:00Z", "D03": "2026-03-31T06:00:00Z"}


def test_charge_on_float_is_not_drawn_as_beyond_a_limit(sqlite_board: TestClient) -> None:
    (chart,) = sqlite_board.get("/api/dashboard/trends", params={"field": "soc_pct"}).json()["charts"]
    assert (chart["limit_low"], chart["limit_high"]) == (15.0, None)


def test_alerts_are_filtered_and_paged(board: TestClient) -> None:
    everything = board.get("/api/dashboard/alerts", params={"device": "D02"}).json()
    one = board.get("/api/dashboard/alerts", params={"device": "D02", "page": 2, "page_size": 1}).json()
    assert len(everything["report"]["alerts"]) == everything["report"]["count"]["value"] > 1
    assert one["report"]["alerts"] == everything["report"]["alerts"][1:2]
    assert one["pages"] == len(everything["report"]["alerts"])
    of_north = board.get("/api/dashboard/alerts", params={"site": "Northgate", "severity": "major"}).json()
    assert {alert["device_id"] for alert in of_north["report"]["alerts"]} == {"D02"}
    assert {alert["severity"] for alert in of_north["report"]["alerts"]} <= {"major", "critical"}


def test_changes_name_the_device_that_went_silent(board: TestClient) -> None:
    changes = board.get("/api/dashboard/changes", params={"since": "2026-03-31T00:00:00Z"}).json()
    assert changes["gone_silent"] == ["D03"]


def test_cells_begin_with_the_one_that_stands_out(board: TestClient) -> None:
    cells = board.get("/api/dashboard/cells", params={"device": "D02"}).json()
    assert len(cells["cells"]) == 24
    assert cells["cells"][0]["cell_no"] == board_fleet.WEAK_CELL


def test_regions_are_compared_the_least_healthy_first(board: TestClient) -> None:
    regions = board.get("/api/dashboard/regions").json()["regions"]
    assert [one["region"] for one in regions] == ["North", "South"]
    assert regions[1]["stale_count"]["value"] == 1


def test_unknown_names_and_turned_windows_are_told(sqlite_board: TestClient) -> None:
    unknown = sqlite_board.get("/api/dashboard/trends", params={"device": "D99"})
    turned = sqlite_board.get("/api/dashboard/alerts", params={"from": DAY["to"], "to": DAY["from"]})
    assert (unknown.status_code, unknown.json()["error"]["code"]) == (404, "unknown_device")
    assert (turned.status_code, turned.json()["error"]["code"]) == (422, "bad_argument")


@pytest.mark.parametrize("address", ["/api/dashboard/overview", "/api/data/realtime"])
def test_what_has_not_changed_is_not_sent_again(address: str, sqlite_board: TestClient) -> None:
    first = sqlite_board.get(address)
    again = sqlite_board.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    row = {"device_id": "D01", "timestamp_utc": "2026-03-31T12:00:04Z", "soc_pct": 98.0}
    sqlite_board.post("/api/data/readings", json={"readings": [row]})
    changed = sqlite_board.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200


def test_answers_are_packed_for_who_can_unpack_them(sqlite_board: TestClient) -> None:
    packed = sqlite_board.get("/api/dashboard/overview", headers={"Accept-Encoding": "gzip"})
    plain = sqlite_board.get("/api/dashboard/overview", headers={"Accept-Encoding": "identity"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert packed.json() == plain.json()


def test_both_databases_answer_the_same(tmp_path: Path) -> None:
    with fresh_postgres() as postgres:
        answers = []
        for database in (fresh_sqlite(tmp_path), postgres):
            board_fleet.fill(database)
            for client in served(database, tmp_path):
                answers.append({address: client.get(address).text for address in READ})
    assert answers[0] == answers[1]
