"""Plans the calls of tools that act, and of those that read what was done and what waits."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from pydantic import JsonValue

from assistant.brains.embedded.calls import Clarify, Plan, PlannedCall, Planner, iso, place, window
from assistant.brains.embedded.memory import Memory, inherited_place, points_back
from assistant.brains.embedded.mentions import Mentions
from assistant.brains.embedded.operate_words import alarm_in, ordered_tool
from assistant.brains.embedded.slots import Slots

WHICH_ALARM = (
    "Which alarm do you mean? For example temperature, state of charge, ripple, float current or resistance."
)
WHICH_LIMIT = "To what value? For example “raise the temperature alarm at Northgate to 38 °C”."
WHICH_PLACE = "For which device, site or battery model?"
WHICH_DEVICE = "On which device? For example “log that cell 7 of D02 was replaced”."
_ALERT_NUMBERS = re.compile(
    r"\b(?:alerts?|alarms?) (?:no\.? ?|numbers? |#|id )?(?P<list>#?\d+(?:(?:, | and |, and )#?\d+)*)\b"
)
_SEVERITY = re.compile(r"\b(?P<severity>critical|major|minor|info)\b")
_ORDER_NUMBER = re.compile(r"\b(?:work[- ]?order|order|ticket|job|wo) (?:no\.? ?|number |#)?(?P<number>\d+)\b")
_NOTE = re.compile(
    r"(?:[,;:]\s*(?:with (?:the )?note|note|saying|reason|comment|i (?:have )?)?:?\s*|\b(?:with (?:the )?(?:note|comment)|saying|because|noting that)\b:?\s*)"
    r"[\"“']?(?P<note>[^\"”]{3,}?)[\"”']?\s*[.!]?\s*$",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"[\"“](?P<note>[^\"”]{2,})[\"”]")
_POLITE_END = re.compile(r"[\s,]*\b(?:please|pls|thanks|thank you|asap)\b[\s.!]*$", re.IGNORECASE)
_TO = re.compile(r"\b(?:to|at|=|from now on)\s+(?P<value>-?\d+(?:[.,]\d+)?)(?!.*\bto\s+-?\d)")
_ANY_NUMBER = re.compile(
    r"(?<![\w.-])(?P<value>-?\d+(?:[.,]\d+)?)\s*(?:°|deg|c\b|%|percent|v\b|mv\b|h\b|hours|times|polls)?\s*$"
)
_MODEL = re.compile(r"\b(?:agm|gel|opzv|opzs)-?\d{3,4}\b", re.IGNORECASE)
_WHAT_FOR = re.compile(
    r"\b(?:to|about|because|saying|since|as|for)\s+(?P<text>(?!the\b|d\d|device|site)[a-z].{4,})$", re.IGNORECASE
)
_THAT = re.compile(r"\bthat\s+(?P<text>.{4,})$", re.IGNORECASE)
_REPLACED = re.compile(r"\b(?:replac\w+|swap\w*|renew\w*|changed?|new cell|exchang\w+)\b")
_INSPECTED = re.compile(r"\b(?:inspect\w*|visual check|walk-?round|site visit|checked|looked over)\b")
_ORDERS = re.compile(r"\b(?:work[- ]?orders?|tickets?|wo|jobs?)\b")
_CLOSED = re.compile(r"\b(?:close|closed|complete|completed|finish|finished)\b")
_KINDS: tuple[tuple[str, str], ...] = (
    (r"work[- ]?orders?|tickets?", "work_order_opened"),
    (r"replac\w+|swapp\w+|renew\w+|new cells?", "cell_replacement"),
    (r"inspect\w+", "inspection"),
    (r"notes?", "note"),
)


def plan_order(slots: Slots, memory: Memory, now: datetime) -> Plan | None:
    """The call of a message that orders something by its form; None where it orders nothing.

    It is read as one, before it is split or taken for a follow-up: what comes after its comma is a note.
    """
    tool = ordered_tool(slots.text.lower())
    if tool is None:
        return None
    if not slots.has_place and tool != "undo_action":
        slots = _with_place_of(slots, memory)
    planned = OPERATE_PLANNERS[tool](slots, now)
    alarm = memory.subject.get("alarm")
    if (
        tool != "acknowledge_alert"
        or alarm is None
        or not points_back(slots.text)
        or not isinstance(planned, Sequence)
    ):
        return planned
    return [PlannedCall(call.tool, {"alarm": alarm, **call.arguments}) for call in planned]


def _with_place_of(slots: Slots, memory: Memory) -> Slots:
    """What the order leaves unsaid, from what was spoken of before."""
    there = inherited_place(slots, memory)
    if not there and points_back(slots.text):
        there = {key: value for key, value in memory.subject.items() if key in ("devices", "sites")}
    devices, sites = _names(there.get("devices")), _names(there.get("sites"))
    return replace(slots, mentions=Mentions(devices, sites, slots.mentions.cells)) if devices or sites else slots


def _names(value: JsonValue) -> tuple[str, ...]:
    return tuple(str(one) for one in value) if isinstance(value, list) else ()


def _acknowledge(slots: Slots, now: datetime) -> Plan:  # noqa: ARG001  every planner has one shape
    note, text = _note(slots.text), slots.text.lower()
    order = text.removesuffix(note.lower()) if note else text
    arguments: dict[str, JsonValue] = {}
    if numbers := _ALERT_NUMBERS.search(order):
        arguments["alert_ids"] = [int(one) for one in re.findall(r"\d+", numbers["list"])]
    else:
        arguments |= place(slots)
        if (alarm := alarm_in(order)) is not None:
            arguments["alarm"] = alarm
        if severity := _SEVERITY.search(order):
            arguments["severity"] = severity["severity"]
    if note:
        arguments["note"] = note
    return [PlannedCall("acknowledge_alert", arguments)]


def _change_limit(slots: Slots, now: datetime) -> Plan:  # noqa: ARG001
    text = slots.text.lower()
    alarm, limit = alarm_in(text), _limit_in(text)
    if alarm is None:
        return Clarify(WHICH_ALARM)
    if limit is None:
        return Clarify(WHICH_LIMIT)
    arguments: dict[str, JsonValue] = {"alarm": alarm, "limit": limit}
    if severity := _SEVERITY.search(text):
        arguments["severity"] = severity["severity"]
    if slots.mentions.devices:
        arguments["device"] = slots.mentions.devices[0]
    elif slots.mentions.sites:
        arguments["site"] = slots.mentions.sites[0]
    elif model := _MODEL.search(slots.text):
        arguments["model"] = model.group().upper()
    else:
        return Clarify(WHICH_PLACE)
    return [PlannedCall("change_limit", arguments)]


def _limit_in(text: str) -> float | None:
    found = _TO.search(text) or _ANY_NUMBER.search(_POLITE_END.sub("", text).rstrip(" .!"))
    return float(found["value"].replace(",", ".")) if found else None


def _log_maintenance(slots: Slots, now: datetime) -> Plan:
    if not slots.mentions.devices:
        return Clarify(WHICH_DEVICE)
    text, kind = slots.text.lower(), _kind(slots.text.lower())
    arguments: dict[str, JsonValue] = {"device": slots.mentions.devices[0], "kind": kind}
    if slots.mentions.cells:
        arguments["cell_no"] = slots.mentions.cells[0]
    if kind == "work_order_closed" and (number := _ORDER_NUMBER.search(text)):
        arguments["work_order"] = int(number["number"])
    if (said := _said(slots.text, kind)) is not None:
        arguments["text"] = said
    span = slots.spans[0] if slots.spans else None
    if span is not None and span.start is not None and span.start < now and kind != "work_order_opened":
        arguments["done"] = iso(span.start)
    return [PlannedCall("log_maintenance", arguments)]


def _kind(text: str) -> str:
    if _ORDERS.search(text):
        return "work_order_closed" if _CLOSED.search(text) else "work_order_opened"
    if _REPLACED.search(text) and re.search(r"\bcells?\b", text):
        return "cell_replacement"
    return "inspection" if _INSPECTED.search(text) else "note"


def _said(text: str, kind: str) -> str | None:
    """What is to be written down, in the person's own words; None where the kind of entry says it all."""
    if quoted := _QUOTED.search(text):
        return quoted["note"].strip()
    if (note := _note(text)) is not None:
        return note
    patterns = (_THAT,) if kind == "note" else (_WHAT_FOR,) if kind.startswith("work_order") else ()
    for pattern in patterns:
        if found := pattern.search(_POLITE_END.sub("", text)):
            return found["text"].strip(" .!")
    return _POLITE_END.sub("", text).strip(" .!") if kind == "note" else None


def _note(text: str) -> str | None:
    """What stands after a comma, a colon or "saying": the note of an order."""
    text = _POLITE_END.sub("", text)
    found = _QUOTED.search(text) or _NOTE.search(text)
    note = found["note"].strip() if found else ""
    return note if re.search(r"[A-Za-z]{3}", note) and not re.match(r"(?:and|or) ", note) else None


def _undo(slots: Slots, now: datetime) -> Plan:  # noqa: ARG001
    return [PlannedCall("undo_action", {})]


def _pending(slots: Slots, now: datetime) -> Plan:  # noqa: ARG001
    return [PlannedCall("pending_actions", {})]


def _maintenance_log(slots: Slots, now: datetime) -> Plan:
    arguments: dict[str, JsonValue] = {**place(slots), **window(slots, now)}
    text = slots.text.lower()
    kind = next((name for words, name in _KINDS if re.search(rf"\b(?:{words})\b", text)), None)
    if kind is not None:
        arguments["kind"] = kind
    if slots.mentions.cells:
        arguments["cell_no"] = slots.mentions.cells[0]
    return [PlannedCall("maintenance_log", arguments)]


OPERATE_PLANNERS: Mapping[str, Planner] = {
    "acknowledge_alert": _acknowledge,
    "change_limit": _change_limit,
    "log_maintenance": _log_maintenance,
    "undo_action": _undo,
    "pending_actions": _pending,
    "maintenance_log": _maintenance_log,
}
