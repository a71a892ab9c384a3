"""Approvals through the API: planned in the chat, decided on by hash, done once, listed and undone."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.support.actions import add_alert
from tests.support.databases import fresh_sqlite
from tests.support.scripted_brain import call, say
from tests.support.servers import asking, scripted_app

ACK = "ack the alarm"
SCRIPT = {ACK: (call("acknowledge_alert", devices=["D01"]), say("I would acknowledge 1 alert of D01."))}


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    """A server whose D01 has an alert that stands."""
    app = scripted_app(tmp_path, script=SCRIPT)
    database = fresh_sqlite(tmp_path)
    with database.write() as connection:
        add_alert(connection, "D01", "S01", name="T_HIGH", severity="minor", value=36.5)
    database.close()
    with asking(app) as opened:
        yield opened


def planned(client: TestClient) -> dict[str, Any]:
    """The approval that the chat's answer carries."""
    approval: dict[str, Any] = client.post("/api/chat", json={"message": ACK}).json()["approval"]
    return approval


def decide(client: TestClient, approval: dict[str, Any], decision: str = "approve", **changes: str) -> Any:
    body = {"decision": decision, "hash": approval["hash"]} | changes
    return client.post(f"/api/approvals/{approval['id']}", json=body)


def test_the_answer_carries_the_approval_and_the_list_has_it(client: TestClient) -> None:
    approval = planned(client)
    assert set(approval) == {"id", "action", "arguments", "impact", "expires_at", "hash"}
    assert approval["impact"]["means"] == "Acknowledge 1 alert of D01"
    (waiting,) = client.get("/api/approvals").json()["approvals"]
    assert {key: waiting[key] for key in approval} == approval
    assert waiting["asked_by"] == "local"


def test_an_approval_does_it_and_undo_takes_it_back(client: TestClient) -> None:
    approval = planned(client)
    done = decide(client, approval)
    assert (done.status_code, done.json()["plan"]["state"]) == (200, "executed")
    assert done.json()["entry"]["means"] == "Acknowledged 1 alert of D01"
    assert client.get("/api/approvals").json() == {"approvals": []}
    (entry,) = client.get("/api/actions").json()["actions"]
    assert (entry["asked_by"], entry["approved_by"], entry["undone"]) == ("local", "local", None)
    undone = client.post(f"/api/actions/{approval['id']}/undo")
    assert undone.json()["entry"]["means"] == "Undone: Acknowledged 1 alert of D01"
    again = client.post(f"/api/actions/{approval['id']}/undo")
    assert (again.status_code, again.json()["error"]["code"]) == (409, "already_decided")
    assert client.get(f"/api/approvals/{approval['id']}").json()["plan"]["state"] == "undone"


def test_a_rejection_does_nothing(client: TestClient) -> None:
    approval = planned(client)
    assert decide(client, approval, "reject").json()["plan"]["state"] == "rejected"
    assert client.get("/api/actions").json() == {"actions": []}


def test_each_refusal_says_what_would_work(client: TestClient) -> None:
    approval = planned(client)
    refused = [
        decide(client, approval | {"id": "plan_nope"}),
        decide(client, approval, hash="0" * 64),
        decide(client, approval, "perhaps"),
        decide(client, approval, hash="short"),
        client.post("/api/actions/plan_nope/undo"),
    ]
    assert [(one.status_code, one.json()["error"]["code"]) for one in refused] == [
        (404, "unknown_plan"), (409, "wrong_hash"), (422, "bad_request"), (422, "bad_request"), (404, "unknown_plan"),
    ]  # fmt: skip
    assert all(one.json()["error"]["hint"] for one in refused)
    decide(client, approval, "reject")
    late = decide(client, approval)
    assert (late.status_code, late.json()["error"]["code"]) == (409, "already_decided")


def test_what_was_not_done_cannot_be_undone(client: TestClient) -> None:
    refused = client.post(f"/api/actions/{planned(client)['id']}/undo")
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "bad_argument")


def test_many_approvals_at_once_do_it_once(client: TestClient) -> None:
    approval = planned(client)
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda _: decide(client, approval).status_code, range(8)))
    assert sorted(statuses) == [200] + [409] * 7
    assert len(client.get("/api/actions").json()["actions"]) == 1


def test_a_typed_yes_in_the_chat_does_it(client: TestClient) -> None:
    first = client.post("/api/chat", json={"message": ACK}).json()
    yes = client.post("/api/chat", json={"message": "yes", "conversation_id": first["conversation_id"]}).json()
    assert yes["answer"].startswith("Done. Acknowledged 1 alert of D01.")
    assert yes["approval"] is None
    turn = client.get(f"/api/turns/{first['turn_id']}").json()
    assert turn["details"]["approval"]["id"] == first["approval"]["id"]
