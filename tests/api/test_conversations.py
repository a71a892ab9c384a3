"""/api/conversations and /api/feedback: a person's own list, and what they thought of an answer."""

import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tests.support.servers import HOT, PATIENCE, asking, scripted_app


def ask(client: TestClient, question: str, conversation_id: str) -> str:
    """Ask; gives the turn's id."""
    asked = {"message": question, "conversation_id": conversation_id}
    return str(client.post("/api/chat", json=asked).json()["turn_id"])


def titles(client: TestClient, search: str = "") -> list[str]:
    """The titles as listed."""
    found = client.get("/api/conversations", params={"search": search}).json()["conversations"]
    return [one["title"] for one in found]


def memories(folder: Path, conversation_id: str) -> int:
    """How many checkpoints the brain has of a conversation."""
    with closing(sqlite3.connect(folder / "checkpoints.db")) as kept:
        count = "SELECT count(*) FROM checkpoints WHERE thread_id = ?"
        return int(kept.execute(count, (conversation_id,)).fetchone()[0])


def test_title_is_the_first_question_until_it_is_renamed(tmp_path: Path) -> None:
    with asking(scripted_app(tmp_path)) as client:
        ask(client, HOT, "one")
        before = titles(client)
        renamed = client.patch("/api/conversations/one", json={"title": "  Night shift "})
        after = titles(client)
    assert (before, renamed.status_code, after) == ([HOT], 204, ["Night shift"])


def test_renamed_conversation_outlives_the_server(tmp_path: Path) -> None:
    app = scripted_app(tmp_path)
    with asking(app) as client:
        ask(client, HOT, "one")
        client.patch("/api/conversations/one", json={"title": "Night shift"})
    with asking(scripted_app(tmp_path)) as client:
        assert titles(client) == ["Night shift"]


@pytest.mark.parametrize("title", ["", "   ", "x" * 121, None])
def test_unusable_title_is_refused(tmp_path: Path, title: str | None) -> None:
    with asking(scripted_app(tmp_path)) as client:
        ask(client, HOT, "one")
        assert client.patch("/api/conversations/one", json={"title": title}).status_code == 422
        assert titles(client) == [HOT]


def test_search_looks_in_titles_and_questions_and_takes_signs_as_they_are(tmp_path: Path) -> None:
    with asking(scripted_app(tmp_path)) as client:
        ask(client, HOT, "one")
        ask(client, "hello", "two")
        client.patch("/api/conversations/two", json={"title": "Float at 50 %"})
        found = [titles(client, words) for words in ("hot IS", "hello", "50 %", "%_", "nowhere")]
    assert found == [[HOT], ["Float at 50 %"], ["Float at 50 %"], [], []]


def test_deleted_conversation_is_gone_with_its_verdicts_and_memory(tmp_path: Path) -> None:
    with asking(scripted_app(tmp_path)) as client:
        turn = ask(client, HOT, "one")
        client.post("/api/feedback", json={"turn_id": turn, "verdict": "like"})
        remembered = memories(tmp_path, "one")
        deleted = client.delete("/api/conversations/one")
        left = [client.get(path).status_code for path in ("/api/conversations/one", f"/api/turns/{turn}")]
        again = client.delete("/api/conversations/one")
        listed = titles(client)
    assert (deleted.status_code, left, listed) == (204, [404, 404], [])
    assert remembered > 0
    assert memories(tmp_path, "one") == 0
    assert again.json()["error"]["code"] == "unknown_conversation"


def test_conversation_that_is_being_answered_is_not_deleted(tmp_path: Path) -> None:
    asked, go_on = threading.Event(), threading.Event()

    def hold(_: str) -> bool:
        asked.set()
        return go_on.wait(PATIENCE)

    with asking(scripted_app(tmp_path, before=hold)) as client, ThreadPoolExecutor(1) as pool:
        answering = pool.submit(ask, client, HOT, "one")
        assert asked.wait(PATIENCE)
        refused = client.delete("/api/conversations/one")
        go_on.set()
        answering.result()
        allowed = client.delete("/api/conversations/one")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "still_answering")
    assert allowed.status_code == 204


def test_markdown_export_holds_question_answer_and_evidence(tmp_path: Path) -> None:
    with asking(scripted_app(tmp_path)) as client:
        ask(client, HOT, "one")
        client.patch("/api/conversations/one", json={"title": "Night shift"})
        file = client.get("/api/conversations/one/export")
    assert 'attachment; filename="conversation-' in file.headers["content-disposition"]
    assert file.text.startswith(f"# Night shift\n\n## {HOT}\n")
    assert "D01 is at 22.0 °C." in file.text
    assert "- 22.0 °C = 22.0 °C (latest_readings, " in file.text


def test_json_export_holds_the_turns_as_the_ledger_has_them(tmp_path: Path) -> None:
    with asking(scripted_app(tmp_path)) as client:
        turn = ask(client, HOT, "one")
        file = client.get("/api/conversations/one/export", params={"format": "json"})
        kept = client.get(f"/api/turns/{turn}").json()
    assert file.json() == {"conversation_id": "one", "title": HOT, "turns": [kept]}


def test_later_verdict_takes_the_place_of_the_earlier_and_can_be_taken_back(tmp_path: Path) -> None:
    with asking(scripted_app(tmp_path)) as client:
        turn = ask(client, HOT, "one")
        client.post("/api/feedback", json={"turn_id": turn, "verdict": "like"})
        client.post("/api/feedback", json={"turn_id": turn, "verdict": "dislike", "reason": " too short "})
        kept = client.get(f"/api/feedback/{turn}").json()
        client.delete(f"/api/feedback/{turn}")
        left = client.get(f"/api/feedback/{turn}").json()
    assert (kept["verdict"], kept["reason"], left) == ("dislike", "too short", None)


@pytest.mark.parametrize(
    ("change", "status"),
    [({"turn_id": "turn_nobody"}, 404), ({"verdict": "meh"}, 422), ({"reason": "x" * 1001}, 422)],
)
def test_unusable_verdict_is_refused(tmp_path: Path, change: dict[str, str], status: int) -> None:
    with asking(scripted_app(tmp_path)) as client:
        given = {"turn_id": ask(client, HOT, "one"), "verdict": "like"} | change
        assert client.post("/api/feedback", json=given).status_code == status
