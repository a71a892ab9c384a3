"""What was asked before, and what of it a new question takes over.

The calls of earlier turns are the memory; nothing else is kept.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import JsonValue

from assistant.brains.embedded.plan import PlannedCall
from assistant.brains.embedded.slots import Slots
from tools.telemetry.fields import field_facts

_POINTER = re.compile(
    r"\b(?:it|its|it's|(?:that|this|those|these)(?! (?:week|month|year|morning|afternoon|evening|night|weekend|day|hour|quarter))|"
    r"there(?! (?:is|are|was|were|any|been))|them|their|they|the same (?:device|site|battery|string|one)|that one|"
    r"this one|said)\b"
)
_FLEET_WIDE = re.compile(
    r"\b(?:all|every|each|any|fleet|which|who|worst|best|weakest|oldest|newest|hottest|coldest|highest of all|everywhere|everything|sites|devices|batteries|strings|how many|overall|"
    r"anything|any(?:one|body))\b"
)


@dataclass(frozen=True)
class Memory:
    """The calls of the turns before, newest turn last."""

    turns: tuple[tuple[PlannedCall, ...], ...] = ()
    # What the last answer put first: the hottest device of a ranking, the device of the worst cell.
    subject: Mapping[str, JsonValue] = field(default_factory=dict)

    @property
    def last(self) -> tuple[PlannedCall, ...]:
        return next((calls for calls in reversed(self.turns) if calls), ())


@dataclass(frozen=True)
class ValueAsked:
    field: str
    place: dict[str, JsonValue]
    window: dict[str, JsonValue]
    statistic: JsonValue


def value_asked(call: PlannedCall) -> ValueAsked | None:
    fields = call.arguments.get("fields")
    name = call.arguments.get("field") or (fields[0] if isinstance(fields, list) and fields else None)
    if not isinstance(name, str) or not field_facts(name).has_rollup:
        return None
    return ValueAsked(
        name,
        {key: call.arguments[key] for key in ("devices", "sites") if key in call.arguments},
        {key: call.arguments[key] for key in ("start", "end") if key in call.arguments},
        call.arguments.get("statistic", "mean"),
    )


def places_of(calls: Sequence[PlannedCall]) -> dict[str, JsonValue]:
    """Devices or sites the calls were about."""
    for call in calls:
        for key in ("devices", "sites"):
            if key in call.arguments:
                return {key: call.arguments[key]}
        if "device" in call.arguments:
            return {"devices": [call.arguments["device"]]}
    return {}


def subject_place(memory: Memory) -> dict[str, JsonValue]:
    """Device or site the last answer put first."""
    return {key: value for key, value in memory.subject.items() if key in ("devices", "sites")}


def points_back(text: str) -> bool:
    """Whether a text says "it", "there" or the like."""
    return bool(_POINTER.search(text.lower()))


def inherited_window(slots: Slots, memory: Memory) -> dict[str, JsonValue]:
    """The window spoken of before, for a question of a few words that names none: "boosts?" after outages."""
    if slots.spans or not memory.last or len(slots.text.split()) > 4:
        return {}
    arguments = memory.last[0].arguments
    return {key: arguments[key] for key in ("start", "end") if key in arguments}


def inherited_place(slots: Slots, memory: Memory) -> dict[str, JsonValue]:
    """Devices or sites a question without any points back at: by "it" or "there", or by asking on in silence."""
    text = slots.text.lower()
    if slots.has_place or not memory.last:
        return {}
    if _POINTER.search(text) or not _FLEET_WIDE.search(text):
        there = places_of(memory.last)
        return there or (subject_place(memory) if _POINTER.search(text) else {})
    return {}
