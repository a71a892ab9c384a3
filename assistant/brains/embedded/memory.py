"""What was asked before, and what of it a new question takes over.

The calls of earlier turns are the memory; nothing else is kept.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from pydantic import JsonValue

from assistant.brains.embedded.calls import PlannedCall
from assistant.brains.embedded.field_words import FieldMention
from assistant.brains.embedded.slots import Slots, Threshold, field_of_threshold, unit_of
from tools.telemetry.fields import field_facts

_THEN = re.compile(
    r"\b(?:in it|(?:in|over|during|for) (?:that|the same) (?:week|day|time|period|window|month|span)|during that|back then|"
    r"same (?:window|period|time ?span|dates))\b|\b(?:go|get|went|got|was|were|did|\w+ed) (?:\w+ ){0,3}then\W*$|\b(?:how|what) .*\bthen\W*$"
)
_OF_FIELD = ("field_history", "limit_violations", "describe_field", "compare", "rank")
_ITS_RANGE = re.compile(r"\b(?:that|this|the|its|their) (?:range|limits?|band)\b")
_POINTER = re.compile(
    r"\b(?:it|its|it's|(?:that|this|those|these)(?! (?:week|month|year|morning|afternoon|evening|night|weekend|day|hour|quarter))|"
    r"there(?! (?:is|are|was|were|any|been))|them|their|they|the same (?:device|site|battery|string|one)|that one|"
    r"this one|said)\b"
)
_FLEET_WIDE = re.compile(
    r"\b(?:all|every|each|any (?:device|site|battery|string|unit|other|of)|fleet|which|who|most|least|worst|best|weakest|oldest|newest|hottest|coldest|highest of all|everywhere|everything|sites|devices|batteries|strings|how many|overall|"
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


def spoken_field(memory: Memory) -> str | None:
    """The field the last calls were about."""
    for call in memory.last:
        fields = call.arguments.get("fields")
        name = call.arguments.get("field") or (fields[0] if isinstance(fields, list) and fields else None)
        if isinstance(name, str):
            return name
    return None


def with_spoken_field(tool: str, slots: Slots, memory: Memory) -> Slots:
    """A question that names no field, about the one spoken of: "peak on that day", "how long above 28 degrees"."""
    name = spoken_field(memory)
    if name is None or slots.fields or tool not in _OF_FIELD:
        return slots
    if slots.threshold is not None:
        is_meant = field_of_threshold(slots.threshold) is not None and _is_of_unit(name, slots.threshold)
    elif tool == "limit_violations":
        is_meant = bool(_ITS_RANGE.search(slots.text.lower()))
    else:
        is_meant = not slots.mentions.cells
    return replace(slots, fields=(FieldMention(name, "", 0, 0),)) if is_meant else slots


def _is_of_unit(name: str, threshold: Threshold) -> bool:
    """Whether a threshold is said in the unit of a field, or could be."""
    guessed = field_of_threshold(threshold)
    return guessed is not None and unit_of(guessed) == unit_of(name)


def subject_place(memory: Memory) -> dict[str, JsonValue]:
    """Device or site the last answer put first."""
    return {key: value for key, value in memory.subject.items() if key in ("devices", "sites")}


def points_back(text: str) -> bool:
    """Whether a text says "it", "there" or the like."""
    return bool(_POINTER.search(text.lower()))


def means_then(text: str) -> bool:
    """Whether a text says "in that period", "same window" or the like."""
    return bool(_THEN.search(text.lower()))


def inherited_window(slots: Slots, memory: Memory) -> dict[str, JsonValue]:
    """The window spoken of before, for a question of a few words that names none: "boosts?" after outages."""
    is_about_it = slots.threshold is not None and points_back(slots.text)
    is_then = means_then(slots.text)
    if slots.spans or not memory.last or (len(slots.text.split()) > 4 and not (is_about_it or is_then)):
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
