"""Reads what a sentence is about: the devices, sites, cells and fields it names, where they stand, and its window."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

from tools.quantity import Window
from tools.telemetry.fields import all_fields

_DEVICE = re.compile(r"\b[A-Z]{1,3}\d{2,}\b")
_CELLS = re.compile(r"\bcells? (?:no\.? |number |#)?(\d+)\b", re.IGNORECASE)
# What people call a group of fields without the name of one.
_GROUPS = {
    r"rooms?|ambient|indoors?": r"ambient",
    r"cells?": r"cell|internal_resistance",
    r"strings?(?= (?:voltage|current))": r"string",
    r"rectifiers?": r"rectifier",
    r"posts?": r"post",
    r"loads?": r"load",
}
_ADJACENT = re.compile(
    r"[ *]{0,4}(?:\(|(?:hours? |readings? |times? )?(?:on|for|at|of|in|from|by) (?:the |device )?)\**"
)
# "Northgate and Hilltop": what is said of both.
_JOINED = re.compile(r"\**(?:,| and|, and| &)? \**")
_Named = TypeVar("_Named", str, int, frozenset[str])


@dataclass(frozen=True)
class Scope:
    """What a sentence names, each with its place; a span of time with the windows it may mean."""

    named: tuple[tuple[int, str], ...]
    cells: tuple[tuple[int, int], ...]
    fields_at: tuple[tuple[int, frozenset[str]], ...]
    known: frozenset[str] = frozenset()
    windows_at: tuple[tuple[int, tuple[Window, ...]], ...] = ()

    @property
    def devices(self) -> frozenset[str]:
        """Every device and site that is named."""
        return frozenset(name for _, name in self.named)

    @property
    def fields(self) -> frozenset[str]:
        """Every field that is named."""
        return frozenset(name for _, group in self.fields_at for name in group)

    def may_be(self, places: frozenset[str], device_id: str | None, name: str | None) -> bool:
        """Whether a figure of a device, or beside a name, may be of one of these places; one of neither may be of any."""
        if not places or (device_id is None and name is None):
            return True
        if places & {device_id, name}:
            return True
        if all(_DEVICE.fullmatch(place) for place in places):
            return device_id is None and name in self.devices
        # Which device stands at which site, a figure does not say; where it names a site, that is the one.
        is_other_site = (
            name is not None and name in self.known and not any(name.startswith(place) for place in places)
        )
        return device_id is not None and not is_other_site

    def covers(self, device_id: str | None, field: str | None) -> bool:
        """Whether something of a device and field may be what the sentence speaks of."""
        if self.named and device_id is not None and device_id not in self.devices:
            return False
        return not self.fields or field not in all_fields() or field in self.fields


def scope_of(sentence: str, names: set[str], windows: Sequence[tuple[int, tuple[Window, ...]]] = ()) -> Scope:
    """Reads a sentence; `names` are the sites and devices that the turn's results speak of."""
    named = [(match.start(), match.group()) for match in _DEVICE.finditer(sentence)]
    for name in names:
        if not _DEVICE.fullmatch(name):
            named += [(match.start(), name) for match in re.finditer(rf"\b{re.escape(name)}\b", sentence)]
    return Scope(
        tuple(sorted(named)),
        tuple((match.start(), int(match[1])) for match in _CELLS.finditer(sentence)),
        tuple(sorted(_fields_at(sentence), key=lambda one: one[0])),
        frozenset(names),
        tuple(windows),
    )


def nearest(
    named: Sequence[tuple[int, _Named]], start: int, end: int, sentence: str, *, looks_ahead: bool = True
) -> frozenset[_Named]:
    """What a figure may belong to: what follows it as "54.2 V on D02", else what was last named before it ("D01 and D02
    are at 54 V" names two), else the first after; empty where nothing is named."""
    after = [(place, name) for place, name in named if place >= end]
    if after and _ADJACENT.fullmatch(sentence, end, after[0][0]):
        following = sentence[after[0][0] :]
        # "54.6 V on D01": not where a new figure of its own follows the name, as in a list "D01 54.6 V, D02 54.2 V".
        if not re.match(r"\w+\b\W{0,3}(?:is|was|at|with|=|:)?\W{0,2}\d", following):
            return frozenset({after[0][1]})
    before = [(place, name) for place, name in named if place < start]
    if before:
        return frozenset(_joined(before, sentence))
    return frozenset({after[0][1]}) if after and looks_ahead else frozenset()


def _joined(before: Sequence[tuple[int, _Named]], sentence: str) -> Iterator[_Named]:
    """The last that was named, and those it is joined to by a comma or "and"."""
    place, name = before[-1]
    yield name
    for earlier, other in reversed(before[:-1]):
        between = sentence[earlier + len(str(other)) : place]
        if not isinstance(other, str) or not _JOINED.fullmatch(between):
            return
        yield other
        place = earlier


def fields_in(sentence: str) -> frozenset[str]:
    """Fields a sentence names by their label; a label inside a longer one is not counted."""
    return frozenset(name for _, group in _labelled(sentence.lower()) for name in group)


def without_labels(text: str) -> str:
    """A text in lower case without the names of fields, which may hold "lowest" and "highest" themselves."""
    lower = text.lower()
    for facts in _by_length():
        lower = lower.replace(facts, "·" * len(facts))
    return lower


def _fields_at(sentence: str) -> Iterator[tuple[int, frozenset[str]]]:
    lower = sentence.lower()
    found = list(_labelled(lower))
    yield from found
    if found:
        return
    for words, part in _GROUPS.items():
        for match in re.finditer(rf"(?<!\d )\b(?:{words})\b(?! \d)", lower):
            yield match.start(), _group(part)


@cache
def _group(part: str) -> frozenset[str]:
    return frozenset(name for name in all_fields() if re.search(part, name))


def _labelled(lower: str) -> Iterator[tuple[int, frozenset[str]]]:
    for label, names in _phrases().items():
        place = lower.find(label)
        while place >= 0:
            yield place, names
            lower = lower[:place] + "·" * len(label) + lower[place + len(label) :]
            place = lower.find(label)


@cache
def _phrases() -> dict[str, frozenset[str]]:
    """What fields are called in two words or more, the longest first, and the labels of one word."""
    found: dict[str, set[str]] = {}
    for facts in all_fields().values():
        for words in (facts.label, *(words for words in facts.words if " " in words)):
            found.setdefault(words, set()).add(facts.name)
    return {words: frozenset(found[words]) for words in sorted(found, key=lambda one: -len(one))}


@cache
def _by_length() -> tuple[str, ...]:
    return tuple(sorted({facts.label for facts in all_fields().values()}, key=lambda label: -len(label)))
