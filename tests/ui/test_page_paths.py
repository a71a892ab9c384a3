"""Gradio's own paths: only what the pages use, and a session only for the person who began it."""

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from assistant.ui.page_paths import LARGEST_BODY, PagePaths
from tools.people import Person


async def echo(request: Request) -> PlainTextResponse:
    """What Gradio would get."""
    return PlainTextResponse((await request.body()).decode() or "page")


class Pages:
    """The pages as somebody comes to them; the header says who."""

    def __init__(self) -> None:
        self.paths = PagePaths(Starlette(routes=[Route("/{path:path}", echo, methods=["GET", "POST"])]))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        name = dict(scope.get("headers", ())).get(b"who", b"ada").decode()
        await self.paths({**scope, "user": Person(name=name, role="viewer")}, receive, send)


@pytest.fixture
def pages() -> TestClient:
    return TestClient(Pages())


def join(pages: TestClient, session: object, who: str) -> int:
    """Put an event into a session; gives the status."""
    answer = pages.post("/gradio_api/queue/join", json={"session_hash": session, "data": []}, headers={"who": who})
    return answer.status_code


def test_pages_and_their_files_are_served(pages: TestClient) -> None:
    assert [pages.get(path).status_code for path in ("/", "/chat", "/assets/a.js", "/theme.css")] == [200] * 4


def test_what_the_pages_do_not_use_is_not_there(pages: TestClient) -> None:
    paths = ("upload", "file=/etc/passwd", "proxy=http://x", "run/predict", "call/ask", "info", "queue/joined", "token",
             "stream/x", "component_server", "deep_link", "vibe-edit", "reset", "queue/../upload")  # fmt: skip
    found = [pages.get(f"/gradio_api/{path}").status_code for path in paths]
    assert found == [404] * len(paths)
    assert [pages.get(path).status_code for path in ("/config", "/login", "/monitoring/summary")] == [404] * 3


def test_session_belongs_to_whoever_began_it(pages: TestClient) -> None:
    assert join(pages, "one", "ada") == 200
    assert join(pages, "one", "eve") == 404
    stream = "/gradio_api/queue/data?session_hash=one"
    read = {who: pages.get(stream, headers={"who": who}).status_code for who in ("ada", "eve")}
    beat = {who: pages.get("/gradio_api/heartbeat/one", headers={"who": who}).status_code for who in ("ada", "eve")}
    cancel = pages.post("/gradio_api/cancel", json={"session_hash": "one"}, headers={"who": "eve"}).status_code
    assert (read, beat, cancel) == ({"ada": 200, "eve": 404}, {"ada": 200, "eve": 404}, 404)


@pytest.mark.parametrize("session", [None, "", 7, ["one"], {"one": 1}])
def test_event_without_a_session_is_refused(pages: TestClient, session: object) -> None:
    assert join(pages, session, "ada") == 404


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b"x" * (LARGEST_BODY + 2)])
def test_unreadable_event_is_refused(pages: TestClient, body: bytes) -> None:
    assert pages.post("/gradio_api/queue/join", content=body).status_code == 404


def test_event_reaches_gradio_as_it_was_sent(pages: TestClient) -> None:
    answer = pages.post("/gradio_api/queue/join", content=b'{"session_hash": "one", "data": ["x"]}')
    assert answer.text == '{"session_hash": "one", "data": ["x"]}'
