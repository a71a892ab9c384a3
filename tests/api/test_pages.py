"""What browsers get: a page that waits, then the site, and the API's documentation from this machine alone."""

import asyncio
import re
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from starlette.responses import PlainTextResponse
from structlog.testing import capture_logs

from assistant.wiring import Assistant
from tests.support.servers import PATIENCE, Gate, asking, gated_app, scripted_app


def test_first_page_waits_for_the_assistant_and_looks_again(tmp_path: Path, gate: Gate) -> None:
    with asking(gated_app(tmp_path, gate)) as client:
        assert gate.reached.wait(PATIENCE)
        pages = [client.get("/"), client.get("/chat")]
        gate.open.set()
    assert {page.status_code for page in pages} == {200}
    assert all("making the demo fleet" in page.text and 'http-equiv="refresh"' in page.text for page in pages)
    assert not re.search(r"""(src|href)=|https?://""", pages[0].text)


class Site:
    """A site that takes every path, as Gradio's does, and says when it is mounted."""

    def __init__(self) -> None:
        self.mounted = threading.Event()

    @asynccontextmanager
    async def __call__(self, app: FastAPI, _: Assistant) -> AsyncIterator[None]:
        app.mount("/", PlainTextResponse("the site"))
        # Set when start-up, told by the yield, has noted that the pages are there.
        asyncio.get_running_loop().call_soon(self.mounted.set)
        yield


def test_mounted_site_takes_the_pages_and_leaves_the_api_its_errors(tmp_path: Path) -> None:
    site = Site()
    with asking(scripted_app(tmp_path, mount=site)) as client:
        assert site.mounted.wait(PATIENCE)
        assert client.get("/").text == "the site"
        assert client.get("/chat").text == "the site"
        assert client.get("/health").json()["pages"] == "ready"
        assert client.get("/api/nowhere").json()["error"]["code"] == "not_found"
        assert client.post("/health").json()["error"]["code"] == "method_not_allowed"
        assert client.delete("/api/chat").json()["error"]["code"] == "method_not_allowed"


@asynccontextmanager
async def no_site(_: FastAPI, __: Assistant) -> AsyncIterator[None]:
    raise ModuleNotFoundError("No module named 'gradio'")
    yield


def test_api_works_where_the_pages_cannot(tmp_path: Path) -> None:
    with capture_logs(), asking(scripted_app(tmp_path, mount=no_site)) as client:
        answer = client.post("/api/chat", json={"message": "hello"})
        health, page = client.get("/health"), client.get("/")
    assert answer.status_code == 200
    assert (health.json()["status"], health.json()["pages"]) == ("ready", "failed")
    assert page.status_code == 503


def test_docs_refer_to_no_other_host(tmp_path: Path) -> None:
    with asking(scripted_app(tmp_path)) as client:
        page = client.get("/docs")
        own = re.findall(r"""(?:src|href)="([^"]+)""", page.text)
        files = [client.get(address) for address in own]
    assert "//" not in re.sub(r"<!--.*?-->", "", page.text)
    assert {answer.status_code for answer in files} == {200}
    assert len(own) == 3


def test_description_is_one_the_packaged_swagger_can_draw(tmp_path: Path) -> None:
    with asking(scripted_app(tmp_path)) as client:
        description = client.get("/openapi.json")
    assert description.json()["openapi"] == "3.0.3"
    assert '"type":"null"' not in description.text
    assert {"/health", "/api/chat", "/api/turns/{turn_id}", "/api/conversations"} <= set(description.json()["paths"])
