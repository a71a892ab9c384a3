"""Turns what a question says into tool calls with exact arguments, or into a reply that needs no tool."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import JsonValue

from assistant.brains.embedded.slots import Slots, field_of_threshold, threshold_in, unit_of
from tools.telemetry.fields import field_facts

# What stands in the register of devices, not in the readings.
REGISTER_FIELDS = frozenset(
    {"install_date", "battery_model", "cell_count", "rated_capacity_ah", "site_region", "site_latitude_deg",
     "site_longitude_deg", "site_id", "device_id"}
)  # fmt: skip
_RESISTANCES = ("internal_resistance_mohm", "internal_resistance_max_mohm", "joint_resistance_max_mohm")
_TEMPERATURES = ("cell_temperature_c", "cell_temperature_max_c")
_COMPARING = re.compile(
    r"\b(?:compar\w*|vs\.?|versus|differ\w*|against|than|side by side|higher|lower|hotter|warmer|colder|cooler|bigger|"
    r"smaller|better|worse|more|less|fuller|relative to|same as)\b"
)
_ASKS_LIMIT = re.compile(r"\blimit (?:for|of|on)\b|\b(?:upper|lower|temperature|voltage|soc) limit\b")
_ASKS_MEANING = re.compile(
    r"\b(?:mean(?:s|ing|t)?|unit\w*|limits?|range|normal\w*|definition|define|allowed|acceptable|thresholds?|stand|stands|"
    r"explain\w*|describe|purpose|difference|measured|bounds?|should|supposed|too|safe|ok|okay|good|bad|healthy|typical|"
    r"maximum|minimum|max|min|operating|field|source|come|comes|calculated|exactly)\b"
)
_APART = re.compile(r"\b(?:how far apart|gap (?:in|between|of)|apart|distance between|split between)\b")
_IN_RANGE = re.compile(
    r"\b(?:in|within|out of|outside|inside|beyond|over|past)\b (?:\w+ ){0,3}(?:range|limits?|spec\w*|bounds|tolerance|band)\b"
    r"|\b(?:limits?|range) (?:violat\w*|breach\w*|broken|exceeded)"
)
# What people of the trade ask for and no monitor here measures.
_UNMEASURED = re.compile(
    r"\b(?:electrolyte(?: level)?s?|specific gravity|hydrogen(?: concentration| level)?|humidity|fuel(?: level)?|smoke"
    r"(?: detector)?|vibration|water level|acid (?:level|density)|fan speed|door (?:open|contact|state)|wind speed|noise level|"
    r"air pressure|gas concentration|tilt|acceleration)\b"
)
_EVENT = re.compile(
    r"\b(?:outages?|black-?outs?|power (?:cuts?|failures?)|mains (?:failures?|losses)|boosts?|boost charges?|equali[sz]e charges?|"
    r"equali[sz]ations?|(?:deep )?discharges)\b"
)
_COUNTED = re.compile(
    r"\b(?:how many|how often|number of|count|list|last|latest|first|longest|when|any|total|show|were there)\b"
)
_VALUES = ("latest_readings", "field_history")
_WORST_IS_LOW = re.compile(r"voltage|soc_pct|soh_pct|runtime|power_factor|capacity|modules_ok")
_WHICH_ONE = re.compile(
    r"\b(?:which|what|who)\b.{0,24}\b(?:devices?|batter(?:y|ies)|strings?|sites?|units?|one|banks?|locations?|places?)\b"
    r"|\brank\w*|\btop \d|\bsort\w*|\border(?:ed)?\b|\bwho(?:'s| has| is)\b|\bwhere\b.*\b(?:highest|lowest|hottest|coldest)\b"
    r"|\b(?:hottest|coldest|warmest|coolest|weakest|emptiest|fullest)\s+(?:devices?|batter(?:y|ies)|strings?|sites?|units?)\b"
    r"|\b(?:devices?|batter(?:y|ies)|strings?|sites?|units?)\s+(?:with|by)\b"
)
_SITE_WORD = re.compile(r"\b(?:sites?|locations?|stations?|places?)\b")
_EVERYTHING = re.compile(r"\b(?:all|every|each|any|fleet|overall|everything|everywhere|anything|whole)\b")


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


def settle_tool(label: str, slots: Slots) -> str:
    """The tool, where the grammar of the question leaves no choice; else the router's own."""
    text = slots.text.lower()
    if unmeasured(text) is not None:
        return "not_measured"
    if label in NO_TOOL_LABELS:
        return label
    if slots.mentions.cells and label != "describe_field":
        return "cell_history"
    if (certain := _said_outright(label, slots, text)) is not None:
        return certain
    label = _without_doubt(label, slots, text)
    if label in ("latest_readings", "rank") and slots.field_names and REGISTER_FIELDS.issuperset(slots.field_names):
        return "list_fleet"
    return _by_time(label, slots, text)


def _said_outright(label: str, slots: Slots, text: str) -> str | None:
    """The tool a phrase asks for by itself: a threshold, a range, an event, a comparison; None where none does."""
    if slots.threshold is not None and label in (*_VALUES, "rank", "compare", "worst_cells"):
        return "limit_violations"
    if _IN_RANGE.search(text) and slots.threshold is None and label in (*_VALUES, "find_events"):
        return "limit_violations"
    if _EVENT.search(text) and _COUNTED.search(text) and label in _VALUES:
        return "find_events"
    if slots.field_names and _places(slots) > 1 and _APART.search(text):
        return "compare"
    if slots.field_names and (_places(slots) > 1 or len(slots.spans) > 1) and _COMPARING.search(text):
        return "compare"
    if (
        label == "limit_violations"
        and not (slots.has_place or slots.spans or slots.threshold)
        and _ASKS_LIMIT.search(text)
    ):
        return "describe_field"
    return None


def _without_doubt(label: str, slots: Slots, text: str) -> str:
    """The router's choice, unless the question lacks what that tool needs."""
    if label == "compare" and _places(slots) > 1 and len(slots.spans) < 2 and not _COMPARING.search(text):
        return "latest_readings"
    # "What is the voltage" asks for a value; "what is float current" and "what is the limit" for a meaning.
    is_value = slots.has_place or re.search(r"\bwhat(?:'s| is| are) the\b", text)
    if label == "describe_field" and is_value and not _ASKS_MEANING.search(text):
        return "latest_readings"
    if label == "list_fleet" and slots.field_names and not REGISTER_FIELDS.intersection(slots.field_names):
        return "latest_readings"
    if label == "compare" and _places(slots) < 2 and len(slots.spans) < 2:
        return "rank" if _WHICH_ONE.search(text) else "latest_readings"
    if label == "rank" and len(slots.mentions.devices) == 1:
        return "field_history" if slots.spans or slots.statistic else "latest_readings"
    return label


def _places(slots: Slots) -> int:
    return max(len(slots.mentions.devices), len(slots.mentions.sites))


def _by_time(label: str, slots: Slots, text: str) -> str:
    """Latest, over a window, or who leads: told apart by time, statistic and "which"."""
    names = slots.field_names
    counts_most = (
        bool(names) and field_facts(names[0]).is_counter and slots.statistic in ("min", "max") and not slots.has_place
    )
    if label in ("latest_readings", "field_history") and names and (_WHICH_ONE.search(text) or counts_most):
        is_superlative = slots.statistic in ("min", "max", "range", "increase", "worst") or slots.top is not None
        if is_superlative and len(slots.mentions.devices) == 0:
            return "rank"
    if label == "latest_readings" and (slots.spans or slots.statistic in ("mean", "range", "increase", "worst")):
        return "field_history" if slots.field_names else label
    return label


def unmeasured(text: str) -> str | None:
    """The quantity a text asks for that no monitor measures, or None."""
    match = _UNMEASURED.search(text)
    return match.group() if match else None


def default_tool(slots: Slots) -> str | None:
    """What is meant when little more than a field or a device is said; None where not even that."""
    if slots.mentions.cells:
        return "cell_history"
    if slots.threshold is not None:
        return "limit_violations"
    if slots.field_names:
        return "field_history" if slots.spans or slots.statistic else "latest_readings"
    return "latest_readings" if slots.mentions.devices else None


NO_TOOL_LABELS = frozenset({"greeting", "help", "off_topic", "action_request", "not_measured", "how_to", "forecast"})


def plan_calls(tool: str, slots: Slots, now: datetime) -> Plan:
    """The calls a question needs once its tool is settled."""
    if tool in NO_TOOL_LABELS:
        return NoTool(tool)
    planner = PLANNERS[tool]
    return planner(slots, now)


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
        arguments[f"{prefix}start"] = _iso(span.start)
    if span.end is not None and span.end != now:
        arguments[f"{prefix}end"] = _iso(span.end)
    return arguments


def _iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _latest(slots: Slots, now: datetime) -> Plan:  # noqa: ARG001  every planner has one shape
    fields: dict[str, JsonValue] = {"fields": list(slots.field_names)} if slots.field_names else {}
    return [PlannedCall("latest_readings", fields | place(slots))]


def _history(slots: Slots, now: datetime) -> Plan:
    names = _own_fields(slots)
    if not names and slots.threshold is not None:
        names = tuple(filter(None, [field_of_threshold(slots.threshold)]))
    if not names:
        return Clarify(WHICH_FIELD)
    return [PlannedCall("field_history", _history_arguments(name, slots, now)) for name in names[:4]]


def _history_arguments(name: str, slots: Slots, now: datetime) -> dict[str, JsonValue]:
    arguments: dict[str, JsonValue] = {"field": name, **place(slots), **window(slots, now)}
    statistic = _said_statistic(slots, name) or _usual_statistic(name)
    if field_facts(name).is_counter and statistic == "max":
        statistic = "increase"
    if statistic != "mean" and field_facts(name).is_numeric:
        arguments["statistic"] = statistic
    if name == "string_current_a" and slots.direction:
        arguments["direction"] = slots.direction
    return arguments


def _said_statistic(slots: Slots, name: str) -> str | None:
    """The statistic that was said; the worst of a field is its low or its high end."""
    if slots.statistic != "worst":
        return slots.statistic
    return "min" if _WORST_IS_LOW.search(name) and "ripple" not in name else "max"


def _own_fields(slots: Slots) -> tuple[str, ...]:
    """The fields said; with "any single cell" or only "cell" and a superlative, the lowest or highest cell's."""
    names, text = slots.field_names, slots.text.lower()
    if slots.statistic not in ("min", "max") or not re.search(r"\bcells?\b", text):
        return names
    single = re.search(r"\b(?:any|a|one|single|individual)\b (?:\w+ )?cells?\b", text)
    if not names or (names == ("cell_voltage_v",) and single):
        return ("cell_voltage_min_v",) if slots.statistic == "min" else ("cell_voltage_max_v",)
    return names


def _usual_statistic(name: str) -> str:
    """What one asks of a field over a window without saying which statistic."""
    if field_facts(name).is_counter:
        return "increase"
    if name.endswith(("_min_v",)):
        return "min"
    return "max" if "_max_" in name else "mean"


def _compare(slots: Slots, now: datetime) -> Plan:
    if not slots.field_names:
        return Clarify(WHICH_FIELD)
    arguments: dict[str, JsonValue] = {**place(slots), **window(slots, now)}
    if len(slots.spans) > 1:
        arguments |= window(slots, now, 1, "other_")
    statistic = slots.statistic if slots.statistic in ("mean", "min", "max", "range", "increase") else None
    if slots.spans and statistic is None:
        statistic = "mean"
    if statistic is not None and (slots.spans or statistic != "max"):
        arguments["statistic"] = statistic
    return [PlannedCall("compare", {"field": name, **arguments}) for name in slots.field_names[:3]]


def _rank(slots: Slots, now: datetime) -> Plan:
    names = _own_fields(slots)
    if not names:
        return Clarify(WHICH_FIELD)
    name, text = names[0], slots.text.lower()
    arguments: dict[str, JsonValue] = {"field": name, **window(slots, now)}
    if slots.lowest_first or _said_statistic(slots, name) == "min":
        arguments["order"] = "lowest"
    if _SITE_WORD.search(text) and not re.search(r"\b(?:devices?|strings?|batter(?:y|ies)|units?)\b", text):
        arguments["by"] = "site"
    if slots.mentions.sites:
        arguments["sites"] = list(slots.mentions.sites)
    statistic = _rank_statistic(slots, name)
    if statistic != "latest":
        arguments["statistic"] = statistic
    if slots.top is not None:
        arguments["top"] = slots.top
    return [PlannedCall("rank", arguments)]


def _rank_statistic(slots: Slots, name: str) -> str:
    text = slots.text.lower()
    if slots.statistic in ("range", "increase"):
        return slots.statistic
    if re.search(r"\b(?:averag\w*|mean|avg)\b", text):
        return "mean"
    if not slots.spans:
        return "latest"
    if field_facts(name).is_counter:
        return "increase"
    if re.search(r"\b(?:coolest|coldest|warmest)\b", text) and "temperature" not in text:
        return "mean"
    return "min" if slots.lowest_first or _said_statistic(slots, name) == "min" else "max"


def _violations(slots: Slots, now: datetime) -> Plan:
    arguments: dict[str, JsonValue] = {}
    name = slots.field_names[0] if slots.field_names else None
    if slots.threshold is not None:
        name = name or field_of_threshold(slots.threshold)
        if name is None:
            return Clarify(WHICH_FIELD)
        name = _cells_own(name, slots)
        arguments[slots.threshold.direction] = threshold_in(unit_of(name), slots.threshold)
    if name is not None and field_facts(name).is_numeric:
        arguments["field"] = name
    return [PlannedCall("limit_violations", arguments | place(slots) | window(slots, now))]


def _cells_own(name: str, slots: Slots) -> str:
    """Below what a whole string can have, "voltage" is that of the lowest (or highest) cell."""
    threshold = slots.threshold
    if name in ("cell_voltage_v", "string_voltage_v") and threshold and threshold_in("V", threshold) < 5:
        if name == "cell_voltage_v" and not re.search(r"\b(?:any|a|one|some)\b (?:single )?cell", slots.text.lower()):
            return name
        return "cell_voltage_min_v" if threshold.direction == "below" else "cell_voltage_max_v"
    return name


def _cells(slots: Slots, now: datetime) -> Plan:  # noqa: ARG001
    arguments = place(slots)
    if (by := measure(slots)) != "voltage":
        arguments["by"] = by
    if slots.top is not None:
        arguments["top"] = slots.top
    return [PlannedCall("worst_cells", arguments)]


def measure(slots: Slots) -> str:
    text = slots.text.lower()
    if any(name in _RESISTANCES for name in slots.field_names) or re.search(r"resist\w*|ohm\w*|impedance", text):
        return "resistance"
    if any(name in _TEMPERATURES for name in slots.field_names) or re.search(r"\bhot\w*|\bwarm\w*|temperature", text):
        return "temperature"
    return "voltage"


def _cell(slots: Slots, now: datetime) -> Plan:
    if not slots.mentions.devices:
        return Clarify(f"Cell {slots.mentions.cells[0]} of which device?" if slots.mentions.cells else WHICH_CELL)
    if not slots.mentions.cells:
        return Clarify(WHICH_CELL)
    shared: Mapping[str, JsonValue] = window(slots, now)
    of_cell = measure(slots)
    return [
        PlannedCall(
            "cell_history",
            {"device": slots.mentions.devices[0], "cell_no": number, **shared}
            | ({"measure": of_cell} if of_cell != "voltage" else {}),
        )
        for number in slots.mentions.cells[:4]
    ]


def _events(slots: Slots, now: datetime) -> Plan:
    return [PlannedCall("find_events", {"kind": event_kind(slots.text), **place(slots), **window(slots, now)})]


def event_kind(text: str) -> str:
    """Which kind of event a text speaks of."""
    lower = text.lower()
    if re.search(r"\bboost\w*|\bequali[sz]\w*", lower):
        return "boost"
    if re.search(r"\bdeep(?:ly|er|est)?\b|\bbelow (?:50|half)", lower) and re.search(r"discharg|cycl|drain", lower):
        return "deep_discharge"
    if re.search(
        r"\boutages?\b|\bmains\b|\bblack-?outs?\b|\bgrid\b|\bpower\b|\butility\b|\bac\b|\bgenerator\b", lower
    ):
        return "outage"
    return "discharge"


def _simple(tool: str, *, with_window: bool) -> Planner:
    def plan(slots: Slots, now: datetime) -> Plan:
        return [PlannedCall(tool, place(slots) | (window(slots, now) if with_window else {}))]

    return plan


def _describe(slots: Slots, now: datetime) -> Plan:  # noqa: ARG001
    if not slots.field_names:
        return Clarify(WHICH_FIELD)
    names = slots.field_names[: 3 if re.search(r"\band\b", slots.text.lower()) else 1]
    return [PlannedCall("describe_field", {"field": name}) for name in names]


WHICH_FIELD = (
    "Which value do you mean? For example string voltage, current, temperature, state of charge, internal resistance "
    "or ripple."
)
WHICH_CELL = "Which cell of which device do you mean? For example “cell 7 of D03”."

PLANNERS: Mapping[str, Planner] = {
    "list_fleet": _simple("list_fleet", with_window=False),
    "latest_readings": _latest,
    "field_history": _history,
    "compare": _compare,
    "rank": _rank,
    "describe_field": _describe,
    "data_coverage": _simple("data_coverage", with_window=True),
    "worst_cells": _cells,
    "cell_history": _cell,
    "limit_violations": _violations,
    "find_events": _events,
    "device_health": _simple("device_health", with_window=False),
}
