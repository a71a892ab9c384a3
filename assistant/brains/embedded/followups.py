"""Completes a follow-up from what was asked before: "and at Harbor?", "same for last week", "why?", "which cell?".

A follow-up keeps what it does not say anew; a question that says enough by itself stands by itself.
"""

import re
from datetime import datetime

from assistant.brains.embedded.asides import aside, bare_number, ranked_anew
from assistant.brains.embedded.calls import PlannedCall
from assistant.brains.embedded.memory import Memory, spoken_field
from assistant.brains.embedded.replacing import replaced
from assistant.brains.embedded.settling import unmeasured
from assistant.brains.embedded.slots import Slots
from tools.telemetry.fleet import Fleet

_LEAD_IN = re.compile(
    r"^\s*(?:(?:ok(?:ay)?|and|so|but|now|then|right|hm+|well|great|thanks|thank you|nice|good|also|oh|yes|sorry|oops|wait|"
    r"actually|apologies|my bad)[\s,.!]+)*"
    r"(?:and\b|what about|how about|what of|same\b|the same|likewise|ditto|no[,\s]|not\b.*\bbut|i meant?|rather|instead|"
    r"back (?:to|on)|again|only|n |make (?:it|that)|as a|in a|on a|for the|just)\b"
)
_BACK = re.compile(r"\b(?:back to|return to) (?:the )?(?:first|one before|previous)\b")
_STOP = frozenset(
    re.split(
        r"\s+",
        """a an and the of at in on for to from is are was were be been it its that this there with what whats about how
        same no not ok okay so but then now please pls me show tell give do does did has had have i mean meant rather
        instead by over during us just also again today one ones value values reading readings or as too well both sorry
        went go goes went got get reached reach figure figures number only alone take whole two three second n
        times hours maxima minima maximal minimal shortest longest oops wait actually compare compared versus vs against their them whole entire part comparison charging discharging more small above below over under than""",
    )
)
# Asks for another side of what was just counted or measured: its length, its number, its last time.
_OTHER_SIDE = re.compile(
    r"\b(?:how (?:long|often|many(?: hours| times| minutes)?)|in total|altogether|total|deep|longest|hours|share|percentage|"
    r"which one|when was the last|when exactly)\b"
)


_NEW_TOPIC = re.compile(
    r"\b(?:outages?|discharg\w*|boosts?|cells?|alarms?|gaps?|online|old|mean by|limits?|range|health\w*|condition|compare\w*|why|"
    r"worst|best|which)\b"
)


def follow_up(slots: Slots, memory: Memory, fleet: Fleet, now: datetime) -> list[PlannedCall] | None:
    """The calls of a follow-up, or None where the question stands by itself."""
    text, before = slots.text.lower(), memory.last
    if not before or unmeasured(text) is not None:
        return None
    if _BACK.search(text):
        return list(next(calls for calls in memory.turns if calls))
    turned = aside(text, slots, memory, fleet) or bare_number(text, before, now) or ranked_anew(text, slots, before)
    if turned is not None:
        return turned
    if not _keeps_on(text, slots, memory):
        return None
    changed = [replaced(call, slots, now) for call in before]
    return list({(call.tool, repr(call.arguments)): call for call in changed}.values())


def _keeps_on(text: str, slots: Slots, memory: Memory) -> bool:
    """Whether the message changes the question before it, rather than asking a new one."""
    tool = memory.last[0].tool
    if tool in ("find_events", "limit_violations") and _is_other_side(text, slots):
        return True
    if _is_of_same_value(text, slots, memory):
        return True
    if _is_about_subject(text, slots, memory) or (slots.mentions.cells and tool != "cell_history"):
        return False
    if _LEAD_IN.search(text) or (re.search(r"\b(?:same|only)\b", text) and len(text.split()) <= 7):
        return not _asks_something_else(text)
    # A field of a place is a whole question, and so is anything about a value after a question of meaning.
    is_whole = (slots.fields and slots.has_place) or (tool == "describe_field" and (slots.has_place or slots.spans))
    return not is_whole and _is_elliptical(slots) and not _asks_something_else(text)


def _is_about_subject(text: str, slots: Slots, memory: Memory) -> bool:
    """Whether "its load" means the device the last answer put first, and not the ranking again."""
    return (
        memory.last[0].tool != "cell_history"
        and bool(memory.subject)
        and bool(slots.field_names)
        and bool(re.search(r"\b(?:its|it|that one|their)\b", text))
    )


def _is_of_same_value(text: str, slots: Slots, memory: Memory) -> bool:
    """Whether "it" is the value spoken of: "and how low did it get since Sunday"."""
    is_changed = bool(slots.statistic or slots.spans) and not slots.threshold
    return (
        is_changed
        and not (slots.fields or slots.mentions.cells)
        and spoken_field(memory) is not None
        and bool(re.search(r"\b(?:it|that|this)\b", text))
        and not _NEW_TOPIC.search(text)
    )


def _is_other_side(text: str, slots: Slots) -> bool:
    has_topic = (
        slots.field_names
        or slots.threshold
        or re.search(r"\b(?:outages?|discharg\w*|boosts?|cells?|cycles|devices|sites|alarms?|gaps?|online)\b", text)
    )
    return bool(_OTHER_SIDE.search(text)) and not has_topic


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
