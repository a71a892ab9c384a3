"""The tools a chat model is offered in one call: the likely ones, in few bytes, and a way to find the others."""

import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from tools.catalog import Catalog, Tool
from tools.people import Person
from tools.quantity import Quantity
from tools.telemetry.fields import all_fields

# More tools than this make chat models choose worse, and every call costs their descriptions anew.
MOST_TOOLS = 12
# Counted in bytes: counting tokens would need a vocabulary that is fetched from the network.
MOST_BYTES = 16_000
FIND_TOOL = "find_tool"
_OF_NO_USE = frozenset({"text", "window", "at", "rows"})
_FIND: dict[str, Any] = {
    "type": "function",
    "function": {
        "name": FIND_TOOL,
        "description": "Find tools for something that none of the tools here can do.",
        "parameters": {
            "type": "object",
            "properties": {
                "need": {"type": "string", "description": 'What is needed, for example "how long a string lasts".'}
            },
            "required": ["need"],
            "additionalProperties": False,
        },
    },
}


def offered_tools(catalog: Catalog, names: Sequence[str], person: Person) -> list[dict[str, Any]]:
    """Those of these tools that the asker may use, most wanted first, as many as there is room for; and `find_tool`."""
    wanted = [
        catalog[name] for name in dict.fromkeys(names) if name in catalog and person.reaches(catalog[name].role)
    ]
    offered, left = [_FIND], MOST_BYTES - size_of([_FIND])
    for tool in wanted[:MOST_TOOLS]:
        described = described_tool(tool)
        if size_of([described]) <= left:
            offered.append(described)
            left -= size_of([described])
    return offered


def size_of(tools: Sequence[dict[str, Any]]) -> int:
    """The bytes of tools as they are sent."""
    return len(json.dumps(tools, separators=(",", ":"), ensure_ascii=False).encode())


@lru_cache(maxsize=2048)
def described_tool(tool: Tool) -> dict[str, Any]:
    """A tool as a chat model reads it."""
    schema = _without_ballast(tool.arguments.model_json_schema())
    return {
        "type": "function",
        "function": {"name": tool.name, "description": tool.description, "parameters": schema},
    }


def _without_ballast(part: Any) -> Any:
    """A schema without what is said elsewhere: titles, defaults of null, and the 66 fields, which the prompt lists. A
    figure is handed on without its times, which a chat model has in words."""
    if isinstance(part, list):
        return [_without_ballast(one) for one in part]
    if not isinstance(part, dict):
        return part
    if _names_fields(part.get("enum")):
        return {key: value for key, value in part.items() if key not in ("enum", "title")}
    if _is_nullable(part.get("anyOf")):
        (inner,) = [one for one in part["anyOf"] if one != {"type": "null"}]
        rest = {key: value for key, value in part.items() if key not in ("anyOf", "title", "default")}
        return rest | _without_ballast(inner)
    dropped = _OF_NO_USE if part.get("title") == Quantity.__name__ else frozenset()
    return {
        key: {name: _without_ballast(one) for name, one in value.items() if name not in dropped}
        if key in ("properties", "$defs")
        else _without_ballast(value)
        for key, value in part.items()
        if key != "title" and not (key == "default" and value is None)
    }


def _names_fields(choices: Any) -> bool:
    return isinstance(choices, list) and len(choices) > 20 and set(choices) <= set(all_fields())


def _is_nullable(choices: Any) -> bool:
    return isinstance(choices, list) and len(choices) == 2 and {"type": "null"} in choices
