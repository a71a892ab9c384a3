"""What a chat model is told: the prompts of assistant/prompts, filled with the fleet, the fields and the present."""

import hashlib
import json
from functools import cache
from pathlib import Path
from string import Template
from zoneinfo import ZoneInfo

from assistant.agent.turn import Turn
from tools.telemetry.fields import all_fields
from tools.telemetry.fleet import Fleet

PROMPTS = Path(__file__).parents[1] / "prompts"
# A larger fleet is listed by `list_fleet` when it is needed.
_MOST_SITES = 40
_MOST_DEVICES = 120
_LONGEST_NAME = 60


@cache
def prompt_hash() -> str:
    """A short hash of every prompt; stored with each turn."""
    digest = hashlib.sha256()
    for path in sorted(PROMPTS.glob("*.md")):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def system_prompt(turn: Turn, fleet: Fleet) -> str:
    """The rules, the fields, the fleet and the present, for one turn."""
    now = turn.asked.astimezone(ZoneInfo(turn.time_zone))
    return filled(
        "chat_model",
        glossary=_glossary(),
        fleet=_fleet_lines(fleet),
        now=f"{now:%A, %d %b %Y, %H:%M}, in ISO 8601 {now.isoformat(timespec='minutes')}",
        time_zone=turn.time_zone,
        role=turn.role,
    )


def filled(name: str, **values: str) -> str:
    """A prompt with its places filled in. Values are not read again, so none of them can name a place itself."""
    return Template((PROMPTS / f"{name}.md").read_text(encoding="utf-8")).substitute(values).strip()


@cache
def _glossary() -> str:
    return "\n".join(
        f"- {facts.name}: {facts.label}{f', {facts.unit}' if facts.unit else ''}" for facts in all_fields().values()
    )


def _fleet_lines(fleet: Fleet) -> str:
    """One JSON line a site and a device: a name with quotes or line ends in it stays a string."""
    sites = [as_data(site_id=one.site_id, name=one.name, region=one.region) for one in fleet.sites]
    devices = [
        as_data(device_id=one.device_id, site_id=one.site_id, name=one.name, model=one.battery_model)
        for one in fleet.devices
    ]
    return "\n".join(["Sites:", *_first(sites, _MOST_SITES), "Devices:", *_first(devices, _MOST_DEVICES)])


def _first(lines: list[str], most: int) -> list[str]:
    left = len(lines) - most
    return [*lines[:most], f"... and {left} more; list_fleet lists them"] if left > 0 else lines


def as_data(**values: str | None) -> str:
    """Names as one line of JSON; a long one is cut, so that no name can hold a page of instructions."""
    kept = {key: value[:_LONGEST_NAME] for key, value in values.items() if value}
    return json.dumps(kept, ensure_ascii=False).replace("`", "'")
