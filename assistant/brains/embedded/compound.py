"""Splits a message that asks several things into parts that can each be asked.

Cut at commas, "and", "then" and the like, but never inside a time or a list of names: a piece without a topic of its
own belongs to its neighbour. Each part takes over the place, time or field it leaves unsaid.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from assistant.brains.embedded.mentions import Mentions
from assistant.brains.embedded.slots import Slots, read_slots
from assistant.brains.embedded.spelling import correct
from tools.telemetry.fleet import Fleet

_CUT = re.compile(
    r"[?;]+\s*|\.\s+(?=[A-Za-z])|\s*,\s*(?:and\s+|then\s+|also\s+|plus\s+)*|\s+(?:and also|and then|as well as|along with|and|also|"
    r"then|plus|n|\+|&)\s+"
)
_TOPIC = re.compile(
    r"\b(?:health\w*|outages?|black-?outs?|discharges?|boosts?|gaps?|online|offline|missing data|sending data|complete\w*|availability|freshness|attention|"
    r"heard|condition|(?:worst|weakest|lowest|highest|hottest|which) cells?|cell \d+|alarm\w*|(?:how )?old|limits?|overview|rank(?:ed|ing)|"
    r"list (?:all |the )*(?:devices|sites|batteries|strings|units))\b"
)
_ASKS = re.compile(
    r"\b(?:what|what's|whats|which|how|hows|is|are|was|were|did|does|do|has|have|any|list|show|who|where|when|compare|rank|"
    r"give|tell)\b"
)
_ASKS_MORE = re.compile(
    r"\b(?:what|which|is|are|was|were|did|has|any|list|who|where|when|string|mains|charger|load|soc|soh)\b"
)
_NOW = re.compile(r"\b(?:now|right now|currently|at the moment|at present|present|this minute)\b")
_POINTER = re.compile(r"\b(?:it|its|there|that|one|same|they|their)\b")
_BELONGS = re.compile(r"\b(?:its|their|there|it|them|that one)\b")
_FLEET = re.compile(
    r"\b(?:which|any (?:device|site|battery|string|other)|all|every|fleet|sites|devices|batteries|who)\b"
)
# "telecom load at Eastfield, amps": the unit wanted, not another question.
_UNITS = re.compile(
    r"(?:in )?(?:volts?|v|mv|amps?|amperes?|ampere-hours|a|ma|degrees? celsius|milliohms|degrees?|celsius|percent|%|hours|minutes|rms|amps rms|kw|ah|m?ohms?)(?: on average| rms| please)?"
)
# "I'm standing in front of D06 and ...": what is told around a question is not one.
_TELLS = re.compile(
    r"^(?:i(?! (?:wish|need|want|would like|require))|i'm|im|i've|we|we're|caller|customer|someone|they|he|she|my|our)\b"
)
# What goes on about the thing before: by which measure, of which part.
_GOES_ON = re.compile(
    r"^(?:(?:the )?\w+est ones?\b|(?:which|what) cells?(?: number)?(?: is (?:it|that))?$|which one (?:is|was|are|were)\b|respectively\b|\w+est (?:on top|first|last)\b|is (?:it|that) .{0,30}\bthan that of\b|going by|judging by|in terms of|measured by|based on|according to|by\b|for\b|with\b|per\b)"
)
# A state of things that is told, not asked: "the room felt like an oven".
_LEADS_ON = re.compile(r"^(?:by|in terms of|judged by|going by|based on|with respect to|regarding|as for) ")
_COUNTED = re.compile(r"\b(?:outages?|discharges?|boosts?|gaps?|complete\w*|number of|how many|list)\b")
_STATES = re.compile(
    r"\b(?:felt|feels|looks?|looked|seems?|seemed|says?|said|smells?|smelled|sounds?|thinks?|thought|noticed|saw|came|went|"
    r"called|complain\w*|reported that|worr\w+|told)\b"
)
_MEANING = re.compile(r"\bwhat do(?:es)? .{2,30}\bmean\b")
_ONLY_CELL = re.compile(r"(?:that is |i\.?e\.? )?cell (?:no\.? ?|number |#)?\d+")
_CELL = re.compile(r"\bcell (?:no\.? ?|number |#)?\d+\b")
MOST_PARTS = 4


@dataclass(frozen=True)
class Part:
    """One thing that is asked; a fragment ("the lowest voltage") is asked as the part before it was."""

    slots: Slots
    is_fragment: bool


def split(said: str, fleet: Fleet, now: datetime, time_zone: str) -> list[Part]:
    """The parts of a compound message with what they leave unsaid filled in; none where it asks one thing."""
    question = correct(said, fleet)
    pieces = _merged(_pieces(question, read_slots(question, fleet, now, time_zone)), fleet, now, time_zone)
    # One piece is a part by itself only where something told around it was left out.
    is_shorter = len(pieces) == 1 and not question.lower().rstrip(" ?.!,").endswith(pieces[0].lower()[-12:])
    if not (is_shorter or 2 <= len(pieces) <= MOST_PARTS):
        return []
    read = [read_slots(piece, fleet, now, time_zone) for piece in pieces]
    return _filled(read)


def _pieces(question: str, whole: Slots) -> list[str]:
    """The question cut at its joints, none of which lies inside a time."""
    inside = [(span.text_start, span.text_end) for span in whole.spans]
    pieces, start = [], 0
    for cut in _CUT.finditer(question):
        if any(first < cut.end() and cut.start() < last for first, last in inside):
            continue
        pieces.append(question[start : cut.start()])
        start = cut.end()
    pieces.append(question[start:])
    return [piece.strip(" ,.?!:") for piece in pieces if piece.strip(" ,.?!:")]


def _merged(pieces: Sequence[str], fleet: Fleet, now: datetime, time_zone: str) -> list[str]:
    """Pieces that ask nothing by themselves joined to a neighbour."""
    joined: list[str] = []
    waiting = ""
    for piece in _asked(pieces):
        if joined and (
            _ONLY_CELL.fullmatch(piece.lower())
            or _GOES_ON.search(piece.lower())
            or _comments_on(joined[-1], piece, fleet, now, time_zone)
        ):
            joined[-1] = f"{joined[-1]}, {piece}"
            continue
        text = f"{waiting} and {piece}" if waiting else piece
        # "Cell 5, D07, resistance": which of its values is wanted.
        if not joined and not waiting and _LEADS_ON.search(piece.lower()):
            waiting = piece
            continue
        goes_on = _POINTER.search(piece.lower()) or not _ASKS_MORE.search(piece.lower())
        is_of_cell = bool(joined) and bool(_CELL.search(joined[-1].lower())) and bool(goes_on)
        if not is_of_cell and _has_topic(read_slots(piece, fleet, now, time_zone), bool(joined)):
            joined.append(text)
            waiting = ""
        elif joined and _TELLS.match(piece.lower()):
            continue
        elif joined:
            joined[-1] = f"{joined[-1]} and {piece}"
        else:
            waiting = text
    return joined


def _asked(pieces: Sequence[str]) -> Sequence[str]:
    """The pieces without what is only told before the first of them that asks."""
    first = next((index for index, piece in enumerate(pieces) if _ASKS.search(piece.lower())), 0)
    told = [piece for piece in pieces[:first] if _STATES.search(piece.lower())]
    return [piece for piece in pieces if piece not in told]


def _comments_on(topic: str, piece: str, fleet: Fleet, now: datetime, time_zone: str) -> bool:
    """Whether a piece asks about the topic named just before: "the runtime of D06, what was its average"."""
    if _ASKS.search(topic.lower()) or not _POINTER.search(piece.lower()) or not _ASKS.search(piece.lower()):
        return False
    said = read_slots(piece, fleet, now, time_zone)
    named = read_slots(topic, fleet, now, time_zone)
    return bool(named.fields) and not (said.fields or said.has_place or named.spans or _TOPIC.search(piece.lower()))


def _has_topic(slots: Slots, has_before: bool) -> bool:
    text = slots.text.lower()
    if has_before and _UNITS.fullmatch(text.strip()):
        return False
    if _TELLS.match(text) and not _ASKS.search(text):
        return False
    if slots.fields or slots.threshold or _TOPIC.search(text):
        return True
    if has_before and _MEANING.search(text):
        return True
    points = has_before and bool(_POINTER.search(text)) and bool(_ASKS.search(text) or slots.statistic)
    return points and bool(slots.has_place or slots.spans or slots.statistic or _NOW.search(text))


def _shares_time(slots: Slots, following: Slots) -> bool:
    """Whether the time said at the end holds for both: "outages and deep discharges in March"."""
    text, after = slots.text.lower(), following.text.lower()
    counts = slots.statistic is not None or _COUNTED.search(text)
    return (
        bool(following.spans and counts)
        and following.threshold is None
        and not slots.spans
        and not _NOW.search(text)
        and not _ASKS.search(after)
    )


def _filled(read: Sequence[Slots]) -> list[Part]:
    parts: list[Part] = []
    for index, slots in enumerate(read):
        before = parts[-1].slots if parts else None
        # "Voltage and temperature of D03": the place is said once, at the end.
        source = before if before is not None else next((one for one in read[index + 1 :] if one.has_place), None)
        text = slots.text.lower()
        is_bare = not slots.has_place and not _NOW.search(text)
        is_fragment = before is not None and is_bare and not _ASKS.search(text) and not _TOPIC.search(text)
        filled = slots
        following = read[index + 1] if index + 1 < len(read) else None
        if before is None and following is not None and _shares_time(slots, following):
            filled = replace(filled, spans=following.spans)
        if (
            source is not None
            and not slots.has_place
            and source.has_place
            and not (_FLEET.search(text) and not _BELONGS.search(text))
        ):
            filled = replace(
                filled, mentions=Mentions(source.mentions.devices, source.mentions.sites, slots.mentions.cells)
            )
        if before is not None and not slots.fields and not slots.threshold and not _TOPIC.search(text):
            filled = replace(filled, fields=before.fields)
        has_no_verb = not _ASKS.search(text) and not _TOPIC.search(text)
        points_to_time = has_no_verb or re.search(r"\b(?:then|same|that (?:week|day|time)|too|as well)\b", text)
        if before is not None and points_to_time and not slots.spans and not _NOW.search(text):
            filled = replace(filled, spans=before.spans)
        parts.append(Part(filled, is_fragment))
    return parts
