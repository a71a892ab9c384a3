"""Turns what a question says into tool calls with exact arguments, or into a reply that needs no tool."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from pydantic import JsonValue

from assistant.brains.embedded.calls import (
    WHICH_CELL,
    WHICH_FIELD,
    Clarify,
    NoTool,
    Plan,
    PlannedCall,
    Planner,
    iso,
    place,
    window,
)
from assistant.brains.embedded.model_plans import MODEL_PLANNERS
from assistant.brains.embedded.operate_plans import OPERATE_PLANNERS
from assistant.brains.embedded.settling import NO_TOOL_LABELS
from assistant.brains.embedded.slots import Slots, field_of_threshold, threshold_in, unit_of
from assistant.brains.embedded.time_words import BEGINNING
from assistant.brains.embedded.watch_plans import WATCH_PLANNERS
from tools.telemetry.fields import field_facts

_RESISTANCES = ("internal_resistance_mohm", "internal_resistance_max_mohm", "joint_resistance_max_mohm")
_TEMPERATURES = ("cell_temperature_c", "cell_temperature_max_c")
_WORST_IS_LOW = re.compile(r"voltage|soc_pct|soh_pct|runtime|power_factor|capacity|modules_ok")
_SLOW = (*_RESISTANCES, "soh_pct", "capacity_test_pct", "discharge_cycle_count")
_BELOW_HALF = re.compile(
    r"\b(?:below|under|beneath) (?:half|50 ?(?:%|percent)) (?:of )?(?:its|their|the)? ?(?:charge|capacity)\b|\bhalf empty\b"
)
_CURVE = re.compile(r"\b(?:curve|chart|plot|graph)\b")
_SITE_WORD = re.compile(r"\b(?:sites?|locations?|stations?|places?)\b")


def plan_calls(tool: str, slots: Slots, now: datetime) -> Plan:
    """The calls a question needs once its tool is settled."""
    if tool in NO_TOOL_LABELS:
        return NoTool(tool)
    planner = PLANNERS[tool]
    return planner(slots, now)


def _news(slots: Slots, now: datetime) -> Plan:
    """What a shift wants to hear of the shift before: outages, discharges, and what left its limits."""
    about: dict[str, JsonValue] = place(slots) | window(slots, now)
    asked: dict[str, JsonValue] = about if "start" in about else {**about, "start": iso(now - timedelta(days=1))}
    return [
        PlannedCall("find_events", {"kind": "outage", **asked}),
        PlannedCall("find_events", {"kind": "discharge", **asked}),
        PlannedCall("limit_violations", about),
    ]


def _latest(slots: Slots, now: datetime) -> Plan:  # noqa: ARG001  every planner has one shape
    names = slots.field_names
    if not names and re.search(r"\b(?:dis)?charging\b", slots.text.lower()):
        names = ("string_current_a",)
    if not names and re.search(r"\balarm", slots.text.lower()):
        names = ("alarm_severity",)
    fields: dict[str, JsonValue] = {"fields": list(names)} if names else {}
    return [PlannedCall("latest_readings", fields | place(slots))]


def _history(slots: Slots, now: datetime) -> Plan:
    names = _own_fields(slots)
    if not names and slots.threshold is not None:
        names = tuple(filter(None, [field_of_threshold(slots.threshold)]))
    if not names:
        return Clarify(WHICH_FIELD)
    if field_facts(names[0]).is_counter and slots.spans and slots.spans[0].start == BEGINNING:
        # What a counter has counted "so far" is its value.
        return [PlannedCall("latest_readings", {"fields": [names[0]], **place(slots)})]
    return [PlannedCall("field_history", _history_arguments(name, slots, now)) for name in names[:4]]


def _history_arguments(name: str, slots: Slots, now: datetime) -> dict[str, JsonValue]:
    arguments: dict[str, JsonValue] = {"field": name, **place(slots), **window(slots, now)}
    is_trend = slots.statistic == "increase" or re.search(
        r"\b(?:trend|chart|plot|graph|curve|develop\w*)\b", slots.text.lower()
    )
    if name in _SLOW and is_trend and not slots.spans:
        # These are tested once a day, so a day shows no trend.
        arguments["start"] = iso(now - timedelta(days=30))
    statistic = _said_statistic(slots, name) or (
        "mean" if _CURVE.search(slots.text.lower()) else _usual_statistic(name)
    )
    if field_facts(name).is_counter and statistic == "max":
        statistic = "increase"
    if statistic != "mean" and field_facts(name).is_numeric:
        arguments["statistic"] = statistic
    if name == "string_current_a" and slots.direction:
        arguments["direction"] = slots.direction
    return arguments | bucket_of(slots.text)


def bucket_of(text: str) -> dict[str, JsonValue]:
    """The spacing of the chart, where it is said."""
    if bucket := re.search(r"\b(?:hourly|(?:by|per|each) hour|daily|(?:by|per|each) day)\b", text.lower()):
        return {"bucket": "hour" if "hour" in bucket.group() else "day"}
    return {"bucket": "raw"} if re.search(r"\b(?:every|each|all) samples?\b|\braw\b", text.lower()) else {}


def _said_statistic(slots: Slots, name: str) -> str | None:
    """The statistic that was said; the worst of a field is its low or its high end."""
    if slots.statistic != "worst":
        return slots.statistic
    return "min" if is_worst_low(name) else "max"


def is_worst_low(name: str) -> bool:
    """Whether the low end of a field is its bad one."""
    return bool(_WORST_IS_LOW.search(name)) and "ripple" not in name


def _own_fields(slots: Slots) -> tuple[str, ...]:
    """The fields said; with "any single cell" or only "cell" and a superlative, the lowest or highest cell's."""
    names, text = slots.field_names, slots.text.lower()
    if slots.statistic not in ("min", "max") or not re.search(r"\bcells?\b", text):
        return names
    single = re.search(r"\b(?:any|a|one|single|individual)\b[- ](?:\w+ )?cells?\b", text)
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
    elif slots.spans and len(slots.mentions.devices) < 2 and len(slots.mentions.sites) < 2:
        # "Warmer now than a week ago": the last day against that time.
        arguments = {**place(slots), "start": iso(now - timedelta(days=1)), **window(slots, now, 0, "other_")}
    statistic = slots.statistic if slots.statistic in ("mean", "min", "max", "range", "increase") else None
    if slots.spans and statistic is None:
        statistic = "increase" if field_facts(slots.field_names[0]).is_counter else "mean"
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
    # Without the names of fields, for "mean cell voltage" is one.
    text = slots.frame
    if slots.statistic in ("range", "increase"):
        return slots.statistic
    if re.search(r"\b(?:averag\w*|mean|avg)\b", text):
        return "mean"
    if not slots.spans:
        return "latest"
    if field_facts(name).is_counter:
        return "increase"
    if re.search(r"\b(?:coolest|coldest|warmest)\b", slots.text.lower()) and "temperature" not in slots.text.lower():
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
        side, value = slots.threshold.direction, threshold_in(unit_of(name), slots.threshold)
        if name == "string_current_a" and slots.direction == "discharging" and value > 0:
            # Discharging harder than 10 A is a current below -10 A.
            side, value = ("below" if side == "above" else "above"), -value
        arguments[side] = value
    if name is not None and field_facts(name).is_numeric:
        arguments["field"] = name
    if not slots.spans and slots.threshold is not None and re.search(r"\b(?:when|last|first)\b", slots.text.lower()):
        # The last time may be long ago.
        arguments["start"] = iso(now - timedelta(days=30))
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
    if any(name in _RESISTANCES for name in slots.field_names) or re.search(r"resist\w*|m?ohm\w*|impedance|mω", text):
        return "resistance"
    if any(name in _TEMPERATURES for name in slots.field_names) or re.search(r"\bhot\w*|\bwarm\w*|temperature", text):
        return "temperature"
    return "voltage"


# A fault of a cell shows over weeks, never within a day.
_DEVELOPS = re.compile(
    r"\b(?:worse|worsen\w*|better|over time|deteriorat\w*|recover\w*|behav\w*|develop\w*|trend|getting)\b"
)
MONTH = timedelta(days=30)


def _cell(slots: Slots, now: datetime) -> Plan:
    if not slots.mentions.devices:
        return Clarify(f"Cell {slots.mentions.cells[0]} of which device?" if slots.mentions.cells else WHICH_CELL)
    if not slots.mentions.cells:
        return Clarify(WHICH_CELL)
    shared: Mapping[str, JsonValue] = window(slots, now)
    if not shared and _DEVELOPS.search(slots.text):
        shared = {"start": iso(now - MONTH)}
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


def said_event(text: str) -> str | None:
    """The kind of event a text names, or None where it names none."""
    is_named = re.search(r"\b(?:outages?|black-?outs?|power (?:cuts?|failures?)|(?:deep )?discharges?|boosts?|equali[sz]\w+)\b",
                         text.lower())  # fmt: skip
    return event_kind(text) if is_named else None


def event_kind(text: str) -> str:
    """Which kind of event a text speaks of."""
    lower = text.lower()
    if re.search(r"\bboost\w*|\bequali[sz]\w*", lower):
        return "boost"
    if _BELOW_HALF.search(lower):
        return "deep_discharge"
    if re.search(r"(?<!how )\bdeep(?:ly|er|est)?\b|\bbelow (?:50|half)", lower) and re.search(
        r"discharg|cycl|drain", lower
    ):
        return "deep_discharge"
    if re.search(
        r"\boutages?\b|\bmains\b|\belectricity\b|\bsupply\b|\bblack-?outs?\b|\bgrid\b|\bpower\b|\butility\b|\bac\b|\bgenerator\b",
        lower,
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
    "news": _news,
    **WATCH_PLANNERS,
    **OPERATE_PLANNERS,
    **MODEL_PLANNERS,
}
