"""Binds one number or time of a sentence to the entry that supports it.

An entry supports a number of equal value at the printed precision, in the same or a convertible unit, whose device
is the one the sentence names, whose field and statistic do not contradict its words.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from assistant.agent.claims import ISO_DATE, SAME_UNIT
from assistant.agent.entries import Entry
from tools.quantity import Window
from tools.telemetry.fields import all_fields

_Name = TypeVar("_Name", str, int)
_TO_BASE = {"mV": ("V", 1e-3), "mA": ("A", 1e-3), "h": ("min", 60.0), "s": ("min", 1 / 60), "days": ("min", 1440.0)}
_NOUN = re.compile(r"\*{0,2} (?:other |whole |more )?(?P<noun>[a-z]+)")
# What results list, and what figures are made from.
_LISTED = frozenset(
    {"device", "devices", "site", "sites", "cell", "cells", "string", "strings", "gap", "gaps", "value", "values", "alert",
     "alerts", "anomaly", "anomalies", "model", "models", "document", "documents", "passages"}
)  # fmt: skip
_ROWS = frozenset({"reading", "readings", "row", "rows", "value", "values", "of", "times", "samples"})
_STATISTIC_WORDS: tuple[tuple[str, frozenset[str]], ...] = (
    (r"lowest|minimum", frozenset({"min"})),
    (r"highest|maximum|peak", frozenset({"max"})),
    (r"average|mean", frozenset({"mean"})),
)


@dataclass(frozen=True)
class Scope:
    """What a sentence is about: the devices, cells and fields it names with their places, and its one window."""

    named: tuple[tuple[int, str], ...]
    cells: tuple[tuple[int, int], ...]
    fields: frozenset[str]
    window: Window | None

    @property
    def devices(self) -> frozenset[str]:
        return frozenset(device for _, device in self.named)

    def covers(self, device_id: str | None, field: str | None) -> bool:
        """Whether something of a device and field may be what the sentence speaks of."""
        if self.named and device_id is not None and device_id not in self.devices:
            return False
        return not self.fields or field not in all_fields() or field in self.fields


def scope_of(sentence: str, devices: set[str], window: Window | None) -> Scope:
    """Reads what a sentence is about."""
    found = [(match.start(), match.group()) for match in re.finditer(r"\b[A-Z]\w*\d+\b", sentence)]
    cells = re.finditer(r"\bcell (?:no\.? |number |#)?(\d+)\b", sentence, re.IGNORECASE)
    return Scope(
        tuple(one for one in found if one[1] in devices),
        tuple((match.start(), int(match[1])) for match in cells),
        fields_in(sentence),
        window,
    )


def supporting_entry(match: re.Match[str], sentence: str, scope: Scope, entries: Sequence[Entry]) -> Entry | None:
    """The entry a number is bound to: right value, unit, device, cell, field, statistic and window."""
    device = _nearest(scope.named, match.start())
    cell = _nearest(scope.cells, match.start())
    candidates = [entry for entry in entries if isinstance(entry.value, float) and _same_value(match, entry)]
    for entry in candidates:
        if device is not None and entry.device_id is not None and entry.device_id != device:
            continue
        if cell is not None and entry.cell_no is not None and entry.cell_no != cell:
            continue
        if scope.fields and entry.field in all_fields() and entry.field not in scope.fields:
            continue
        if _contradicts(sentence, match.start(), entry) or _is_of_another_window(scope.window, entry.window):
            continue
        if not _counts_what_is_said(sentence[match.end() :], entry, names_field=bool(scope.fields)):
            continue
        return entry
    return None


def _is_of_another_window(said: Window | None, measured: Window | None) -> bool:
    """Whether two windows share less than half of the time they cover together."""
    if said is None or measured is None:
        return False
    shared = min(said.end, measured.end) - max(said.start, measured.start)
    together = max(said.end, measured.end) - min(said.start, measured.start)
    return shared < together / 2


def _counts_what_is_said(after: str, entry: Entry, *, names_field: bool) -> bool:
    """Whether a count stands before the thing counted: how long a list is says nothing of "1 discharge"."""
    noun = _NOUN.match(after)
    if entry.is_length:
        return noun is not None and noun["noun"] in _LISTED | _ROWS
    if entry.field is None and entry.statistic == "count" and names_field:
        return noun is not None and noun["noun"] in _ROWS
    return True


def _nearest(named: Sequence[tuple[int, _Name]], position: int) -> _Name | None:
    """The device or cell a number belongs to: the last one named before it, else the first after."""
    before = [name for start, name in named if start < position]
    return before[-1] if before else (named[0][1] if named else None)


def fields_in(sentence: str) -> frozenset[str]:
    """Fields a sentence names by their label; a label inside a longer one is not counted."""
    lower, found = sentence.lower(), set()
    for facts in sorted(all_fields().values(), key=lambda one: -len(one.label)):
        if facts.label in lower:
            found.add(facts.name)
            lower = lower.replace(facts.label, "·")
    return frozenset(found)


def _contradicts(sentence: str, position: int, entry: Entry) -> bool:
    """Whether the statistic said before a number, back to the number before it, is another one than the entry's."""
    if entry.statistic not in ("mean", "min", "max"):
        return False
    before = _unlabelled(sentence[:position])
    # Digits of the number before, not of a name like D03.
    since = max((match.end() for match in re.finditer(r"(?<![\w])\d[\d.]*", before)), default=0)
    said = [
        (match.end(), allowed)
        for pattern, allowed in _STATISTIC_WORDS
        for match in re.finditer(rf"\b(?:{pattern})\b", before[since:])
    ]
    return bool(said) and entry.statistic not in max(said, key=lambda pair: pair[0])[1]


def _unlabelled(text: str) -> str:
    """A text in lower case without the names of fields, which may hold "lowest" and "highest" themselves."""
    lower = text.lower()
    for facts in sorted(all_fields().values(), key=lambda one: -len(one.label)):
        lower = lower.replace(facts.label, "·")
    return lower


def _same_value(match: re.Match[str], entry: Entry) -> bool:
    text = match["number"].replace(",", "").replace("−", "-")
    places = len(text.partition(".")[2])
    unit = SAME_UNIT.get(match["unit"] or "", match["unit"] or "")
    value = in_unit(float(entry.value), entry.unit, unit)  # type: ignore[arg-type]
    if value is None:
        return False
    # Differences and deviations are said with a word for their sign.
    tolerance = 0.5 * 10**-places + 1e-9
    said = float(text)
    unsigned = entry.statistic in ("difference", "percent", "deviation")
    return abs(value - said) <= tolerance or (unsigned and abs(abs(value) - said) <= tolerance)


def in_unit(value: float, unit: str, wanted: str) -> float | None:
    if unit == wanted:
        return value
    # A bound before "to 56.4 V" leaves its unit to the second one.
    if wanted == "" and unit in ("V", "A", "°C", "%", "mA", "mV", "mΩ", "Hz", "Ah", "h"):
        return value
    if unit == "°C" and wanted == "°F":
        return value * 1.8 + 32
    base, factor = _TO_BASE.get(unit, (unit, 1.0))
    wanted_base, wanted_factor = _TO_BASE.get(wanted, (wanted, 1.0))
    return value * factor / wanted_factor if base == wanted_base else None


def is_same_time(match: re.Match[str], entry: Entry, time_zone: str) -> bool:
    if not isinstance(entry.value, datetime | date):
        return False
    if match.re is ISO_DATE:
        day = entry.value.date() if isinstance(entry.value, datetime) else entry.value
        return day.isoformat() == match.group()
    if not isinstance(entry.value, datetime):
        return False
    local = entry.value.astimezone(ZoneInfo(time_zone))
    if (int(match["day"]), match["month"]) != (local.day, f"{local:%b}"):
        return False
    if match["year"] and int(match["year"]) != local.year:
        return False
    return match["hour"] is None or f"{local:%H:%M}" == f"{match['hour']}:{match['minute']}"
