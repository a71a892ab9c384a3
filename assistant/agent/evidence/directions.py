"""Checks which way something is said to move: "the voltage is falling", "D03 rose", "steady over the week"."""

import re
from collections.abc import Sequence
from functools import cache

from assistant.agent.evidence.assertions import assertions
from assistant.agent.evidence.facts import Fact, Moves, Way
from assistant.agent.evidence.scope import Scope
from tools.telemetry.fields import all_fields

_IS = (
    r"(?:is|are|was|were|be|been|being|keeps?|kept|remain(?:s|ed)?|stay(?:s|ed)?|holds?|held|still|"
    r"trend(?:s|ing|ed)?|looks?)"
)
_BEYOND = r"(?! (?:below|under|above|over|outside|out|past|short|into|asleep))"
_WORDS: dict[Way, str] = {
    "rising": r"rising|climbing|increasing|growing|going up|upwards?|creeping up|"
    r"warming(?: up)?|heating up|getting (?:hotter|warmer|higher)|up",
    "falling": r"falling|dropping|decreasing|declining|shrinking|sinking|going down|downwards?|"
    r"cooling(?: down| off)?|getting (?:colder|cooler|lower)|down",
    "steady": r"steady|stable|flat|unchanged|constant|level",
}  # fmt: skip
_DONE: dict[Way, str] = {
    "rising": r"rose|climbed|grew|went up|has risen|have risen|has gone up|has climbed|(?:has )?increased",
    "falling": r"fell|dropped|sank|went down|has fallen|have fallen|has gone down|(?:has )?de(?:creased|clined)",
    "steady": r"did not change|has not changed|didn't change|has barely moved",
}
# "Fell to 80.9 %", "is down at 2010 mV": the figure is bound by itself.
_TO_A_FIGURE = re.compile(r" (?:all the way )?(?:to|at|by|on|as far as|as low as)\b")


@cache
def _pattern(way: Way) -> re.Pattern[str]:
    being = rf"\b{_IS} (?:\w+ly |very |quite |now |also |still |been |on a )?(?:{_WORDS[way]})\b{_BEYOND}"
    return re.compile(rf"{being}|\b(?:{_DONE[way]})\b{_BEYOND}", re.IGNORECASE)


def unsupported_directions(sentence: str, facts: Sequence[Fact], scope: Scope) -> list[str]:
    """The directions a sentence states that no result of this turn bears out."""
    found = []
    for way in _WORDS:
        for match, said in assertions(_pattern(way), sentence):
            if _is_name(match, sentence) or _is_told_by_its_ends(said.after, way):
                continue
            moves = [one for one in facts if isinstance(one, Moves)]
            if not moves and _TO_A_FIGURE.match(said.after):
                continue
            known = [one for one in moves if scope.covers(one.device_id, one.field)]
            is_denied = said.is_denied and way != "steady"
            about = [[one for one in known if one.device_id in (None, device)] for device in scope.devices] or [known]
            if not all(any((one.way == way) != is_denied for one in mine) for mine in about):
                found.append(said.text)
    return found


def _is_name(match: re.Match[str], sentence: str) -> bool:
    """Whether the words are part of what a field is called."""
    lower = sentence.lower()
    return any(facts.label in lower and match.group().lower() in facts.label for facts in all_fields().values())


def _is_told_by_its_ends(after: str, way: Way) -> bool:
    """Whether "from 23.1 to 24.9" follows, whose figures are bound by themselves and stand in that order."""
    ends = re.match(r"[^.;]{0,40}?\bfrom (-?\d+(?:\.\d+)?)[^\d]{0,12} to (-?\d+(?:\.\d+)?)", after.replace("−", "-"))
    if ends is None:
        return False
    first, last = float(ends[1]), float(ends[2])
    return {"rising": last > first, "falling": last < first, "steady": last == first}[way]
