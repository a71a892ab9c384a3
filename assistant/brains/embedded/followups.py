"""Completes a follow-up from what was asked before: "and at Harbor?", "same for last week", "why?", "which cell?".

The calls of earlier turns are the memory. A follow-up keeps what it does not say anew; a question that says enough
by itself inherits only the device or site it points at ("it", "there").
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import JsonValue

from assistant.brains.embedded.plan import REGISTER_FIELDS, PlannedCall, place, window
from assistant.brains.embedded.slots import Slots, threshold_in, unit_of
from tools.telemetry.fields import field_facts

_LEAD_IN = re.compile(
    r"^\s*(?:(?:ok(?:ay)?|and|so|but|now|then|right|hm+|well|great|thanks|thank you|nice|good|also|oh|yes)[\s,.!]+)*"
    r"(?:and\b|what about|how about|what of|same\b|the same|likewise|ditto|no[,\s]|not\b.*\bbut|i meant?|rather|instead|"
    r"back to|again|make (?:it|that)|as a|in a|on a|for the|just)\b"
)
_POINTER = re.compile(
    r"\b(?:it|its|it's|that|this|there|those|these|them|their|they|the same (?:device|site|battery|string|one)|that one|"
    r"this one|said)\b"
)
_WHY = re.compile(
    r"^\W*(?:why|how come|what(?:'s| is) (?:the reason|wrong|the cause)|reason|because of what|explain)\b"
)
_WHICH_CELL = re.compile(r"^\W*(?:and\s+)?(?:which|what) cells?\b\W*(?:is it|is that|exactly|then)?\W*$")
_WHERE = re.compile(
    r"^\W*(?:and\s+)?where(?:'s| is)?\s*(?:it|that|this|they|those)?(?: one)?(?: (?:located|installed))?\W*$"
)
_WHEN = re.compile(r"^\W*(?:and\s+)?when(?: was| did)?(?: that| it| this)?(?: happen| be)?\W*$")
_CHART = re.compile(
    r"\b(?:as|in|on) an? (?:chart|graph|plot)\b|^\W*(?:chart|plot|graph)(?: it| that| this)?\W*$|\bshow (?:it|me that|that) (?:as|on|in)\b"
)
_BACK = re.compile(r"\b(?:back to|return to) (?:the )?(?:first|one before|previous)\b")
_FLEET_WIDE = re.compile(
    r"\b(?:all|every|each|any|fleet|which|who|everywhere|everything|sites|devices|batteries|strings|how many|overall|"
    r"anything|any(?:one|body))\b"
)
_STOP = frozenset(
    [
        "a",
        "an",
        "and",
        "the",
        "of",
        "at",
        "in",
        "on",
        "for",
        "to",
        "from",
        "is",
        "are",
        "was",
        "were",
        "be",
        "been",
        "it",
        "its",
        "that",
        "this",
        "there",
        "with",
        "what",
        "whats",
        "about",
        "how",
        "same",
        "no",
        "not",
        "ok",
        "okay",
        "so",
        "but",
        "then",
        "now",
        "please",
        "pls",
        "me",
        "show",
        "tell",
        "give",
        "do",
        "does",
        "did",
        "has",
        "had",
        "have",
        "i",
        "mean",
        "meant",
        "rather",
        "instead",
        "by",
        "over",
        "during",
        "us",
        "just",
        "also",
        "again",
        "today",
        "one",
        "ones",
        "value",
        "values",
        "reading",
        "readings",
        "or",
        "as",
    ]
)
_STATISTIC_TOOLS = {"field_history": "statistic", "compare": "statistic", "rank": "statistic"}
_WITH_WINDOW = frozenset(
    {"field_history", "compare", "rank", "limit_violations", "find_events", "data_coverage", "cell_history"}
)
_WITH_PLACE = frozenset(
    {"latest_readings", "field_history", "compare", "limit_violations", "find_events", "data_coverage", "worst_cells",
     "device_health", "list_fleet"}
)  # fmt: skip


@dataclass(frozen=True)
class Memory:
    """The calls of the turns before, newest turn last."""

    turns: tuple[tuple[PlannedCall, ...], ...] = ()

    @property
    def last(self) -> tuple[PlannedCall, ...]:
        return next((calls for calls in reversed(self.turns) if calls), ())


def follow_up(slots: Slots, memory: Memory, now: datetime) -> list[PlannedCall] | None:
    """The calls of a follow-up, or None where the question stands by itself."""
    text = slots.text.lower()
    if _BACK.search(text) and memory.turns:
        return list(next((calls for calls in memory.turns if calls), ()))
    before = memory.last
    if not before:
        return None
    asked_about = _aside(text, slots, before)
    if asked_about is not None:
        return asked_about
    if not (_LEAD_IN.search(text) or _is_elliptical(slots)):
        return None
    if _asks_something_else(text):
        return None
    changed = [_replaced(call, slots, now) for call in before]
    return list({(call.tool, repr(call.arguments)): call for call in changed}.values())


def _aside(text: str, slots: Slots, before: Sequence[PlannedCall]) -> list[PlannedCall] | None:
    """Short questions that turn to another tool about the same thing."""
    there = _places_of(before)
    if _WHICH_CELL.search(text):
        return [PlannedCall("worst_cells", there)]
    if _WHERE.search(text) and there:
        return [PlannedCall("list_fleet", there)]
    if _WHY.search(text) and not slots.field_names and not slots.has_place:
        return [PlannedCall("device_health", there)]
    if _WHEN.search(text):
        return list(before)
    if _CHART.search(text) and not slots.field_names:
        return [_charted(call) for call in before]
    return None


def _charted(call: PlannedCall) -> PlannedCall:
    """The same field over time, which is what a chart shows."""
    arguments = call.arguments
    if call.tool in ("field_history", "cell_history"):
        return call
    fields = arguments.get("fields")
    name = arguments.get("field") or (fields[0] if isinstance(fields, list) and fields else None)
    if not isinstance(name, str) or not field_facts(name).has_rollup:
        return call
    kept: dict[str, JsonValue] = {
        key: arguments[key] for key in ("devices", "sites", "start", "end") if key in arguments
    }
    return PlannedCall("field_history", {"field": name, **kept})


def _is_elliptical(slots: Slots) -> bool:
    """Whether nothing but names, times, a field or a statistic is said."""
    # A number that was masked leaves the words that stand for it behind.
    left = slots.words - _STOP
    for mention in slots.fields:
        left -= set(re.findall(r"[a-z']+", mention.words))
    statistic_words = {
        "lowest",
        "highest",
        "average",
        "avg",
        "mean",
        "min",
        "max",
        "minimum",
        "maximum",
        "peak",
        "range",
    }
    return not (left - statistic_words) and bool(
        slots.has_place or slots.spans or slots.fields or slots.statistic or slots.threshold
    )


def _asks_something_else(text: str) -> bool:
    """A whole new question that merely begins with "and"."""
    has_verb = re.search(
        r"\b(?:which|how (?:many|long|often|healthy|old|much)|compare|rank|list|mean by|define|when|did|does|has|have|any|"
        r"is there|are there|online|offline|gaps?|outages?|health\w*|condition|cells?|weak\w*|worst|limits?|unit)\b",
        text,
    )
    return bool(has_verb) and not re.search(
        r"^\W*(?:and|what about|how about|same)\W+(?:at|for|in|on|the)?\s*\W*$", text
    )


def _replaced(call: PlannedCall, slots: Slots, now: datetime) -> PlannedCall:
    """An earlier call with what the follow-up says put in the place of what was said."""
    arguments, tool = dict(call.arguments), call.tool
    if slots.has_place and tool in _WITH_PLACE:
        arguments.pop("devices", None)
        arguments.pop("sites", None)
        arguments |= place(slots)
    elif slots.mentions.devices and tool == "cell_history":
        arguments["device"] = slots.mentions.devices[0]
    elif slots.mentions.sites and tool == "rank":
        arguments["sites"] = list(slots.mentions.sites)
    elif slots.mentions.devices and tool == "rank":
        tool, arguments = "latest_readings", {"fields": [arguments["field"]], **place(slots)}
    if slots.mentions.cells and tool == "cell_history":
        arguments["cell_no"] = slots.mentions.cells[0]
    tool, arguments = _with_field(tool, arguments, slots)
    tool, arguments = _with_window(tool, arguments, slots, now)
    return PlannedCall(tool, _with_statistic(tool, arguments, slots))


def _with_field(tool: str, arguments: dict[str, JsonValue], slots: Slots) -> tuple[str, dict[str, JsonValue]]:
    names = slots.field_names
    if slots.threshold is not None and tool == "limit_violations" and isinstance(arguments.get("field"), str):
        arguments.pop("above", None)
        arguments.pop("below", None)
        value = threshold_in(unit_of(str(arguments["field"])), slots.threshold)
        arguments[slots.threshold.direction] = value
    if not names or REGISTER_FIELDS.issuperset(names):
        return tool, arguments
    if tool == "latest_readings":
        return tool, arguments | {"fields": list(names)}
    if tool in ("field_history", "compare", "rank", "limit_violations", "describe_field"):
        if tool == "limit_violations":
            arguments.pop("above", None)
            arguments.pop("below", None)
        if tool == "field_history" and names[0] != "string_current_a":
            arguments.pop("direction", None)
        return tool, arguments | {"field": names[0]}
    # From cells, events or health to a field: its latest value at the same place.
    kept: dict[str, JsonValue] = {key: arguments[key] for key in ("devices", "sites") if key in arguments}
    return "latest_readings", {"fields": list(names), **kept}


def _with_window(
    tool: str, arguments: dict[str, JsonValue], slots: Slots, now: datetime
) -> tuple[str, dict[str, JsonValue]]:
    if not slots.spans:
        return tool, arguments
    fields = arguments.get("fields")
    if tool == "latest_readings" and isinstance(fields, list) and fields:
        arguments.pop("fields")
        tool, arguments = "field_history", {**arguments, "field": fields[0]}
    if tool in _WITH_WINDOW:
        arguments.pop("start", None)
        arguments.pop("end", None)
        arguments |= window(slots, now)
        if tool == "rank" and arguments.get("statistic", "latest") == "latest":
            arguments["statistic"] = "min" if arguments.get("order") == "lowest" else "max"
        if tool == "compare" and arguments.get("statistic", "latest") == "latest":
            arguments["statistic"] = "mean"
    return tool, arguments


def _with_statistic(tool: str, arguments: dict[str, JsonValue], slots: Slots) -> dict[str, JsonValue]:
    if slots.statistic is None:
        return arguments
    if tool == "rank":
        if slots.statistic in ("min", "max"):
            arguments.pop("order", None)
            if slots.statistic == "min":
                arguments["order"] = "lowest"
        return arguments
    if tool == "worst_cells" or tool not in _STATISTIC_TOOLS:
        return arguments
    arguments.pop("statistic", None)
    if slots.statistic != "mean" or tool == "compare":
        arguments["statistic"] = slots.statistic
    return arguments


def _places_of(calls: Sequence[PlannedCall]) -> dict[str, JsonValue]:
    """Devices or sites the calls were about."""
    for call in calls:
        for key in ("devices", "sites"):
            if key in call.arguments:
                return {key: call.arguments[key]}
        if "device" in call.arguments:
            return {"devices": [call.arguments["device"]]}
    return {}


def inherited_place(slots: Slots, memory: Memory) -> dict[str, JsonValue]:
    """Devices or sites a question without any points back at: by "it" or "there", or by asking on in silence."""
    text = slots.text.lower()
    if slots.has_place or not memory.last:
        return {}
    if _POINTER.search(text) or not _FLEET_WIDE.search(text):
        return _places_of(memory.last)
    return {}
