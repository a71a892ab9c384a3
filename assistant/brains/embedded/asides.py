"""Short questions that turn to another tool about the same thing: "which cell?", "why?", "as a chart", "difference?"."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from pydantic import JsonValue

from assistant.brains.embedded.calls import PlannedCall, place
from assistant.brains.embedded.memory import Memory, places_of, spoken_field, subject_place, value_asked
from assistant.brains.embedded.plan import bucket_of, is_worst_low
from assistant.brains.embedded.slots import Slots
from tools.telemetry.fields import field_facts
from tools.telemetry.fleet import Fleet
from tools.telemetry.names import chosen_devices

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
_DIFFERENCE = re.compile(
    r"^\W*(?:and |so )?(?:what(?:'s| is) )?(?:the )?(?:differen\w+|delta)(?: (?:between|of) (?:those|these|them|the (?:last |first )?(?:two|2|both)|both)(?: two| days| values| figures| sites| devices)?)?\W*$|^\W*(?:by )?how (?:many times|much) (?:more|less)\W*$|^\W*compare (?:them|both|the two)\W*$"
)
_SWAP = re.compile(r"\b(?:replace|swap|exchange) d0?(?P<old>\d{1,2}) (?:by|with|for) d0?(?P<new>\d{1,2})\b")
_INSTEAD = re.compile(r"\bd0?(?P<new>\d{1,2}) (?:in place|instead) of d0?(?P<old>\d{1,2})\b")
_OF_IT = re.compile(r"\b(?:it|that|this|then|of it)\b")
_NOW = re.compile(r"\b(?:now|right now|currently|at the moment|at present)\b")
_LOWER_OF = re.compile(
    r"\bwhich (?:one|of (?:the|those|them|these)(?: two)?)\b.{0,12}\b(?P<end>lower|higher|lowest|highest|hotter|colder|warmer|cooler|less|more|worse|worst|best|better)\b"
)
_LEADS = re.compile(
    r"\b(?:which|what) (?:device|battery|string|site|one)s?\b.{0,20}\b(?:most|least|highest|lowest|fewest|hottest|coldest|biggest|"
    r"smallest)\b"
)
_OF_ALL = re.compile(r"\b(?:fleet|all|overall|everywhere|anywhere)\b")
_THAT_PLACE = re.compile(r"\b(?:that|this|the same|said) (?:battery|device|string|site|one|unit)\b|\bthere\b")
_LIMIT_OF_IT = re.compile(
    r"\b(?:limits?|range|unit)\b.{0,12}\b(?:it|that|this)\b|\bits (?:limits?|range|unit|meaning)\b|\bwhat (?:modes|states|values|codes) are there\b|\bdo (?:those|these|the) codes mean\b"
)
_LOW_ENDS = frozenset({"lower", "lowest", "colder", "cooler", "less"})
_BARE_NUMBER = re.compile(
    r"^\W*(?:and|or|what about|how about|then)?\W*(?:on )?(?:the )?(\d{1,2})(?:st|nd|rd|th)?\W*$"
)
_COMPARE_WITH = re.compile(
    r"\b(?:compar\w+|versus|vs\.?|against|difference)\b"
    r"|\b(?:more|less|higher|lower|hotter|warmer|colder|cooler|bigger|smaller|better|worse) than\b(?! \d)"
)


def aside(text: str, slots: Slots, memory: Memory, fleet: Fleet) -> list[PlannedCall] | None:
    """Short questions that turn to another tool about the same thing; None where the text is none of them."""
    return _set_against(text, slots, memory, fleet) or _turned_to(text, slots, memory)


def _set_against(text: str, slots: Slots, memory: Memory, fleet: Fleet) -> list[PlannedCall] | None:
    """What was said before against something else: a difference, a comparison, a ranking, another device."""
    before = memory.last
    if _DIFFERENCE.search(text):
        return _difference(memory)
    if (swap := _SWAP.search(text) or _INSTEAD.search(text)) is not None:
        return _swapped(swap["old"], swap["new"], before)
    if (side := _LOWER_OF.search(text)) is not None and not slots.field_names:
        return _between(side["end"], text, memory)
    leads, name = _LEADS.search(text), _field_of(before)
    if leads is not None and name is not None and not slots.field_names:
        return [_leading(name, leads.group(), before[0])]
    if _COMPARE_WITH.search(text) and slots.has_place and len(slots.mentions.devices + slots.mentions.sites) == 1:
        return _compared(slots, before, fleet)
    return None


def _between(end: str, text: str, memory: Memory) -> list[PlannedCall] | None:
    """ "Which of the two is lower" after a value of both: the same value, in order."""
    name, places = spoken_field(memory), places_of(memory.last)
    if name is None or not field_facts(name).has_rollup:
        return None
    window: dict[str, JsonValue] = {
        key: memory.last[0].arguments[key] for key in ("start", "end") if key in memory.last[0].arguments
    }
    statistic: dict[str, JsonValue] = (
        {"statistic": memory.last[0].arguments.get("statistic", "mean")} if window else {}
    )
    if isinstance(devices := places.get("devices"), list) and len(devices) > 1:
        return [PlannedCall("compare", {"field": name, "devices": devices, **window, **statistic})]
    is_low = end in _LOW_ENDS or (end == "worst" and is_worst_low(name))
    order: dict[str, JsonValue] = {"order": "lowest"} if is_low else {}
    there = {key: value for key, value in places.items() if key == "sites" and not _OF_ALL.search(text)}
    return [PlannedCall("rank", {"field": name, **order, **there, **window, **statistic})]


def _of_same_field(text: str, slots: Slots, memory: Memory) -> list[PlannedCall] | None:
    """The present value of the field spoken of: after its meaning at a place, after its past "now"."""
    before, name = memory.last[0], spoken_field(memory)
    if name is not None and before.tool == "limit_violations" and slots.statistic in ("min", "max", "mean"):
        return _statistic_of(name, slots, before)
    if name is None or slots.spans or slots.statistic or slots.threshold or slots.mentions.cells:
        return None
    there = place(slots) or (_last_place(memory) if _THAT_PLACE.search(text) else {})
    asks_value = before.tool == "describe_field" and there and not slots.field_names
    if asks_value and (_OF_IT.search(text) or len(text.split()) <= 4):
        return [PlannedCall("latest_readings", {"fields": [name], **there})]
    if _LIMIT_OF_IT.search(text) and not slots.field_names and not slots.has_place:
        return [PlannedCall("describe_field", {"field": name})]
    is_past = before.tool in ("field_history", "limit_violations")
    if is_past and _NOW.search(text) and re.search(r"\b(?:is|are|what|how)\b", text) and not slots.has_place:
        fields: list[JsonValue] = list(slots.field_names) or [name]
        return [PlannedCall("latest_readings", {"fields": fields, **places_of(memory.last)})]
    return None


def _last_place(memory: Memory) -> dict[str, JsonValue]:
    """The place the newest turn that named one was about."""
    return next((there for calls in reversed(memory.turns) if (there := places_of(calls))), {})


def _statistic_of(name: str, slots: Slots, before: PlannedCall) -> list[PlannedCall] | None:
    """ "What was the highest there" after a question of limits: the statistic over the same time and place."""
    if slots.field_names or slots.spans or slots.has_place or not field_facts(name).has_rollup:
        return None
    kept: dict[str, JsonValue] = {
        key: before.arguments[key] for key in ("devices", "sites", "start", "end") if key in before.arguments
    }
    statistic: dict[str, JsonValue] = {} if slots.statistic == "mean" else {"statistic": slots.statistic}
    return [PlannedCall("field_history", {"field": name, **kept, **statistic})]


def _turned_to(text: str, slots: Slots, memory: Memory) -> list[PlannedCall] | None:
    """Another question about the same place: its cells, its site, the reasons, the chart."""
    before = memory.last
    there = places_of(before) or subject_place(memory)
    if (value := _of_same_field(text, slots, memory)) is not None:
        return value
    if _WHICH_CELL.search(text):
        by: dict[str, JsonValue] = {"by": memory.subject["by"]} if "by" in memory.subject else {}
        return [PlannedCall("worst_cells", {**there, **by})]
    if _WHERE.search(text) and there:
        return [PlannedCall("list_fleet", there)]
    if _WHY.search(text) and not slots.field_names and not slots.has_place:
        return [PlannedCall("device_health", there)]
    if _WHEN.search(text):
        return list(before)
    if _CHART.search(text) and not slots.field_names and not slots.has_place and not slots.spans:
        return [_with_bucket(_charted(call), text) for call in before]
    return None


def _swapped(old: str, new: str, before: Sequence[PlannedCall]) -> list[PlannedCall] | None:
    """The calls with one device in the place of another: "replace D06 by D08"."""
    names = [f"D{int(number):02d}" for number in (old, new)]
    changed = []
    for call in before:
        devices = call.arguments.get("devices")
        if not isinstance(devices, list) or names[0] not in devices:
            return None
        swapped: list[JsonValue] = [names[1] if one == names[0] else one for one in devices]
        changed.append(PlannedCall(call.tool, {**call.arguments, "devices": swapped}))
    return changed


def _field_of(before: Sequence[PlannedCall]) -> str | None:
    asked = value_asked(before[0])
    return asked.field if asked else None


def _leading(name: str, said: str, call: PlannedCall) -> PlannedCall:
    """A ranking by the field spoken of, over the same window."""
    arguments: dict[str, JsonValue] = {"field": name}
    arguments |= {key: call.arguments[key] for key in ("start", "end") if key in call.arguments}
    if re.search(r"lowest|least|fewest|smallest|coldest", said):
        arguments["order"] = "lowest"
    if "site" in said:
        arguments["by"] = "site"
    if "start" in arguments:
        highest = "increase" if field_facts(name).is_counter else "max"
        arguments["statistic"] = "min" if "order" in arguments else highest
    return PlannedCall("rank", arguments)


def ranked_anew(text: str, slots: Slots, before: Sequence[PlannedCall]) -> list[PlannedCall] | None:
    """ "Only the top 3" and "by site" after a ranking."""
    if before[0].tool != "rank":
        return None
    by = re.search(
        r"^\W*(?:and |ok |now )?(?:by|per|for each|group(?:ed)? by) (site|device|string|battery)s?(?: instead| please| then)?\W*$",
        text,
    )
    few = re.search(r"^\W*(?:and |ok |now )?(?:only|just|show)?\s*(?:me )?(?:the )?(?:top|first|bottom) ", text)
    if by:
        kind: JsonValue = "site" if by.group(1) == "site" else "device"
        return [PlannedCall(call.tool, {**call.arguments, "by": kind}) for call in before]
    if few and slots.top is not None:
        return [PlannedCall(call.tool, {**call.arguments, "top": slots.top}) for call in before]
    return None


def _difference(memory: Memory) -> list[PlannedCall] | None:
    """The last two answers side by side, where they differ in device, site or window alone."""
    values = [calls[0] for calls in memory.turns if calls and calls[0].tool in ("latest_readings", "field_history")][
        -2:
    ]
    if len(values) < 2:
        return None
    first, second = (value_asked(call) for call in values)
    if first is None or second is None or first.field != second.field:
        return None
    arguments: dict[str, JsonValue] = {"field": first.field}
    if first.place != second.place:
        key = next(iter(first.place), "")
        mine, other = first.place.get(key), second.place.get(key)
        if not isinstance(mine, list) or not isinstance(other, list) or first.window != second.window:
            return None
        statistic: dict[str, JsonValue] = {"statistic": first.statistic} if first.window else {}
        return [PlannedCall("compare", {**arguments, key: [*mine, *other], **first.window, **statistic})]
    other_window = {f"other_{key}": value for key, value in second.window.items()}
    return [PlannedCall("compare", {**arguments, **first.place, **first.window, **other_window,
                                    "statistic": first.statistic})]  # fmt: skip


def bare_number(text: str, before: Sequence[PlannedCall], now: datetime) -> list[PlannedCall] | None:
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


def _compared(slots: Slots, before: Sequence[PlannedCall], fleet: Fleet) -> list[PlannedCall] | None:
    """ "Compare with D02" after a value of one device or site."""
    call = before[0]
    fields = call.arguments.get("fields")
    name = call.arguments.get("field") or (fields[0] if isinstance(fields, list) and fields else None)
    key = "devices" if slots.mentions.devices else "sites"
    here = call.arguments.get(key)
    if key == "devices" and here is None and "sites" in call.arguments:
        named = [str(site) for site in _as_list(call.arguments["sites"])]
        here = [device.device_id for device in chosen_devices(fleet, None, named)]
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


def _as_list(value: JsonValue) -> list[JsonValue]:
    return value if isinstance(value, list) else [value]


def _with_bucket(call: PlannedCall, text: str) -> PlannedCall:
    return PlannedCall(call.tool, call.arguments | bucket_of(text)) if call.tool == "field_history" else call


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
