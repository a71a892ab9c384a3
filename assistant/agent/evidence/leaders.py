"""Checks who is said to lead: "D04 is the hottest", "lowest is Harbor", "D07 is warmer than D08", "cell 9 is the weakest".

A leader is supported where figures of one call, field and statistic put it first; an order of two where such figures
stand in that order. Values are compared as stored, so equal figures support no order.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from assistant.agent.evidence.entries import Entry
from assistant.agent.evidence.scope import fields_in

# Each word with its direction and the only unit it can be said of; None is whatever is compared.
_WORDS: tuple[tuple[str, str, int, str | None], ...] = (
    ("highest", "higher", 1, None), ("hottest", "hotter", 1, "°C"), ("warmest", "warmer", 1, "°C"),
    ("largest", "larger", 1, None), ("biggest", "bigger", 1, None), ("lowest", "lower", -1, None),
    ("coldest", "colder", -1, "°C"), ("coolest", "cooler", -1, "°C"), ("smallest", "smaller", -1, None),
    ("oldest", "older", 1, "years"), ("newest", "newer", -1, "years"), ("youngest", "younger", -1, "years"),
    ("weakest", "weaker", 0, None), ("worst", "worse", 0, None), ("healthiest", "healthier", 1, "health"),
    ("most", "more", 1, None), ("least", "less", -1, None), ("longest", "longer", 1, None), ("shortest", "shorter", -1, None),
)  # fmt: skip
_BY_WORD = {word: (way, unit) for most, more, way, unit in _WORDS for word in (most, more)}
# "Most" and "least" alone are no claim of a figure.
_MOST = "|".join(most for most, _, _, _ in _WORDS if most not in ("most", "least"))
_MORE = "|".join(more for _, more, _, _ in _WORDS)
_VERB = r"(?:is|was|has|had|runs|ran|shows|showed|sits?|reads?|looks?)"
_ORDER = re.compile(
    rf"\b(?:(?:{_MOST}) (?:to|first)\b[^:]{{0,20}}:|after(?= [^.,]{{1,20}} comes?\b))(?P<list>.+)", re.IGNORECASE
)
_FLEET = re.compile(r"\b(?:fleet|of all|anywhere|of them all|everywhere)\b", re.IGNORECASE)
_HEALTH = "health"
# How far apart or how many says nothing about which is the larger.
_NOT_COMPARED = frozenset(
    {"difference", "percent", "ratio", "count", "limit_low", "limit_high", "rated", "deviation"}
)


@dataclass(frozen=True)
class LeaderClaim:
    """Someone said to come first of all, or before one other."""

    text: str
    subject: str
    other: str | None
    way: int
    unit: str | None


def unsupported_leaders(sentence: str, entries: Sequence[Entry], names: set[str]) -> list[str]:
    """The leaders and orders a sentence states that no figures of this turn bear out."""
    wrong_orders = _unsupported_orders(sentence, entries, names)
    claims = list(_claims_in(sentence, tuple(sorted(names))))
    if not claims:
        return wrong_orders
    fields = fields_in(sentence)
    of_fleet = bool(_FLEET.search(sentence))
    return wrong_orders + [
        claim.text
        for claim in claims
        if not any(_bears_out(one, claim, of_fleet=of_fleet) for one in _tables(entries, fields, claim))
    ]


def _unsupported_orders(sentence: str, entries: Sequence[Entry], names: set[str]) -> list[str]:
    """A list from one end to the other, "hottest to coolest: A, B, C", or "after A come B and C", in another order."""
    match = _ORDER.search(sentence)
    if match is None:
        return []
    listed = [one.group() for one in re.finditer(_any_of(names), match["list"])]
    tables: dict[tuple[str, ...], dict[str, float]] = defaultdict(dict)
    for entry in entries:
        for who in {entry.name, entry.device_id} & set(listed):
            if isinstance(entry.value, float) and entry.statistic not in _NOT_COMPARED:
                tables[entry.call_id, entry.field or "", entry.statistic or "", entry.unit].setdefault(
                    str(who), entry.value
                )
    values = [[table[who] for who in listed] for table in tables.values() if set(listed) <= set(table)]
    return (
        []
        if any(one in (sorted(one), sorted(one, reverse=True)) for one in values) or len(listed) < 2
        else [match.group()]
    )


def _any_of(names: set[str]) -> str:
    return "|".join([r"\b[A-Z]{1,3}\d{2,}\b", *(rf"\b{re.escape(name)}\b" for name in sorted(names))])


@cache
def _patterns(names: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    subject = "|".join([r"[A-Z]{1,3}\d{2,}", r"[Cc]ell \d+", *(re.escape(name) for name in names)])
    first, second = rf"\**(?P<subject>{subject})\b\**", rf"\**(?P<other>{subject})\b\**"
    adverb = r"(?:still |also |clearly |by far |now |slightly |much |a bit |a little |somewhat )*"
    of = rf"(?: (?:of|on|in|at) (?:{subject}))?"
    return (
        re.compile(rf"{first}{of} {_VERB} {adverb}(?:the )?(?P<word>{_MOST})\b"),
        re.compile(rf"\b(?i:(?P<word>{_MOST}))(?: [a-z]+){{0,4}}? (?:is|was)(?: on| at| that of)? {first}"),
        re.compile(rf"{first} {_VERB} (?:a )?{adverb}(?P<word>{_MORE})\b(?: [a-z]+){{0,4}}? than {second}"),
        re.compile(rf"{first} {_VERB} {adverb}the (?P<word>{_MORE})\b"),
        re.compile(rf"{first} (?:{_VERB}|draws|carries|needs|uses) (?:\S+ ){{1,4}}?(?P<word>{_MORE}) than {second}"),
    )


def _claims_in(sentence: str, names: tuple[str, ...]) -> Iterator[LeaderClaim]:
    seen: set[tuple[int, int]] = set()
    for pattern in _patterns(names):
        for match in pattern.finditer(sentence):
            parts = match.groupdict()
            if match.span("word") in seen:
                continue
            seen.add(match.span("word"))
            way, unit = _BY_WORD[match["word"].lower()]
            yield LeaderClaim(
                match.group(), match["subject"].lower(), (parts.get("other") or "").lower() or None, way, unit
            )


def _tables(entries: Sequence[Entry], fields: frozenset[str], claim: LeaderClaim) -> list[dict[str, list[float]]]:
    """Comparable figures by who they are of: one call, one field, one statistic, one unit a table."""
    tables: dict[tuple[str, ...], dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for entry in entries:
        who = _who(entry, claim)
        if who is None or not isinstance(entry.value, float) or entry.statistic in _NOT_COMPARED:
            continue
        if fields and entry.field not in fields and entry.field is not None and claim.unit != _HEALTH:
            continue
        if claim.unit == _HEALTH and entry.statistic != "score":
            continue
        if claim.unit not in (None, _HEALTH, entry.unit):
            continue
        place = entry.field or re.sub(r"\.\d+", "", entry.path)
        tables[entry.call_id, place, entry.statistic or "", entry.unit][who].append(entry.value)
    return list(tables.values())


def _who(entry: Entry, claim: LeaderClaim) -> str | None:
    if claim.subject.startswith("cell "):
        return None if entry.cell_no is None else f"cell {entry.cell_no}"
    named = entry.name if entry.name and entry.name.lower() in (claim.subject, claim.other) else entry.device_id
    who = named or entry.name
    return who.lower() if who else None


def _bears_out(table: dict[str, list[float]], claim: LeaderClaim, *, of_fleet: bool) -> bool:
    if claim.subject not in table or (claim.other is not None and claim.other not in table):
        return False
    # Two that were compared make no fleet.
    if of_fleet and len(table) < 3:
        return False
    return any(_leads(table, claim, sign) for sign in ((1.0, -1.0) if claim.way == 0 else (float(claim.way),)))


def _leads(table: dict[str, list[float]], claim: LeaderClaim, sign: float) -> bool:
    reached = {who: max(sign * value for value in values) for who, values in table.items()}
    rivals = [claim.other] if claim.other else [who for who in reached if who != claim.subject]
    ahead = [reached[claim.subject] - reached[rival] for rival in rivals]
    return bool(ahead) and (min(ahead) > 0 if claim.other else min(ahead) >= 0)
