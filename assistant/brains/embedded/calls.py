"""What a plan is made of: tool calls, a question back, a reply without tools; and the arguments all tools share."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import JsonValue

from assistant.brains.embedded.slots import Slots

WHICH_FIELD = (
    "Which value do you mean? For example string voltage, current, temperature, state of charge, internal resistance "
    "or ripple."
)
WHICH_CELL = "Which cell of which device do you mean? For example “cell 7 of D03”."


@dataclass(frozen=True)
class PlannedCall:
    """A tool and the arguments that differ from its defaults."""

    tool: str
    arguments: dict[str, JsonValue]


@dataclass(frozen=True)
class Clarify:
    """A question back to the asker."""

    question: str


@dataclass(frozen=True)
class NoTool:
    """A kind of message that needs no tool: greeting, help, off topic, not offered."""

    kind: str
    about: str | None = None


Plan = Sequence[PlannedCall] | Clarify | NoTool
Planner = Callable[[Slots, datetime], Plan]


def place(slots: Slots) -> dict[str, JsonValue]:
    """Devices and sites as arguments."""
    arguments: dict[str, JsonValue] = {}
    if slots.mentions.devices:
        arguments["devices"] = list(slots.mentions.devices)
    elif slots.mentions.sites:
        arguments["sites"] = list(slots.mentions.sites)
    return arguments


def window(slots: Slots, now: datetime, index: int = 0, prefix: str = "") -> dict[str, JsonValue]:
    """Start and end as arguments; an end that is now is left open."""
    if len(slots.spans) <= index:
        return {}
    span = slots.spans[index]
    arguments: dict[str, JsonValue] = {}
    if span.start is not None:
        arguments[f"{prefix}start"] = iso(span.start)
    if span.end is not None and span.end != now:
        arguments[f"{prefix}end"] = iso(span.end)
    return arguments


def iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
