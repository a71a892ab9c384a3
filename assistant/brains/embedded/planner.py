"""Plans the tool calls of a message: split, read, route, complete from memory, and ask back when unsure."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from pydantic import JsonValue

from assistant.brains.embedded.followups import follow_up
from assistant.brains.embedded.memory import Memory, inherited_place, inherited_window, points_back
from assistant.brains.embedded.mentions import Mentions
from assistant.brains.embedded.plan import Clarify, NoTool, Plan, PlannedCall, plan_calls
from assistant.brains.embedded.router import Choice, Router
from assistant.brains.embedded.settling import NO_TOOL_LABELS, default_tool, settle_tool, unmeasured
from assistant.brains.embedded.slots import Slots, read_slots
from tools.telemetry.fleet import Fleet

# Below this the router's first choice is a guess, and one question back is cheaper than a wrong answer.
UNSURE = 0.34
SURE = 0.6
_PARTS = re.compile(
    r"\?\s+|;\s*|\.\s+(?=[A-Za-z])|,?\s+(?:and also|and then|as well as|plus|also)\s+|,\s*(?:and\s+)?(?=(?:what|which|how|is|are|when|did|show|any)\b)|\s+and\s+(?=(?:what|which|how|is|are|when|did|show|any|has|have|was|were|compare|list)\b)"
)
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
_MOST_CALLS = 6
_ASKABLE = {
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
        if (calls := follow_up(whole, memory, fleet, now)) is not None:
            return calls
        parts = _split(message, fleet, now, time_zone)
        if len(parts) < 2:
            return self._plan_one(whole, self._router.choose([whole])[0], memory, now)
        return self._plan_parts(parts, whole, memory, now)

    def _plan_parts(self, parts: Sequence[Slots], whole: Slots, memory: Memory, now: datetime) -> Plan:
        """Each part by itself; a part without a place or time inherits those of the part before."""
        choices = self._router.choose(parts)
        calls: list[PlannedCall] = []
        inherited = parts[0]
        for part, chosen in zip(parts, choices, strict=True):
            filled = _inherit(part, inherited)
            planned = self._plan_one(filled, chosen, memory, now)
            if not isinstance(planned, Sequence):
                return self._plan_one(whole, self._router.choose([whole])[0], memory, now)
            calls += planned
            inherited = filled
        return calls[:_MOST_CALLS]

    def _plan_one(self, slots: Slots, choices: Sequence[Choice], memory: Memory, now: datetime) -> Plan:
        best = choices[0]
        tool = settle_tool(best.label, slots)
        is_certain = tool != best.label or bool(slots.fields and slots.has_place)
        if best.probability < UNSURE and not is_certain:
            return _ask_back(slots, choices)
        if best.probability < UNSURE and tool == best.label:
            tool = settle_tool(default_tool(slots) or tool, slots)
        is_about_something = (slots.fields and slots.has_place) or (memory.last and points_back(slots.text))
        if tool in NO_TOOL_LABELS and is_about_something and best.probability < SURE:
            tool = next(choice.label for choice in choices if choice.label not in NO_TOOL_LABELS)
            tool = settle_tool(tool, slots)
        if tool == "cell_history" and not slots.mentions.devices:
            slots = replace(slots, mentions=_with_device(slots.mentions, memory))
        if tool == "not_measured" and unmeasured(slots.text.lower()) is None and best.probability < SURE:
            return _ask_back(slots, choices)
        planned = plan_calls(tool, slots, now)
        if isinstance(planned, NoTool) and planned.kind == "not_measured":
            return NoTool(planned.kind, unmeasured(slots.text.lower()))
        if isinstance(planned, Clarify | NoTool):
            return planned
        there = inherited_place(slots, memory)
        before = inherited_window(slots, memory)
        return [_with_window(_with_place(call, there), before) for call in planned]


def _with_device(mentions: Mentions, memory: Memory) -> Mentions:
    """The device spoken of before, for "and cell 6?"."""
    for call in memory.last:
        devices = call.arguments.get("devices")
        device = call.arguments.get("device") or (devices[0] if isinstance(devices, list) and devices else None)
        if isinstance(device, str):
            return replace(mentions, devices=(device,))
    return mentions


def _with_place(call: PlannedCall, there: dict[str, JsonValue]) -> PlannedCall:
    if not there or call.tool in ("describe_field", "rank", "cell_history", "compare"):
        return call
    return PlannedCall(call.tool, {**call.arguments, **there})


def _with_window(call: PlannedCall, before: dict[str, JsonValue]) -> PlannedCall:
    if not before or call.tool not in ("find_events", "limit_violations", "data_coverage"):
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


def _split(message: str, fleet: Fleet, now: datetime, time_zone: str) -> list[Slots]:
    """The parts of a compound message that each ask something."""
    pieces = [piece.strip(" ,.?!") for piece in _PARTS.split(message)]
    parts = [read_slots(piece, fleet, now, time_zone) for piece in pieces if len(piece) > 2]
    if len(parts) < 2 or len(parts) > 4:
        return []
    return parts if all(_asks(part) for part in parts) else []


def _asks(part: Slots) -> bool:
    return bool(
        part.fields
        or part.threshold
        or re.search(
            r"\b(?:health\w*|outages?|discharg\w*|boosts?|gaps?|online|missing|attention|heard|condition)\b"
            r"|\b(?:what|which|how|is|are|any|list|show|who|where|when)\b.*\b(?:cells?|limits?|fleet|devices?|sites?|old)\b",
            part.text.lower(),
        )
    )


def _inherit(part: Slots, before: Slots) -> Slots:
    """Fill in place and time from the part before, where this part names none."""
    fleet_wide = re.search(r"\b(?:which|any|all|every|fleet|sites|devices)\b", part.text.lower())
    mentions = part.mentions
    if not part.has_place and before.has_place and not fleet_wide:
        mentions = Mentions(before.mentions.devices, before.mentions.sites, part.mentions.cells)
    return replace(part, mentions=mentions, spans=part.spans or ())


def unreadable(message: str) -> str | None:
    """Why a message cannot be read at all: not in English, or no words."""
    words = re.findall(r"[^\W\d_]+", message.lower())
    if not words:
        return "nonsense"
    letters = "".join(words)
    if sum(not letter.isascii() for letter in letters) > 0.3 * len(letters):
        return "language"
    foreign, english = len(_FOREIGN.findall(message.lower())), len(_ENGLISH.findall(message.lower()))
    return "language" if foreign >= 2 and foreign > english else None
