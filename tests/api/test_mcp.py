"""The catalogue and the documents as an MCP client sees them, over HTTP and over stdio."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from fastmcp import Client
from fastmcp.client.transports import StdioTransport
from fastmcp.exceptions import ToolError

from assistant.agent.direct_calls import DirectCalls
from assistant.agent.tool_adapter import ToolRoom
from assistant.api.mcp_server import AskerNow, build_mcp
from assistant.wiring import Assistant, open_assistant
from tests.support.builders import NOW
from tests.support.running_app import running_app
from tests.support.scripted_brain import ScriptedChatModel
from tests.support.servers import scripted_app, settings_for, small_fleet
from tools.clock import FixedClock
from tools.people import LOCAL_PERSON, Person, Role, Scope

ROOT = Path(__file__).parents[2]
HOT = {"fields": ["cell_temperature_c"], "devices": ["D01"]}


@asynccontextmanager
async def assistant_of(folder: Path) -> AsyncIterator[Assistant]:
    small_fleet(folder)
    brain = ScriptedChatModel(script={})
    async with open_assistant(settings_for(folder), clock=FixedClock(NOW), brain=lambda *_: brain) as assistant:
        yield assistant


def test_the_catalogue_is_offered_and_a_call_gives_figures(tmp_path: Path) -> None:
    async def play(url: str) -> tuple[set[str], object]:
        async with Client(f"{url}/mcp") as client:
            names = {tool.name for tool in await client.list_tools()}
            result = await client.call_tool("latest_readings", HOT)
            return names, result.structured_content

    with running_app(scripted_app(tmp_path)) as url:
        names, content = asyncio.run(play(url))
    assert {"latest_readings", "device_health", "search_manuals"} <= names
    assert '"value": 22.0' in str(content).replace("'", '"')


@pytest.mark.parametrize(
    ("arguments", "words"),
    [({"devices": ["D99"]}, "D99"), ({"devise": ["D01"]}, "cannot be called like that")],
)
def test_an_error_comes_in_our_words(tmp_path: Path, arguments: dict[str, object], words: str) -> None:
    async def play() -> None:
        async with assistant_of(tmp_path) as assistant, Client(build_mcp(assistant, _asker("admin"))) as client:
            await client.call_tool("latest_readings", arguments)

    with pytest.raises(ToolError, match=words):
        asyncio.run(play())


def test_a_role_that_does_not_reach_gets_no_result(tmp_path: Path) -> None:
    async def play() -> None:
        async with assistant_of(tmp_path) as assistant:
            catalog = assistant.views.catalog_of(LOCAL_PERSON)
            stricter = {name: replace(tool, role="engineer") for name, tool in catalog.items()}
            with ThreadPoolExecutor(1) as pool:
                calls = DirectCalls(lambda _: stricter, ToolRoom(pool, assistant.audit), assistant.clock)
                strict = replace(assistant, direct_calls=calls)
                async with Client(build_mcp(strict, _asker("viewer"))) as client:
                    await client.call_tool("latest_readings", HOT)

    with pytest.raises(ToolError, match="needs the role engineer; you are viewer"):
        asyncio.run(play())


def test_the_documents_are_resources(tmp_path: Path) -> None:
    async def play() -> tuple[list[str], str]:
        async with assistant_of(tmp_path) as assistant, Client(build_mcp(assistant, _asker("viewer"))) as client:
            listed = [str(one.uri) for one in await client.list_resources()]
            (content,) = await client.read_resource("manual://MP-08/2")
            return listed, getattr(content, "text", "")

    listed, text = asyncio.run(play())
    assert len(listed) >= 49
    assert "Measure the string against earth" in text


@pytest.mark.parametrize(
    ("sites", "sees", "sheets"), [(("S01",), True, {"SITE-NORTHGATE"}), ((), False, set())], ids=["one site", "none"]
)
def test_who_sees_some_sites_sees_their_devices_and_their_sheets_alone(
    tmp_path: Path, sites: Scope, sees: bool, sheets: set[str]
) -> None:
    async def play() -> tuple[str, set[str]]:
        asker = _asker("viewer", sites)
        async with assistant_of(tmp_path) as assistant, Client(build_mcp(assistant, asker)) as client:
            fleet = await client.call_tool("list_fleet", {}, raise_on_error=False)
            listed = {str(one.uri).split("/")[2] for one in await client.list_resources()}
            return str(fleet), {name for name in listed if name.startswith("SITE-")}

    fleet, listed = asyncio.run(play())
    assert ("D01" in fleet) is sees
    assert listed == sheets


def test_one_client_is_served_over_standard_input_and_output(tmp_path: Path) -> None:
    small_fleet(tmp_path)
    environment = {**os.environ, "DATA_DIR": str(tmp_path), "CACHE_DIR": str(ROOT / ".cache"), "ASSISTANT_MODEL": ""}

    async def play() -> object:
        transport = StdioTransport(
            sys.executable, ["app.py", "mcp"], env=environment, cwd=str(ROOT), log_file=tmp_path / "log"
        )
        async with Client(transport) as client:
            return (await client.call_tool("list_fleet", {})).structured_content

    assert "Northgate" in str(asyncio.run(play()))


def test_a_page_of_another_site_cannot_call_tools(tmp_path: Path) -> None:
    import httpx2  # noqa: PLC0415

    with running_app(scripted_app(tmp_path)) as url:
        answer = httpx2.post(f"{url}/mcp", json={}, headers={"Origin": "http://elsewhere.example"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "cross_origin")


def _asker(role: Role, sites: Scope = None) -> AskerNow:
    return lambda: Person(name="ann", role=role, sites=sites)
