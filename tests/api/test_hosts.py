"""Whom the server answers: its own names, its own pages, and no open network without a sign-in."""

from pathlib import Path

import pytest

from assistant.api.server import OpenNetworkError, refuse_open_network, serve
from tests.support.servers import asking, scripted_app, settings_for


@pytest.mark.parametrize("host", ["localhost", "localhost:9000", "127.0.0.1:8000", "LOCALHOST", "own.example:8443"])
def test_own_names_are_served(tmp_path: Path, host: str) -> None:
    with asking(scripted_app(tmp_path, allowed_hosts="localhost, 127.0.0.1, own.example:8443")) as client:
        assert client.get("/health", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "own.example", "me@localhost", "localhost:x", "[::1]", ""]
)
def test_other_names_are_refused_in_our_form(tmp_path: Path, host: str) -> None:
    with asking(scripted_app(tmp_path, allowed_hosts="localhost,own.example:8443")) as client:
        answer = client.get("/health", headers={"Host": host})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "unknown_host")


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "http://localhost:3000",
        "http://localhost",
        "null",
        "file://",
        "http://localhost:8000.x",
    ],
)
def test_write_from_another_site_is_refused(tmp_path: Path, origin: str) -> None:
    with asking(scripted_app(tmp_path)) as client:
        answer = client.post("/api/chat", json={"message": "hello"}, headers={"Origin": origin})
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "cross_origin")


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("localhost:8000", "http://localhost:8000"),
        ("localhost", "http://localhost"),
        ("localhost", "https://localhost"),
        ("localhost:443", "https://localhost"),
    ],
)
def test_write_from_an_own_page_is_served(tmp_path: Path, host: str, origin: str) -> None:
    with asking(scripted_app(tmp_path)) as client:
        answer = client.post("/api/chat", json={"message": "hello"}, headers={"Host": host, "Origin": origin})
    assert answer.status_code == 200


def test_reading_from_another_site_is_left_to_the_browser(tmp_path: Path) -> None:
    with asking(scripted_app(tmp_path)) as client:
        answer = client.get("/health", headers={"Origin": "http://evil.example"})
    assert answer.status_code == 200
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "battery.example"])  # noqa: S104
def test_open_network_without_a_sign_in_does_not_start_and_says_what_would(tmp_path: Path, host: str) -> None:
    with pytest.raises(OpenNetworkError) as refused:
        serve(settings_for(tmp_path), host, 8000)
    assert "127.0.0.1" in refused.value.hint


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1", "localhost"])
def test_loopback_needs_no_sign_in(tmp_path: Path, host: str) -> None:
    refuse_open_network(host, settings_for(tmp_path))
