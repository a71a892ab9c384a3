"""Plans the tool calls of a message: split, read, route, complete from memory, and ask back when unsure."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from pydantic import JsonValue

from assistant.brains.embedded.calls import Clarify, NoTool, Plan, PlannedCall
from assistant.brains.embedded.compound import Part, split
from assistant.brains.embedded.followups import follow_up
from assistant.brains.embedded.memory import (
    Memory,
    inherited_place,
    inherited_window,
    means_then,
    points_back,
    with_spoken_field,
)
from assistant.brains.embedded.mentions import Mentions
from assistant.brains.embedded.operate_plans import plan_order
from assistant.brains.embedded.plan import plan_calls
from assistant.brains.embedded.replacing import replaced
from assistant.brains.embedded.router import Choice, Router
from assistant.brains.embedded.settling import NO_TOOL_LABELS, default_tool, settle_tool, unmeasured
from assistant.brains.embedded.slots import Slots, read_slots
from tools.telemetry.fleet import Fleet

# Below this the router's first choice is a guess, and one question back is cheaper than a wrong answer.
UNSURE = 0.34
SURE = 0.6
HALF = 0.5
_FOREIGN = re.compile(
    r"\b(?:wie|ist|der|die|das|und|wieviel|welche|warum|quelle|quel|est|les|des|pour|combien|tension|batterie|cuál|cual|"
    r"qué|está|esta|los|las|cuánto|bateria|batería|qual|quanto|tensão|tensione|hoeveel|welke|jaki|jaka|jest|hur|är|"
    r"mikä|où|pourquoi|comment|donde|dónde|spannung|ladezustand|temperatura|voltaje|welcher|wieso|zeig|mir|afficher|"
    r"montre|moi|muéstrame|mostra|il|della|di|una|el|la|le|sur|hat|sind|nicht|heiß|warm)\b"
)
_ENGLISH = re.compile(
    r"\b(?:the|is|are|was|were|what|whats|what's|which|how|of|at|for|in|on|to|and|show|did|does|do|has|have|any|when|why|"
    r"where|who|me|list|tell|give|can|it|there|my|with|from|by|a|an)\b"
)
_THAT_CELL = re.compile(r"\b(?:that|this|the same|said) cell\b")
_MOST_CALLS = 6
_FEW_WORDS = 7
_EMPTY = frozenset(
    {"the", "of", "and", "it", "a", "an", "to", "in", "on", "at", "or", "for", "with", "is", "that", "this"}
)
_WINDOW_ASKED_ON = ("find_events", "limit_violations", "data_coverage")
_WINDOW_ALWAYS = (*_WINDOW_ASKED_ON, "field_history", "cell_history")
_ONE_WINDOW = ("field_history", "find_events", "limit_violations", "data_coverage", "cell_history")
# These name their place in another way, or none.
_WITHOUT_PLACES = frozenset(
    {"describe_field", "rank", "cell_history", "compare", "change_limit", "log_maintenance", "undo_action",
     "pending_actions"}
)  # fmt: skip
_ASKABLE = {
    "search_manuals": "what the manuals say",
    "latest_readings": "a value as it is now",
    "field_history": "a value over time",
    "compare": "a comparison",
    "rank": "a ranking of the devices",
    "describe_field": "what a field means",
    "data_coverage": "how complete the data is",
    "worst_cells": "the weakest cells",
    "cell_history": "one cell",
    "limit_violations": "whether limits were left",
    "find_events": "outages or discharges",
    "device_health": "the health of a device",
    "list_fleet": "what is installed where",
    "list_alerts": "the alerts",
    "find_anomalies": "what is unusual and why",
    "estimate_soh": "an estimate of state of health",
    "estimate_runtime": "how long a battery would carry its load",
    "forecast": "a forecast",
    "field_trend": "whether a value rises or falls",
    "efficiency": "the efficiency",
    "maintenance_log": "what was done on a device",
}


class Planner:
    """Reads messages against a fleet; has no memory of its own."""

    def __init__(self, router: Router) -> None:
        self._router = router

    def plan(self, message: str, fleet: Fleet, memory: Memory, now: datetime, time_zone: str) -> Plan:
        """The calls a message needs, a question back, or a reply without tools."""
        if (kind := unreadable(message)) is not None:
            return NoTool(kind)
        whole = read_slots(message, fleet, now, time_zone)
        if (order := plan_order(whole, memory, now)) is not None:
            return order
        if (calls := follow_up(whole, memory, fleet, now)) is not None:
            return calls
        parts = split(message, fleet, now, time_zone)
        if not parts:
            return self._plan_one(whole, self._router.choose([whole])[0], memory, now)
        planned = self._plan_parts(parts, memory, now)
        return planned or self._plan_one(whole, self._router.choose([whole])[0], memory, now)

    def _plan_parts(self, parts: Sequence[Part], memory: Memory, now: datetime) -> list[PlannedCall]:
        """The calls of every part; none where a part cannot be planned, so that the whole is asked as one."""
        choices = self._router.choose([part.slots for part in parts])
        calls: list[PlannedCall] = []
        for part, chosen in zip(parts, choices, strict=True):
            if part.is_fragment and calls and calls[-1].tool in ("rank", "field_history", "compare"):
                calls.append(replaced(calls[-1], part.slots, now))
                continue
            planned = self._plan_one(part.slots, chosen, memory, now)
            if not isinstance(planned, Sequence):
                return []
            calls += planned
        return _without_repeats(calls)[:_MOST_CALLS]

    def _plan_one(self, slots: Slots, choices: Sequence[Choice], memory: Memory, now: datetime) -> Plan:
        best = choices[0]
        tool = settle_tool(best.label, slots, best.probability)
        if (cell := memory.subject.get("cell_no")) is not None and _THAT_CELL.search(slots.text.lower()):
            tool, slots = "cell_history", replace(slots, mentions=replace(slots.mentions, cells=(int(str(cell)),)))
        is_certain = tool != best.label or bool(slots.fields and slots.has_place)
        if best.probability < UNSURE and not is_certain:
            return _ask_back(slots, choices)
        if best.probability < UNSURE and tool == best.label:
            tool = settle_tool(default_tool(slots) or tool, slots)
        is_asked_of_field = slots.fields and (slots.has_place or best.probability < HALF)
        is_about_something = is_asked_of_field or (memory.last and points_back(slots.text))
        if tool in NO_TOOL_LABELS and is_about_something and best.probability < SURE:
            tool = next(choice.label for choice in choices if choice.label not in NO_TOOL_LABELS)
            tool = settle_tool(tool, slots)
        if tool == "cell_history" and not slots.mentions.devices:
            slots = replace(slots, mentions=_with_device(slots.mentions, memory))
        if tool == "not_measured" and unmeasured(slots.text.lower()) is None and best.probability < SURE:
            return _ask_back(slots, choices)
        slots = with_spoken_field(tool, slots, memory)
        planned = _plan_windows(tool, slots, now)
        if isinstance(planned, NoTool) and planned.kind == "not_measured":
            return NoTool(planned.kind, unmeasured(slots.text.lower()))
        if isinstance(planned, Clarify | NoTool):
            return planned
        if tool == "news" and not points_back(slots.text):
            return planned
        if tool == "search_manuals":
            return [_about_subject(call, slots, memory) for call in planned]
        there = inherited_place(slots, memory)
        before = inherited_window(slots, memory)
        tools = _WINDOW_ALWAYS if means_then(slots.text) else _WINDOW_ASKED_ON
        return [_with_window(_with_place(call, there), before, tools) for call in planned]


def _plan_windows(tool: str, slots: Slots, now: datetime) -> Plan:
    """The calls of a question; of one that names two times, for each of them where the tool takes only one."""
    if len(slots.spans) < 2 or tool not in _ONE_WINDOW:
        return plan_calls(tool, slots, now)
    calls: list[PlannedCall] = []
    for span in slots.spans:
        planned = plan_calls(tool, replace(slots, spans=(span,)), now)
        if not isinstance(planned, Sequence):
            return planned
        calls += [call for call in planned if call not in calls]
    return calls


def _about_subject(call: PlannedCall, slots: Slots, memory: Memory) -> PlannedCall:
    """A question to the manuals that leaves open what it is about: "and what should I do about it?"."""
    topic = memory.subject.get("topic")
    is_open = points_back(slots.text) or len(slots.text.split()) <= _FEW_WORDS
    if call.tool != "search_manuals" or topic is None or slots.has_place or not is_open:
        return call
    alarm: dict[str, JsonValue] = {"alarm": memory.subject["alarm"]} if "alarm" in memory.subject else {}
    return PlannedCall(call.tool, {**call.arguments, "question": f"{topic}: {slots.text}", **alarm})


def _with_device(mentions: Mentions, memory: Memory) -> Mentions:
    """The device spoken of before, for "and cell 6?"."""
    first = memory.subject.get("devices")
    if isinstance(first, list) and first and isinstance(first[0], str):
        return replace(mentions, devices=(first[0],))
    for call in memory.last:
        devices = call.arguments.get("devices")
        device = call.arguments.get("device") or (devices[0] if isinstance(devices, list) and devices else None)
        if isinstance(device, str):
            return replace(mentions, devices=(device,))
    return mentions


def _with_place(call: PlannedCall, there: dict[str, JsonValue]) -> PlannedCall:
    if not there or call.tool in _WITHOUT_PLACES:
        return call
    return PlannedCall(call.tool, {**call.arguments, **there})


def _with_window(call: PlannedCall, before: dict[str, JsonValue], tools: Sequence[str]) -> PlannedCall:
    if not before or call.tool not in tools:
        return call
    return PlannedCall(call.tool, {**call.arguments, **before})


def _ask_back(slots: Slots, choices: Sequence[Choice]) -> Plan:
    likely = [_ASKABLE[choice.label] for choice in choices[:3] if choice.label in _ASKABLE]
    if not likely or not (slots.fields or slots.has_place):
        return NoTool("nonsense") if not likely else Clarify(_question(likely))
    return Clarify(_question(likely))


def _question(likely: Sequence[str]) -> str:
    options = ", ".join(likely[:-1]) + f" or {likely[-1]}" if len(likely) > 1 else likely[0]
    return f"I am not sure what you mean. Do you want {options}?"


def _without_repeats(calls: Sequence[PlannedCall]) -> list[PlannedCall]:
    """Each call once; the latest values of one place in one call."""
    kept: list[PlannedCall] = []
    for call in calls:
        fields, place = call.arguments.get("fields"), {**call.arguments, "fields": None}
        twin = next(
            (
                one
                for one in kept
                if one.tool == call.tool == "latest_readings" and {**one.arguments, "fields": None} == place
            ),
            None,
        )
        earlier = twin.arguments.get("fields") if twin else None
        if twin is not None and isinstance(fields, list) and isinstance(earlier, list):
            together = [*earlier, *(one for one in fields if one not in earlier)]
            kept[kept.index(twin)] = PlannedCall(call.tool, {**twin.arguments, "fields": together})
        elif call not in kept:
            kept.append(call)
    return [call for call in kept if not _says_less(call, kept)]


def _says_less(call: PlannedCall, calls: Sequence[PlannedCall]) -> bool:
    """Whether another call asks the same of a place this one leaves open."""
    bare = {key: value for key, value in call.arguments.items() if value}
    return any(
        one is not call
        and one.tool == call.tool == "list_fleet"
        and not bare
        and ("devices" in one.arguments or "sites" in one.arguments)
        for one in calls
    )


def unreadable(message: str) -> str | None:
    """Why a message cannot be read at all: not in English, or no words."""
    words = re.findall(r"[^\W\d_]+", message.lower())
    if not words or (len(words) > 2 and _EMPTY.issuperset(words)):
        return "nonsense"
    letters = "".join(words)
    if sum(not letter.isascii() for letter in letters) > 0.3 * len(letters):
        return "language"
    foreign, english = len(_FOREIGN.findall(message.lower())), len(_ENGLISH.findall(message.lower()))
    return "language" if foreign >= 2 and foreign > english else None
