"""Checks bounds: "never fell below 54.0 V", "all above 98 %", "exceeded 30 °C", "no post at 30 °C or more".

A bound is the writer's own figure, so it need not stand in a result; the values of the results decide whether it holds.
"""

import re
from collections.abc import Sequence

from assistant.agent.evidence.binding import in_unit
from assistant.agent.evidence.claims import number_of, unit_of
from assistant.agent.evidence.entries import Entry
from assistant.agent.evidence.scope import Scope, nearest

_ABOUT = r"(?:about |around |roughly |just |well |the |its (?:\w+ ){0,2}limit of |the (?:\w+ ){0,2}limit of )*"
_OVER = re.compile(
    rf"\b(?:above|over|more than|higher than|exceed(?:s|ed|ing)?|at least|topped|passed|beyond|warmer than) {_ABOUT}\W*$",
    re.IGNORECASE,
)
_UNDER = re.compile(rf"\b(?:below|under|less than|lower than|at most|cooler than) {_ABOUT}\W*$", re.IGNORECASE)
_OR_MORE = re.compile(r"\W*or (?:more|higher|above|over|hotter|warmer)\b", re.IGNORECASE)
_OR_LESS = re.compile(r"\W*or (?:less|lower|below|under|colder)\b", re.IGNORECASE)
_DENIED = re.compile(r"\b(?:never|not|no|none|neither|nothing|nor|without|n't|didn't|wasn't|hasn't)\b", re.IGNORECASE)
_ALL = re.compile(
    r"\b(?:stay(?:s|ed)?|remain(?:s|ed)?|kept|keeps|always|every|all|each|both|throughout)\b", re.IGNORECASE
)
_AVERAGED = re.compile(r"\baverag(?:e|ed|es)\b", re.IGNORECASE)
_OF_THE_TIME = re.compile(r"\W*of (?:the|its|that)\b")
# What may come, how far or how long says nothing of what was reached.
_NOT_SAID = re.compile(
    r"\b(?:risk|chance|probability|likel\w+|until|before|when|if|whether|unless|by|reach\w*|falls?|falling|for|time|hours?|"
    r"can|could|may|might|should|would|must|do not|don't)\b",
    re.IGNORECASE,
)
_VALUES = frozenset(
    {"latest", "mean", "min", "max", "first", "last", "estimate", "forecast", "interval_low", "interval_high", "efficiency",
     "duration", "score", "share"}
)  # fmt: skip


def bears_out_bound(
    match: re.Match[str], sentence: str, scope: Scope, entries: Sequence[Entry]
) -> Entry | bool | None:
    """The entry that shows a bound holds; False where the values contradict it; None where the number is no bound."""
    side = _side(match, sentence)
    if side is None:
        return None
    clause = re.split(r"[,;:]|\bbut\b|\bwhile\b", sentence[: match.start()])[-1]
    if _NOT_SAID.search(clause):
        return None
    values = _values(match, sentence, scope, entries)
    if _AVERAGED.search(clause):
        values = [pair for pair in values if pair[1].statistic == "mean"]
    if not values:
        # Nothing was measured that could tell; only a threshold that was judged for the asker stands.
        is_judged = any(entry.path.startswith(("limits.", "error")) for entry in entries)
        return None if is_judged or not (_ALL.search(clause) or _DENIED.search(clause)) else False
    bound = side * number_of(match)
    reached = sorted(((side * value, entry) for value, entry in values), key=lambda pair: pair[0])
    (lowest, lowest_entry), (highest, highest_entry) = reached[0], reached[-1]
    if _DENIED.search(clause):
        return highest_entry if highest <= bound else False
    if _ALL.search(clause):
        return lowest_entry if lowest >= bound else False
    return highest_entry if highest >= bound else False


def _side(match: re.Match[str], sentence: str) -> int | None:
    before = sentence[: match.start()]
    if _OVER.search(before) or _OR_MORE.match(sentence, match.end()):
        return 1
    if _UNDER.search(before) or _OR_LESS.match(sentence, match.end()):
        return -1
    return None


def _values(match: re.Match[str], sentence: str, scope: Scope, entries: Sequence[Entry]) -> list[tuple[float, Entry]]:
    places = nearest(scope.named, match.start(), match.end(), sentence)
    cells = nearest(scope.cells, match.start(), match.end(), sentence)
    unit = unit_of(match, sentence)
    found = []
    for entry in entries:
        if not isinstance(entry.value, float) or entry.statistic not in _VALUES or not unit:
            continue
        if cells and entry.cell_no is not None and entry.cell_no not in cells:
            continue
        if entry.statistic == "share" and not _OF_THE_TIME.match(sentence, match.end()):
            continue
        if not scope.may_be(places, entry.device_id, entry.name):
            continue
        value = in_unit(entry.value, entry.unit, unit)
        if value is not None and scope.covers(None, entry.field):
            found.append((value, entry))
    return found
