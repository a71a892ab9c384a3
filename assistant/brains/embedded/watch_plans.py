"""Plans the calls of tools that watch and look ahead: alerts, anomalies, health to come, runtime, forecasts, trends."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import get_args

from pydantic import JsonValue

from assistant.brains.embedded.calls import WHICH_FIELD, Clarify, Plan, PlannedCall, Planner, place, window
from assistant.brains.embedded.slots import Slots, field_of_threshold, threshold_in, unit_of
from assistant.brains.embedded.time_words import COUNT, NUMBERS, UNIT, UNITS
from tools.analytics.forecast import ForecastField

FORECAST_FIELDS: tuple[str, ...] = get_args(ForecastField)
CAN_FORECAST = "I can forecast temperature, load, internal resistance and state of health, up to four weeks ahead. Which of them do you want?"
_MODEL = re.compile(r"\b(?:agm|gel)-\d{3,4}\b", re.IGNORECASE)
_OLD = re.compile(r"\b(?:superseded|older? revision|previous revision|former rule|used to (?:be|say))\b")
# What a site sheet tells: there the battery's condition is beside the point.
_SITE_SHEET = re.compile(
    r"\b(?:access|keys?|enter|gate|parking|contact|climate|cooling|air ?con\w*|site sheet|shelter)\b"
)
_LOAD = re.compile(
    r"\b(?:at|with|under|of|for|draw(?:s|ing)?|pull(?:s|ing)?|carry(?:ing)?|load (?:is|was|were))\s+(?:a |an |about |the )?(?:load of )?"
    r"(?P<value>\d+(?:[.,]\d+)?)\s*(?P<unit>kw|kilowatts?|w|watts?|a|amps?|amperes?)\b"
)
_HALF_KILOWATT = re.compile(r"\bhalf a (?:kilowatt|kw)\b")
_AHEAD = re.compile(rf"\b(?:in|within|over the next|the next|next|for) (?:the )?(?:next )?{COUNT} ?{UNIT}\b")
_REACHES = re.compile(
    r"\b(?:hits?|reach(?:es)?|gets? to|arrives? at|goes? to|come to|drops? to|falls? to|rises? to)\s+(?P<value>\d+(?:[.,]\d+)?)"
)
_SEVERITY = re.compile(r"\b(?P<severity>critical|major|minor|info)s?\b")
_STATES: tuple[tuple[str, str], ...] = (
    (
        r"(?:not|never|nobody|n't)(?: \w+){0,3} ack(?:nowledged|ed)|(?:not|yet to be|to be) ack(?:nowledged|ed)|unack(?:nowledged|ed)",
        "active",
    ),
    (r"acknowledged|acked|seen by", "acknowledged"),
    (r"cleared|resolved|closed", "cleared"),
    (r"active|open|standing|still|current|right now|at the moment|present|now|live|unacknowledged", "active"),
)
_DAY_HOURS = 24.0


def _alerts(slots: Slots, now: datetime) -> Plan:
    arguments: dict[str, JsonValue] = {**place(slots), **window(slots, now)}
    text = slots.text.lower()
    if severity := _SEVERITY.search(text):
        arguments["severity"] = severity["severity"]
    state = next((name for words, name in _STATES if re.search(rf"\b(?:{words})\b", text)), None)
    if state is not None and not (state == "active" and slots.spans):
        arguments["state"] = state
    return [PlannedCall("list_alerts", arguments)]


def _runtime(slots: Slots, now: datetime) -> Plan:  # noqa: ARG001  every planner has one shape
    arguments: dict[str, JsonValue] = place(slots)
    if _HALF_KILOWATT.search(slots.text.lower()):
        arguments["load_w"] = 500.0
    elif load := _LOAD.search(slots.text.lower()):
        value, unit = float(load["value"].replace(",", ".")), load["unit"]
        if unit.startswith("a"):
            arguments["load_a"] = value
        else:
            arguments["load_w"] = value * 1000 if unit.startswith("k") else value
    return [PlannedCall("estimate_runtime", arguments)]


def _forecast(slots: Slots, now: datetime) -> Plan:
    name = next(iter(slots.field_names), None)
    if name is None and slots.threshold is not None:
        name = field_of_threshold(slots.threshold)
    if name is None:
        return Clarify(WHICH_FIELD)
    if name not in FORECAST_FIELDS:
        return Clarify(CAN_FORECAST)
    arguments: dict[str, JsonValue] = {"field": name, **place(slots)}
    if (hours := _horizon(slots, now)) is not None:
        arguments["horizon_hours"] = hours
    if slots.threshold is not None:
        arguments["limit"] = threshold_in(unit_of(name), slots.threshold)
    elif reached := _REACHES.search(slots.text.lower()):
        arguments["limit"] = float(reached["value"].replace(",", "."))
    return [PlannedCall("forecast", arguments)]


def _horizon(slots: Slots, now: datetime) -> float | None:
    """Hours ahead: "in six hours", "tomorrow", "next week"; None where nothing is said."""
    text = slots.text.lower()
    if ahead := _AHEAD.search(text):
        number = int(ahead["n"]) if ahead["n"].isdigit() else NUMBERS[ahead["n"]]
        return number * (
            UNITS[ahead["u"].removesuffix("s") if ahead["u"] not in UNITS else ahead["u"]] / timedelta(hours=1)
        )
    if re.search(r"\bnext week\b", text):
        return 7 * _DAY_HOURS
    if re.search(r"\bnext month\b", text):
        return 28 * _DAY_HOURS
    coming = next((span for span in slots.spans if span.end is not None and span.end > now), None)
    return None if coming is None or coming.end is None else round((coming.end - now) / timedelta(hours=1), 1)


def _trend(slots: Slots, now: datetime) -> Plan:
    if not slots.field_names:
        return Clarify(WHICH_FIELD)
    shared = {**place(slots), **window(slots, now)}
    return [PlannedCall("field_trend", {"field": name, **shared}) for name in slots.field_names[:2]]


def _of_place(tool: str, *, with_window: bool) -> Planner:
    def plan(slots: Slots, now: datetime) -> Plan:
        return [PlannedCall(tool, place(slots) | (window(slots, now) if with_window else {}))]

    return plan


def _manuals(slots: Slots, now: datetime) -> Plan:  # noqa: ARG001
    """What the documents say; with a device or site named, its condition beside it."""
    question = PlannedCall("search_manuals", _manual_arguments(slots))
    if not slots.has_place or _SITE_SHEET.search(slots.text.lower()):
        return [question]
    return [PlannedCall("device_health", place(slots)), question]


def _manual_arguments(slots: Slots) -> dict[str, JsonValue]:
    arguments: dict[str, JsonValue] = {"question": slots.text.strip()}
    if models := [match.upper() for match in _MODEL.findall(slots.text)]:
        arguments["models"] = list(dict.fromkeys(models))
    if _OLD.search(slots.text.lower()):
        arguments["include_superseded"] = True
    return arguments


WATCH_PLANNERS: Mapping[str, Planner] = {
    "list_alerts": _alerts,
    "find_anomalies": _of_place("find_anomalies", with_window=True),
    "estimate_soh": _of_place("estimate_soh", with_window=False),
    "estimate_runtime": _runtime,
    "forecast": _forecast,
    "field_trend": _trend,
    "efficiency": _of_place("efficiency", with_window=True),
    "search_manuals": _manuals,
}
