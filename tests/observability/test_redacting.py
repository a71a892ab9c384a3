"""No secret is written down, whatever the name or the place it comes in."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from assistant.observability.logging import start_logging
from assistant.observability.redacting import HIDDEN, redacted

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl"


@pytest.fixture
def clean_logging() -> Iterator[None]:
    """Logging as other tests expect it afterwards."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    yield
    root.handlers[:] = before
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.mark.parametrize(
    "text",
    [
        f"it said {JWT} and went",
        "Authorization: Bearer abcdefgh12345678",
        "key sk-proj-abcdefghijklmnop1234 is wrong",
        "postgresql://bob:hunter22@db/x refused",
        f"Cookie: battery_session={JWT}; x=y",
        "-----BEGIN PRIVATE KEY-----\nMIIEvQ\n-----END PRIVATE KEY-----",
    ],
)
def test_secret_in_a_text_is_hidden(text: str) -> None:
    hidden = redacted(text)
    assert HIDDEN in hidden
    assert not {JWT, "abcdefgh12345678", "sk-proj-abcdefghijklmnop1234", "hunter22", "MIIEvQ"} & set(
        hidden.replace(":", " ").replace("@", " ").replace("=", " ").split()
    )


@pytest.mark.parametrize(
    "text",
    ["How hot is D03?", "http://localhost:8000/chat?c=conv_1", "ask-me-anything about the Northgate site",
     "2026-03-31T12:00:00Z", "Tower-7: 54.2 V", "turn_0123456789abcdef0123456789abcdef"],
)  # fmt: skip
def test_what_is_no_secret_stays(text: str) -> None:
    assert redacted(text) == text


@pytest.mark.usefixtures("clean_logging")
def test_log_line_holds_no_secret(capsys: pytest.CaptureFixture[str]) -> None:
    start_logging("INFO", ["a very known secret"])
    structlog.get_logger().info(
        "odd request", password="x", headers={"Cookie": "y", "accept": "z"}, said=[f"Bearer {JWT}"], path="/a"
    )
    logging.getLogger("library").warning("cannot use a very known secret here")
    try:
        raise ValueError(f"bad {JWT}")
    except ValueError:
        structlog.get_logger().exception("failed")
    written = capsys.readouterr().err
    line = json.loads(written.splitlines()[0])
    assert (line["password"], line["headers"], line["path"]) == (HIDDEN, {"Cookie": HIDDEN, "accept": "z"}, "/a")
    assert JWT not in written
    assert "a very known secret" not in written
    assert "ValueError: bad" in written
