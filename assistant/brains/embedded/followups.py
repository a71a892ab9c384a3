"""Completes a follow-up from what was asked before: "and at Harbor?", "same for last week", "why?", "which cell?".

The calls of earlier turns are the memory. A follow-up keeps what it does not say anew; a question that says enough
by itself inherits only the device or site it points at ("it", "there").
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import JsonValue

from assistant.brains.embedded.field_words import owned_field, same_owner
from assistant.brains.embedded.plan import REGISTER_FIELDS, PlannedCall, measure, place, window
from assistant.brains.embedded.slots import Slots, threshold_in, unit_of
from tools.telemetry.fields import field_facts

_LEAD_IN = re.compile(
    r"^\s*(?:(?:ok(?:ay)?|and|so|but|now|then|right|hm+|well|great|thanks|thank you|nice|good|also|oh|yes|sorry|oops|wait|"
    r"actually|apologies|my bad)[\s,.!]+)*"
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
    re.split(
        r"\s+",
        """a an and the of at in on for to from is are was were be been it its that this there with what whats about how
        same no not ok okay so but then now please pls me show tell give do does did has had have i mean meant rather
        instead by over during us just also again today one ones value values reading readings or as too well both sorry
        oops wait actually compare compared versus vs against their them whole entire part""",
    )
)
# Asks for another side of what was just counted or measured: its length, its number, its last time.
_OTHER_SIDE = re.compile(
    r"\b(?:how (?:long|often|many(?: hours| times| minutes)?)|in total|altogether|total|longest|hours|share|percentage|"
    r"which one|when was the last|when exactly)\b"
)
_BARE_NUMBER = re.compile(
    r"^\W*(?:and|or|what about|how about|then)?\W*(?:on )?(?:the )?(\d{1,2})(?:st|nd|rd|th)?\W*$"
)
_COMPARE_WITH = re.compile(r"\b(?:compar\w+|versus|vs\.?|against|difference)\b")
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
    asked_about = _aside(text, slots, before) or _bare_number(text, before, now)
    if asked_about is not None:
        return asked_about
    if before[0].tool in ("find_events", "limit_violations") and _is_other_side(text, slots):
        return [_replaced(call, slots, now) for call in before]
    if not (_LEAD_IN.search(text) or _is_elliptical(slots)):
        return None
    if _asks_something_else(text):
        return None
    changed = [_replaced(call, slots, now) for call in before]
    return list({(call.tool, repr(call.arguments)): call for call in changed}.values())


def _aside(text: str, slots: Slots, before: Sequence[PlannedCall]) -> list[PlannedCall] | None:
    """Short questions that turn to another tool about the same thing."""
    there = _places_of(before)
    if _COMPARE_WITH.search(text) and slots.has_place and len(slots.mentions.devices + slots.mentions.sites) == 1:
        return _compared(slots, before)
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


def _is_other_side(text: str, slots: Slots) -> bool:
    has_topic = (
        slots.field_names
        or slots.threshold
        or re.search(r"\b(?:outages?|discharg\w*|boosts?|cells?|cycles|devices|sites|alarms?|gaps?|online)\b", text)
    )
    return bool(_OTHER_SIDE.search(text)) and not has_topic


def _bare_number(text: str, before: Sequence[PlannedCall], now: datetime) -> list[PlannedCall] | None:
    """A number alone is the day of the month after a day, else the number of a device."""
    match, first = _BARE_NUMBER.match(text), before[0]
    if match is None:
        return None
    number, start = int(match.group(1)), first.arguments.get("start")
    if isinstance(start, str) and "end" in first.arguments:
        day = datetime.fromisoformat(start)
        try:
            moved = day.replace(day=number)
        except ValueError:
            return None
        window_of_day = {
            "start": f"{moved:%Y-%m-%dT%H:%M:%SZ}",
            "end": f"{moved + timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}",
        }
        return (
            [PlannedCall(call.tool, {**call.arguments, **window_of_day}) for call in before] if moved <= now else None
        )
    if "devices" in first.arguments:
        return [PlannedCall(call.tool, {**call.arguments, "devices": [f"D{number:02d}"]}) for call in before]
    return None


def _compared(slots: Slots, before: Sequence[PlannedCall]) -> list[PlannedCall] | None:
    """ "Compare with D02" after a value of one device or site."""
    call = before[0]
    fields = call.arguments.get("fields")
    name = call.arguments.get("field") or (fields[0] if isinstance(fields, list) and fields else None)
    key = "devices" if slots.mentions.devices else "sites"
    here = call.arguments.get(key)
    if (
        not isinstance(name, str)
        or not isinstance(here, list)
        or slots.field_names
        or not field_facts(name).has_rollup
    ):
        return None
    said = slots.mentions.devices or slots.mentions.sites
    kept: dict[str, JsonValue] = {one: call.arguments[one] for one in ("start", "end") if one in call.arguments}
    if kept:
        kept["statistic"] = call.arguments.get("statistic", "mean")
    together = list(dict.fromkeys([*(str(one) for one in here), *said]))
    return [PlannedCall("compare", {"field": name, key: [*together], **kept})]


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
        slots.has_place or slots.spans or slots.fields or slots.statistic or slots.threshold or slots.mentions.cells
    )


def _asks_something_else(text: str) -> bool:
    """A whole new question that merely begins with "and"."""
    text = re.sub(r"\bcell (?:no\.? ?|number |#)?\d+", "", text)
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
    if tool == "cell_history":
        if slots.mentions.cells:
            arguments["cell_no"] = slots.mentions.cells[0]
        if slots.field_names:
            arguments.pop("measure", None)
            if (of_cell := measure(slots)) != "voltage":
                arguments["measure"] = of_cell
    tool, arguments = _with_field(tool, arguments, slots)
    tool, arguments = _with_window(tool, arguments, slots, now)
    return PlannedCall(tool, _with_statistic(tool, arguments, slots))


def _with_field(tool: str, arguments: dict[str, JsonValue], slots: Slots) -> tuple[str, dict[str, JsonValue]]:
    names = _meant_fields(slots, arguments)
    if tool == "cell_history":
        return tool, arguments
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


def _meant_fields(slots: Slots, arguments: dict[str, JsonValue]) -> tuple[str, ...]:
    """The fields said, about the thing spoken of before: "the charger" after its current, "its voltage" after that."""
    said = arguments.get("fields")
    earlier = arguments.get("field") or (said[0] if isinstance(said, list) and said else None)
    if not isinstance(earlier, str) or len(slots.fields) != 1:
        return slots.field_names
    (mention,) = slots.fields
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
        return _places_of(memory.last)
    return {}
