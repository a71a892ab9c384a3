"""Checks who is said to lead: "D04 is the hottest", "lowest is D02", "D07 is warmer than D08".

A leader is supported where figures of one call, field and statistic put that device first; an order of two devices
where such figures stand in that order. Values are compared as stored, so equal figures support no order.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assistant.agent.binding import fields_in
from assistant.agent.entries import Entry

_DEVICE = r"\**(?P<{}>[A-Z]{{1,3}}\d{{2,}})\b\**"
_MOST = r"(?P<word>highest|hottest|warmest|largest|lowest|coldest|coolest|smallest)\b"
_MORE = r"(?P<word>higher|hotter|warmer|larger|lower|colder|cooler|smaller)\b"
_VERB = r"(?:is|was|has|had|runs|ran|shows|showed)"
_CLAIMS = (
    re.compile(rf"{_DEVICE.format('device')} {_VERB} (?:still |also |clearly |by far )?the {_MOST}"),
    re.compile(rf"\b(?i:{_MOST})(?: [a-z]+){{0,4}}? (?:is|was)(?: on| at| that of)? {_DEVICE.format('device')}"),
    re.compile(
        rf"{_DEVICE.format('device')} {_VERB} (?:a )?(?:slightly |clearly |much )?{_MORE}"
        rf"(?: [a-z]+){{0,4}}? than {_DEVICE.format('other')}"
    ),
)
_DOWN = re.compile(r"low|cold|cool|small", re.IGNORECASE)
_OF_TEMPERATURE = re.compile(r"hot|warm|cold|cool", re.IGNORECASE)
# How far apart or how many says nothing about which is the larger.
_NOT_COMPARED = frozenset(
    {"difference", "percent", "ratio", "deviation", "count", "limit_low", "limit_high", "rated"}
)


@dataclass(frozen=True)
class LeaderClaim:
    """A device said to come first of all, or before one other."""

    text: str
    device_id: str
    other: str | None
    downwards: bool
    of_temperature: bool


def unsupported_leaders(sentence: str, entries: Sequence[Entry]) -> list[str]:
    """The leaders and orders a sentence states that no figures of this turn bear out."""
    claims = list(_claims_in(sentence))
    if not claims:
        return []
    fields = fields_in(sentence)
    return [
        claim.text for claim in claims if not any(_bears_out(one, claim) for one in _tables(entries, fields, claim))
    ]


def _claims_in(sentence: str) -> Iterator[LeaderClaim]:
    for pattern in _CLAIMS:
        for match in pattern.finditer(sentence):
            word, parts = match["word"], match.groupdict()
            yield LeaderClaim(
                match.group(),
                parts["device"],
                parts.get("other"),
                bool(_DOWN.match(word)),
                bool(_OF_TEMPERATURE.match(word)),
            )


def _tables(entries: Sequence[Entry], fields: frozenset[str], claim: LeaderClaim) -> list[dict[str, list[float]]]:
    """Comparable figures by device: one call, one field, one statistic, one unit a table."""
    tables: dict[tuple[str, ...], dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for entry in entries:
        if entry.device_id is None or not isinstance(entry.value, float) or entry.statistic in _NOT_COMPARED:
            continue
        if (fields and entry.field not in fields) or (claim.of_temperature and entry.unit != "°C"):
            continue
        place = entry.field or re.sub(r"\.\d+", "", entry.path)
        tables[entry.call_id, place, entry.statistic or "", entry.unit][entry.device_id].append(entry.value)
    return list(tables.values())


def _bears_out(table: dict[str, list[float]], claim: LeaderClaim) -> bool:
    if claim.device_id not in table or (claim.other is not None and claim.other not in table):
        return False
    sign = -1.0 if claim.downwards else 1.0
    reached = {device: max(sign * value for value in values) for device, values in table.items()}
    rivals = [claim.other] if claim.other else [device for device in reached if device != claim.device_id]
    ahead = [reached[claim.device_id] - reached[rival] for rival in rivals]
    return bool(ahead) and (min(ahead) > 0 if claim.other else min(ahead) >= 0)
