"""Puts what a follow-up says in the place of what an earlier call said."""

import re
from datetime import datetime

from pydantic import JsonValue

from assistant.brains.embedded.calls import PlannedCall, place, window
from assistant.brains.embedded.field_words import owned_field, same_owner
from assistant.brains.embedded.plan import measure, said_event
from assistant.brains.embedded.settling import REGISTER_FIELDS
from assistant.brains.embedded.slots import Slots, threshold_in, unit_of

_HOW_WARM = re.compile(r"(?:the )?(?:warm|hot|cold|cool)\w*")
_STATISTIC_TOOLS = {"field_history": "statistic", "compare": "statistic", "rank": "statistic"}
_RECORDED = {"estimate_runtime": "runtime_remaining_min", "estimate_soh": "soh_pct"}
_WITH_WINDOW = frozenset(
    {
        "field_history",
        "compare",
        "rank",
        "limit_violations",
        "find_events",
        "data_coverage",
        "cell_history",
        "list_alerts",
        "find_anomalies",
        "field_trend",
        "efficiency",
        "maintenance_log",
    }
)
_WITH_PLACE = frozenset(
    {"latest_readings", "field_history", "compare", "limit_violations", "find_events", "data_coverage", "worst_cells",
     "device_health", "list_fleet", "list_alerts", "find_anomalies", "estimate_soh", "estimate_runtime", "forecast",
     "field_trend", "efficiency", "maintenance_log", "acknowledge_alert"}
)  # fmt: skip


def replaced(call: PlannedCall, slots: Slots, now: datetime) -> PlannedCall:
    """An earlier call with what the follow-up says put in the place of what was said."""
    call = _recorded(call, slots)
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
    if tool == "find_events" and (said := said_event(slots.text)) is not None:
        arguments["kind"] = said
    if tool == "find_events" and arguments.get("kind") == "discharge" and re.search(r"\bdeep\b", slots.text.lower()):
        arguments["kind"] = "deep_discharge"
    if tool == "cell_history":
        if slots.mentions.cells:
            arguments["cell_no"] = slots.mentions.cells[0]
        if slots.field_names:
            arguments.pop("measure", None)
            if (of_cell := measure(slots)) != "voltage":
                arguments["measure"] = of_cell
    if tool in ("rank", "worst_cells") and slots.top is not None:
        arguments["top"] = slots.top
    if slots.direction is not None and arguments.get("field") == "string_current_a":
        arguments["direction"] = slots.direction
    tool, arguments = _with_field(tool, arguments, slots)
    tool, arguments = _with_window(tool, arguments, slots, now)
    return PlannedCall(tool, _with_statistic(tool, arguments, slots))


def _recorded(call: PlannedCall, slots: Slots) -> PlannedCall:
    """Of an estimate there is no past: the lowest of a month is that of what the monitor recorded."""
    if call.tool not in _RECORDED or (slots.statistic is None and not slots.spans):
        return call
    kept = {key: value for key, value in call.arguments.items() if key in ("devices", "sites")}
    return PlannedCall("field_history", {"field": _RECORDED[call.tool], **kept})


def _with_field(tool: str, arguments: dict[str, JsonValue], slots: Slots) -> tuple[str, dict[str, JsonValue]]:
    names = _meant_fields(slots, arguments)
    if tool == "cell_history":
        return tool, arguments
    if tool == "worst_cells" and names and measure(slots) in ("resistance", "temperature", "voltage"):
        return tool, {**arguments, "by": measure(slots)}
    if slots.threshold is not None and tool == "limit_violations" and isinstance(arguments.get("field"), str):
        arguments.pop("above", None)
        arguments.pop("below", None)
        value = threshold_in(unit_of(str(arguments["field"])), slots.threshold)
        arguments[slots.threshold.direction] = value
    if not names or REGISTER_FIELDS.issuperset(names):
        return tool, arguments
    if tool == "latest_readings":
        return tool, arguments | {"fields": list(names)}
    if tool in ("field_history", "compare", "rank", "limit_violations", "describe_field", "field_trend", "forecast"):
        if tool == "limit_violations":
            arguments.pop("above", None)
            arguments.pop("below", None)
        if tool == "field_history" and names[0] != "string_current_a":
            arguments.pop("direction", None)
        return tool, arguments | {"field": names[0]}
    # From cells, events or health to a field: its latest value at the same place.
    kept: dict[str, JsonValue] = {key: arguments[key] for key in ("devices", "sites") if key in arguments}
    return "latest_readings", {"fields": list(names), **kept}


def _meant_fields(slots: Slots, arguments: dict[str, JsonValue]) -> tuple[str, ...]:
    """The fields said, about the thing spoken of before: "the charger" after its current, "its voltage" after that."""
    said = arguments.get("fields")
    earlier = arguments.get("field") or (said[0] if isinstance(said, list) and said else None)
    if not isinstance(earlier, str) or len(slots.fields) != 1:
        return slots.field_names
    (mention,) = slots.fields
    if _HOW_WARM.fullmatch(mention.words) and "temperature" in earlier:
        return (earlier,)
    if (owned := owned_field(mention.words, earlier)) is not None:
        return (owned,)
    is_pointed = re.search(r"\b(?:its|their|same)\b", slots.text.lower())
    return (same_owner(mention.field, earlier) if is_pointed else mention.field,)


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
        if "start" in arguments and arguments.get("statistic") in ("mean", "min", "max"):
            arguments["statistic"] = slots.statistic
        return arguments
    if tool == "worst_cells" or tool not in _STATISTIC_TOOLS:
        return arguments
    arguments.pop("statistic", None)
    if slots.statistic != "mean" or tool == "compare":
        arguments["statistic"] = slots.statistic
    return arguments
