"""Attempts of people who see one site at the faces for programs: OpenAI's and MCP's."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from evals.attacks.attempt import Attempt
from evals.attacks.scopes import NEEDED, QUESTIONS, Foreign, calls_of, needed_by
from evals.guarded_server import Guarded
from tools.people import Person

# What any MCP client says it reads.
_ACCEPT = {"Accept": "application/json, text/event-stream"}


def attempts(server: Guarded) -> Iterator[Attempt]:
    """Everybody who sees one site: every question, with what was said before sent along; every tool and document."""
    for person in server.people.values():
        if person.sites:
            foreign = Foreign(server, person)
            yield from _questions(server, person, foreign)
            yield from _tools(server, person, foreign)
            yield from _documents(server, person, foreign)


def _questions(server: Guarded, person: Person, foreign: Foreign) -> Iterator[Attempt]:
    said: list[dict[str, str]] = []
    for pattern in QUESTIONS:
        question = pattern.format(device=foreign.device, site=foreign.site, own=foreign.own)
        said.append({"role": "user", "content": question})
        body = {"model": "battery-assistant", "messages": said}
        answer = server.client.post("/v1/chat/completions", json=body, headers=server.as_person(person.name))
        asked = " ".join(one["content"] for one in said)
        yield Attempt("openai", f"{question} as {person.name}", foreign.in_text(answer.text, asked))


def _tools(server: Guarded, person: Person, foreign: Foreign) -> Iterator[Attempt]:
    # A face that answers nothing at all leaks nothing either.
    assert "structuredContent" in _mcp(server, person, "tools/call", {"name": "list_fleet", "arguments": {}})
    for tool in server.views.catalog_of(person).values():
        for named in calls_of(tool, foreign):
            arguments = {name: value for name, value in NEEDED.items() if name in needed_by(tool)} | named
            result = _mcp(server, person, "tools/call", {"name": tool.name, "arguments": arguments})
            leaked = foreign.in_text(json.dumps(result), json.dumps(arguments)) or (
                bool(named) and not result.get("isError", True)
            )
            yield Attempt("mcp", f"{tool.name} {arguments} as {person.name}", leaked)


def _documents(server: Guarded, person: Person, foreign: Foreign) -> Iterator[Attempt]:
    listed = json.dumps(_mcp(server, person, "resources/list", {}))
    sheet = f"SITE-{foreign.site.upper()}"
    yield Attempt("mcp", f"documents as {person.name}", sheet in listed)
    read = _mcp(server, person, "resources/read", {"uri": f"manual://{sheet}/1"})
    yield Attempt("mcp", f"{sheet} as {person.name}", "contents" in read)


def _mcp(server: Guarded, person: Person, method: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The result of one MCP request; what is wrong with it where there is none."""
    body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    answer = server.client.post("/mcp", json=body, headers=server.as_person(person.name) | _ACCEPT).json()
    found: Mapping[str, Any] = answer.get("result", {"error": answer.get("error")})
    return found
