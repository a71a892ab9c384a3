"""Checks bounds said to have been kept or left: "never fell below 54.0 V", "stayed under 30 °C", "exceeded 2.4 V"."""

import re
from collections.abc import Sequence
from typing import Literal

from assistant.agent.assertions import assertions
from assistant.agent.binding import Scope, in_unit
from assistant.agent.claims import SAME_UNIT
from assistant.agent.entries import Entry

_NUMBER = (
    r"(?:its (?:\w+ )?limit of |the (?:\w+ )?limit of )?(?P<number>-?\d+(?:\.\d+)?)"
    r"\s?(?P<unit>mV|mA|mΩ|V|A|°C|%|Ah|kW|Hz|h|min)?(?!\w)"
)
_UNDER, _OVER = r"(?:below|under|lower than|less than)", r"(?:above|over|higher than|more than|beyond)"
_CROSSED = {
    "below": rf"(?:fell|drop(?:s|ped)|went|sank|dipp?(?:s|ed)|was|were|has been|gone|dropped) {_UNDER}",
    "above": rf"(?:(?:rose|went|climbed|got|was|were|has been|gone) {_OVER}|exceed(?:s|ed)|topped|passed)",
}
_KEPT = {
    "below": rf"(?:stay(?:s|ed)|remain(?:s|ed)|kept|held|was always|were always) (?:well |just |safely )?{_OVER}",
    "above": rf"(?:stay(?:s|ed)|remain(?:s|ed)|kept|held|was always|were always) (?:well |just |safely )?{_UNDER}",
}
Side = Literal["below", "above"]


def unsupported_crossings(sentence: str, entries: Sequence[Entry], scope: Scope) -> list[str]:
    """The bounds a sentence says were kept or left that the extremes of this turn's results contradict or do not show."""
    found = []
    for side in ("below", "above"):
        for words, crossed in ((_CROSSED[side], True), (_KEPT[side], False)):
            pattern = re.compile(rf"\b{words} {_NUMBER}", re.IGNORECASE)
            for match, said in assertions(pattern, sentence):
                claims_crossed = crossed != said.is_denied
                shown = _was_crossed(match, side, entries, scope)
                if shown is not None and shown != claims_crossed:
                    found.append(said.text)
    return found


def _was_crossed(match: re.Match[str], side: str, entries: Sequence[Entry], scope: Scope) -> bool | None:
    """Whether the values went beyond the bound; None where the results hold no extreme to tell."""
    statistic, unit = ("min" if side == "below" else "max"), SAME_UNIT.get(match["unit"] or "", match["unit"] or "")
    bound = float(match["number"])
    values = [
        in_unit(float(entry.value), entry.unit, unit)
        for entry in entries
        if isinstance(entry.value, float)
        and entry.statistic == statistic
        and scope.covers(entry.device_id, entry.field)
    ]
    known = [value for value in values if value is not None]
    if not known:
        return None
    return min(known) < bound if side == "below" else max(known) > bound
