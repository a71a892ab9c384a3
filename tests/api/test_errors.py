"""Every error in one form: known ones with their status, unforeseen ones without details."""

import json
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from assistant.api.errors import battery_error_response
from tests.support.servers import asking, events_of, scripted_app
from tools.errors import (
    BadArgumentError,
    BatteryError,
    DatabaseBusyError,
    DatabaseFullError,
    ImportFileError,
    NoDataError,
    NotEnoughDataError,
    UnknownDeviceError,
)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (UnknownDeviceError("x"), 404),
        (NoDataError("x"), 404),
        (NotEnoughDataError("x"), 422),
        (BadArgumentError("x"), 422),
        (DatabaseBusyError("x"), 503),
        (DatabaseFullError("x"), 503),
        (ImportFileError("x"), 400),
        (BatteryError("x"), 400),
    ],
)
def test_known_error_has_the_status_of_its_kind(error: BatteryError, status: int) -> None:
    answer = battery_error_response(error)
    assert answer.status_code == status
    assert json.loads(bytes(answer.body)) == {"error": {"code": error.code, "message": "x", "hint": ""}}


def test_busy_database_says_when_to_come_again() -> None:
    assert battery_error_response(DatabaseBusyError("x")).headers["Retry-After"] == "1"


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "not_found"),
        ("GET", "/api/nowhere", 404, "not_found"),
        ("DELETE", "/api/chat", 405, "method_not_allowed"),
        ("POST", "/health", 405, "method_not_allowed"),
        ("GET", "/api/turns/turn_none", 404, "unknown_turn"),
        ("GET", "/api/conversations/none", 404, "unknown_conversation"),
    ],
)
def test_wrong_path_or_method_is_refused_in_our_form(
    tmp_path: Path, method: str, path: str, status: int, code: str
) -> None:
    with asking(scripted_app(tmp_path)) as client:
        answer = client.request(method, path)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


def test_unforeseen_error_tells_an_id_and_no_details_and_is_logged(tmp_path: Path) -> None:
    with capture_logs() as logs, asking(scripted_app(tmp_path, before=_break)) as client:
        answer = client.post("/api/chat", json={"message": "hello"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "internal_error")
    assert "brain" not in answer.text
    assert answer.headers["X-Request-ID"] in answer.json()["error"]["hint"]
    assert [line["event"] for line in logs if line.get("exc_info")] == ["request failed"]


def test_unforeseen_error_in_a_stream_is_its_last_event(tmp_path: Path) -> None:
    with capture_logs(), asking(scripted_app(tmp_path, before=_break)) as client:
        answer = client.post("/api/chat", json={"message": "hello"}, headers={"Accept": "text/event-stream"})
    name, data = events_of(answer.text)[-1]
    assert (name, json.loads(data)["error"]["code"]) == ("error", "internal_error")


def test_every_answer_carries_the_security_headers(tmp_path: Path) -> None:
    with capture_logs(), asking(scripted_app(tmp_path, before=_break)) as client:
        answers = [
            client.get("/health"),
            client.get("/nowhere"),
            client.get("/health", headers={"Host": "evil.example"}),
            client.post("/api/chat", json={"message": "hello"}),
        ]
    policies = [answer.headers["Content-Security-Policy"] for answer in answers]
    assert all("default-src 'self'" in policy and "frame-ancestors 'none'" in policy for policy in policies)
    assert {answer.headers["X-Content-Type-Options"] for answer in answers} == {"nosniff"}
    assert {answer.headers["Referrer-Policy"] for answer in answers} == {"no-referrer"}


def _break(_: str) -> None:
    raise KeyError("a brain that breaks")
