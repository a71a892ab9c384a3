"""POST /api/chat and what is kept of it, through the whole app."""

import asyncio
import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from starlette.types import Message

from assistant.api.budgets import Budgets
from tests.support.scripted_brain import call, say
from tests.support.servers import HOT, NONSENSE, PATIENCE, asking, events_of, scripted_app

KEYS = {
    "conversation_id", "turn_id", "answer", "tool_calls", "evidence", "citations", "charts", "approval",
    "clarification", "brain", "usage", "latency_ms",
}  # fmt: skip
STREAM = {"Accept": "text/event-stream"}


def test_answer_has_exactly_the_documented_keys(tmp_path: Path) -> None:
    with asking(scripted_app(tmp_path)) as client:
        answer = client.post("/api/chat", json={"message": HOT}).json()
    assert set(answer) == KEYS
    assert set(answer["tool_calls"][0]) == {
        "id", "name", "arguments", "status", "duration_ms", "window", "rows", "result",
    }  # fmt: skip
    assert set(answer["evidence"][0]) == {"text", "value", "unit", "tool_call_id", "path"}
    assert answer["answer"] == "D01 is at 22.0 °C."


def test_conversation_id_is_kept_and_the_turn_can_be_read_again(tmp_path: Path) -> None:
    with asking(scripted_app(tmp_path)) as client:
        first = client.post("/api/chat", json={"message": HOT, "conversation_id": "shift-7"}).json()
        client.post("/api/chat", json={"message": "hello", "conversation_id": "shift-7"})
        turn = client.get(f"/api/turns/{first['turn_id']}").json()
        listed = client.get("/api/conversations").json()["conversations"]
        whole = client.get("/api/conversations/shift-7").json()
    assert (turn["question"], turn["status"], turn["answer"]) == (HOT, "answered", "D01 is at 22.0 °C.")
    assert [(one["conversation_id"], one["turns"]) for one in listed] == [("shift-7", 2)]
    assert {one["question"] for one in whole["turns"]} == {HOT, "hello"}


def test_events_come_in_the_order_of_the_turn_and_end_with_the_whole_answer(tmp_path: Path) -> None:
    with asking(scripted_app(tmp_path)) as client:
        answer = client.post("/api/chat", json={"message": HOT}, headers=STREAM)
    events = events_of(answer.text)
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert [name for name, _ in events] == ["tool_started", "tool_finished", "text", "answer"]
    assert set(json.loads(events[-1][1])) == KEYS
    assert json.loads(events[0][1])["name"] == "latest_readings"
    assert json.loads(events[2][1]) == {"text": "D01 is at 22.0 °C."}


def test_bad_message_is_refused_before_a_stream_begins(tmp_path: Path) -> None:
    with asking(scripted_app(tmp_path)) as client:
        answer = client.post("/api/chat", json={"message": " "}, headers=STREAM)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_message")


def test_failing_tool_is_a_plain_answer(tmp_path: Path) -> None:
    with asking(scripted_app(tmp_path)) as client:
        answer = client.post("/api/chat", json={"message": NONSENSE})
    assert answer.status_code == 200
    assert answer.json()["tool_calls"][0]["status"] == "error"
    assert answer.json()["tool_calls"][0]["result"]["error"]["code"] == "unknown_device"


def test_two_chats_at_once_do_not_mix(tmp_path: Path) -> None:
    meet = threading.Barrier(2, timeout=PATIENCE)
    script = {
        "red": (call("list_fleet"), say("This is about red.")),
        "blue": (call("list_fleet"), say("This is about blue.")),
    }
    app = scripted_app(tmp_path, script=script, before=lambda _: meet.wait())
    with asking(app) as client, ThreadPoolExecutor(2) as pool:
        red, blue = pool.map(lambda word: client.post("/api/chat", json={"message": word}).json(), ("red", "blue"))
    assert (red["answer"], blue["answer"]) == ("This is about red.", "This is about blue.")
    assert red["conversation_id"] != blue["conversation_id"]
    assert red["turn_id"] != blue["turn_id"]


@pytest.mark.parametrize("headers", [{}, STREAM], ids=["json", "events"])
def test_one_question_too_many_is_told_to_come_again(tmp_path: Path, headers: dict[str, str]) -> None:
    asked, go_on = threading.Event(), threading.Event()
    app = scripted_app(tmp_path, before=_hold(asked, go_on), budgets=Budgets(turns_at_once=1))
    with asking(app) as client, ThreadPoolExecutor(1) as pool:
        first = pool.submit(client.post, "/api/chat", json={"message": "hello"})
        assert asked.wait(PATIENCE)
        second = client.post("/api/chat", json={"message": "hello"}, headers=headers)
        go_on.set()
        assert first.result().status_code == 200
        third = client.post("/api/chat", json={"message": "hello"}, headers=headers)
    assert (second.status_code, second.json()["error"]["code"]) == (503, "busy")
    assert "Retry-After" in second.headers
    assert third.status_code == 200


@pytest.mark.parametrize("accept", ["application/json", "text/event-stream"])
def test_turn_of_a_client_that_goes_away_is_interrupted(tmp_path: Path, accept: str) -> None:
    asked, go_on = threading.Event(), threading.Event()
    app = scripted_app(tmp_path, before=_hold(asked, go_on))

    async def go_away() -> str:
        left = asyncio.Event()
        pieces = iter([{"type": "http.request", "body": b'{"message": "hello", "conversation_id": "gone"}'}])

        async def receive() -> Message:
            for piece in pieces:
                return piece
            await left.wait()
            return {"type": "http.disconnect"}

        async def send(_: Message) -> None:
            pass

        headers = [(b"host", b"localhost"), (b"content-type", b"application/json"), (b"accept", accept.encode())]
        scope = {
            "type": "http", "method": "POST", "path": "/api/chat", "raw_path": b"/api/chat", "headers": headers,
            "query_string": b"", "scheme": "http", "server": ("localhost", 8000), "asgi": {"spec_version": "2.3"},
        }  # fmt: skip
        async with app.router.lifespan_context(app):
            request = asyncio.create_task(app(scope, receive, send))
            await asyncio.to_thread(asked.wait, PATIENCE)
            left.set()
            await request
            go_on.set()
            assistant = await app.state.server.readiness.assistant(Budgets().wait_for_start)
            return str(assistant.ledger.conversation("gone")[0].status)

    assert asyncio.run(go_away()) == "interrupted"


def _hold(asked: threading.Event, go_on: threading.Event) -> Callable[[str], object]:
    """Tell that the brain was asked, and let it answer when told to."""

    def hold(_: str) -> bool:
        asked.set()
        return go_on.wait(PATIENCE)

    return hold
