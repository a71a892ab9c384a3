"""Bodies POST /api/chat cannot use: each refused in our form, none repeated."""

from pathlib import Path

import pytest

from tests.support.servers import asking, scripted_app


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b'{"message": ""}', 400, "bad_message"),
        (b'{"message": "' + b"x" * 20_000 + b'"}', 400, "bad_message"),
        (b'{"message": "\\u0000\\u0001\\u0002"}', 400, "bad_message"),
        (b'{"message": "\\ud800"}', 400, "bad_message"),
        (b'{"message": "hello", "timezone": "Mars/Base"}', 400, "bad_message"),
        (b'{"message": "' + b"x" * 70_000 + b'"}', 413, "too_large"),
        (b"\xff\xfe\x00\x01", 400, "bad_json"),
        (b'{"message": ', 400, "bad_json"),
        (b"[" * 60_000, 400, "bad_json"),
        (b"", 422, "bad_request"),
        (b"[]", 422, "bad_request"),
        (b"{}", 422, "bad_request"),
        (b'{"message": 5}', 422, "bad_request"),
        (b'{"message": null}', 422, "bad_request"),
        (b'{"message": "hello", "conversation_id": "a b"}', 422, "bad_request"),
        (b'{"message": "hello", "conversation_id": "' + b"a" * 65 + b'"}', 422, "bad_request"),
        (b'{"message": "hello", "timezone": 1}', 422, "bad_request"),
    ],
)
def test_unusable_body_is_refused_in_our_form(tmp_path: Path, body: bytes, status: int, code: str) -> None:
    with asking(scripted_app(tmp_path)) as client:
        answer = client.post("/api/chat", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == status
    assert set(answer.json()) == {"error"}
    assert set(answer.json()["error"]) == {"code", "message", "hint"}
    assert answer.json()["error"]["code"] == code


def test_body_in_pieces_is_counted_too(tmp_path: Path) -> None:
    with asking(scripted_app(tmp_path)) as client:
        pieces = (b"x" * 10_000 for _ in range(10))
        answer = client.post("/api/chat", content=pieces, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large")


def test_refusal_names_the_field_and_does_not_repeat_the_input(tmp_path: Path) -> None:
    with asking(scripted_app(tmp_path)) as client:
        answer = client.post("/api/chat", json={"message": {"secret": "hunter2"}})
    assert "message:" in answer.json()["error"]["message"]
    assert "hunter2" not in answer.text
