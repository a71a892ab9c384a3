"""Dashboards of somebody who sees one site: the other sites are not there, and what their role does not reach is refused."""

from pathlib import Path

from tests.support import builders
from tests.support.databases import fresh_sqlite
from tests.support.people import guarded, sign_in
from tools.people import Person

ADA = Person(name="ada", role="viewer", sites=("S01",))
BOB = Person(name="bob", role="operator", sites=("S01",))
# Within what a clock may run ahead.
ROW = {"timestamp_utc": "2026-03-31T12:00:04Z", "soc_pct": 90.0}


def add_another_site(folder: Path) -> None:
    """Store a device at a site that neither of them sees."""
    database = fresh_sqlite(folder)
    device = builders.device("D02", "S02")
    builders.install(database, [builders.site("S02", "Harbor")], [device])
    builders.store(database, builders.readings("D02", "S02"), [device])
    database.close()


def test_other_sites_are_not_there(tmp_path: Path) -> None:
    with guarded(tmp_path, ADA) as client:
        add_another_site(tmp_path)
        headers = sign_in(client, ADA)
        overview = client.get("/api/dashboard/overview", headers=headers).json()
        status = client.get("/status", headers=headers).json()
        foreign = [
            client.get(f"/api/{path}", headers=headers).json()["error"]["code"]
            for path in (
                "dashboard/trends?device=D02",
                "dashboard/alerts?site=Harbor",
                "dashboard/cells?device=D02",
                "data/realtime?device=D02",
                "data/export?device=D02",
            )
        ]
    assert [one["device_id"] for one in overview["devices"]] == ["D01"]
    assert overview["freshness"]["devices"]["value"] == 1
    assert [one["device_id"] for one in status["ingest"]] == ["D01"]
    assert foreign == ["unknown_device", "unknown_site", "unknown_device", "unknown_device", "unknown_device"]


def test_readings_are_taken_from_operators_and_of_their_sites_alone(tmp_path: Path) -> None:
    batch = {"readings": [{**ROW, "device_id": "D01"}, {**ROW, "device_id": "D02"}]}
    with guarded(tmp_path, ADA, BOB) as client:
        add_another_site(tmp_path)
        refused = client.post("/api/data/readings", json=batch, headers=sign_in(client, ADA))
        taken = client.post("/api/data/readings", json=batch, headers=sign_in(client, BOB)).json()
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "not_allowed")
    assert [(one["verdict"], one["reason"]) for one in taken["rows"]] == [
        ("stored", None),
        ("rejected", "unknown device"),
    ]
