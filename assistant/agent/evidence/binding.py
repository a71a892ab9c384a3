"""Binds one number of a sentence to the entry that supports it.

An entry supports a number of equal value at the printed precision, in the same or a convertible unit, whose device
and cell are those the sentence names, whose field, statistic and window do not contradict its words.
"""

import re
from collections.abc import Sequence

from assistant.agent.evidence.claims import digits_of, unit_of
from assistant.agent.evidence.entries import Entry
from assistant.agent.evidence.said_windows import shared, window_of
from assistant.agent.evidence.scope import Scope, nearest, without_labels
from tools.quantity import Window
from tools.telemetry.fields import all_fields

_TO_BASE = {
    "mV": ("V", 1e-3), "mA": ("A", 1e-3), "µΩ": ("mΩ", 1e-3), "h": ("min", 60.0), "s": ("min", 1 / 60),
    "days": ("min", 1440.0), "weeks": ("min", 10080.0),
}  # fmt: skip
_NOUN = re.compile(r"\*{0,2} (?:other |whole |more |hourly |good )?(?P<noun>[a-z]+)")
# What results list, and what figures are made from.
_LISTED = frozenset(
    {"device", "devices", "site", "sites", "cell", "cells", "string", "strings", "gap", "gaps", "value", "values", "alert",
     "alerts", "anomaly", "anomalies", "model", "models", "document", "documents", "passages", "battery", "batteries"}
)  # fmt: skip
_ROWS = frozenset({"reading", "readings", "row", "rows", "value", "values", "of", "samples"})
_EVENTS = frozenset(
    {"outage", "outages", "discharge", "discharges", "boosts", "alert", "alerts", "alarm", "alarms", "anomaly", "anomalies",
     "gap", "gaps", "times", "deep", "mains"}
)  # fmt: skip
_LIMIT_BEFORE = re.compile(
    r"\blimits?(?: for [\w ]{1,20})? (?:of|is|are|was|at) [^.;]{0,14}$|\brange (?:of|is) [^.;]{0,14}$", re.IGNORECASE
)
_LIMIT_AFTER = re.compile(r"\W*(?:is|was) (?:the|its) (?:\w+ ){0,2}limit\b", re.IGNORECASE)
_SCORE_BEFORE = re.compile(r"\bscor(?:e|es|ed|ing)(?: \w+){0,3} $", re.IGNORECASE)
_OF_CELLS = re.compile(r"\W* cells\b")
_STATISTIC_WORDS: tuple[tuple[str, frozenset[str]], ...] = (
    (r"lowest|minimum", frozenset({"min", "latest", "first", "last", "median", "range", "deviation"})),
    (
        r"highest|maximum|peak(?:ed)?|hottest",
        frozenset({"max", "latest", "first", "last", "median", "range", "deviation"}),
    ),
    (r"averag(?:e|ed|es|ing)", frozenset({"mean"})),
    (r"mean", frozenset({"mean", "latest", "first", "last"})),
    (r"median", frozenset({"median", "deviation"})),
)
_STATISTIC_AFTER = re.compile(r"\W*(?:on average|in the mean)\b")
_OF_TWO_WINDOWS = frozenset({"difference", "ratio", "percent"})
_COMPARED = frozenset({"mean", "min", "max", "latest", "first", "last", "median", "range"})
_ABOUT = re.compile(
    r"\b(?:about|around|roughly|some|approximately|nearly|almost|(?:just|a little) (?:over|under)|close to)\W*$",
    re.IGNORECASE,
)
_PER = re.compile(
    r"\W*(?:a|per|every|each|/)\s?(?P<span>day|week|month)\b|\W*(?P<adverb>daily|weekly)\b", re.IGNORECASE
)
_SHARES_UNIT = re.compile(r"\W{0,4}(?:to|and|or|,|–|-)?\W{0,4}[-−]?\d")
_SPANS = {"daily": "day", "weekly": "week"}


def supporting_entry(match: re.Match[str], sentence: str, scope: Scope, entries: Sequence[Entry]) -> Entry | None:
    """The entry a number is bound to: right value, unit, device, cell, field, statistic and window."""
    start, end = match.span()
    places = nearest(scope.named, start, end, sentence)
    cells = nearest(scope.cells, start, end, sentence)
    fields = _fields_of(match, sentence, scope)
    windows = window_of(scope.windows_at, start, end, sentence)
    counts_cells = bool(_OF_CELLS.match(sentence, end))
    candidates = [
        entry for entry in entries if isinstance(entry.value, float) and _same_value(match, sentence, entry)
    ]
    for entry in candidates:
        if not scope.may_be(places, entry.device_id, entry.name):
            continue
        if cells and entry.cell_no is not None and entry.cell_no not in cells:
            continue
        if fields and not counts_cells and entry.field in all_fields() and entry.field not in fields:
            continue
        if not _is_kind_said(sentence, match, entry):
            continue
        if _contradicts(sentence, match, entry) or _is_of_another_window(windows, entry):
            continue
        if not _counts_what_is_said(match, sentence[end:], entry, names_field=bool(scope.fields)):
            continue
        return entry
    return None


def _fields_of(match: re.Match[str], sentence: str, scope: Scope) -> frozenset[str]:
    """The fields a number may be of: those named last before it, where any is measured in its unit."""
    groups = nearest(scope.fields_at, *match.span(), sentence, looks_ahead=False)
    fields, unit = [name for group in groups for name in group], unit_of(match, sentence)
    is_in_unit = any(in_unit(1.0, all_fields()[name].unit, unit) is not None for name in fields)
    return frozenset(fields) if is_in_unit else frozenset()


def _is_of_another_window(said: Sequence[Window], entry: Entry) -> bool:
    """Whether a figure's window shares less than half of the time with each of those the words may mean."""
    measured = entry.window
    if not said or measured is None or entry.statistic in _OF_TWO_WINDOWS:
        return False
    return all(shared(one, measured) < 0.5 for one in said)


def _counts_what_is_said(match: re.Match[str], after: str, entry: Entry, *, names_field: bool) -> bool:
    """Whether a count stands before the thing counted: how long a list is says nothing of "1 discharge"."""
    noun = _NOUN.match(after)
    # "8 deep discharges" is no span of 8 h.
    if noun is not None and not match["unit"] and noun["noun"] in _EVENTS and entry.unit:
        return False
    if entry.is_length:
        return noun is not None and noun["noun"] in _LISTED | _ROWS
    if entry.field is None and entry.statistic == "count" and names_field:
        return noun is not None and noun["noun"] in _ROWS
    return True


def is_said_to_be_limit(match: re.Match[str], sentence: str) -> bool:
    """Whether a sentence calls a figure a limit."""
    before = sentence[: match.start()].replace("*", "")
    return bool(_LIMIT_BEFORE.search(before) or _LIMIT_AFTER.match(sentence, match.end()))


def _is_kind_said(sentence: str, match: re.Match[str], entry: Entry) -> bool:
    """Whether a figure said to be a limit or a score is one."""
    before = sentence[: match.start()].replace("*", "")
    if is_said_to_be_limit(match, sentence):
        return ("limit" in f"{entry.statistic}{entry.path}" and entry.statistic != "asked") or entry.path == "error"
    if _SCORE_BEFORE.search(before):
        return entry.statistic in ("score", "count", "weight", "share", "limit_high")
    return True


def _contradicts(sentence: str, match: re.Match[str], entry: Entry) -> bool:
    """Whether the words beside a number, back to the number before it, name another statistic or pace than the entry's."""
    per = _PER.match(sentence, match.end())
    if per and entry.statistic == "slope" and "per_" in entry.path:
        span = per["span"] or _SPANS[per["adverb"].lower()]
        return f"per_{span.lower()}" not in entry.path
    if entry.statistic not in _COMPARED:
        return False
    if _STATISTIC_AFTER.match(sentence, match.end()):
        return entry.statistic != "mean"
    before = without_labels(sentence[: match.start()])
    # Digits of the number before, not of a name like D03.
    since = max((one.end() for one in re.finditer(r"(?<![\w])\d[\d.]*", before)), default=0)
    said = [
        (one.end(), allowed)
        for pattern, allowed in _STATISTIC_WORDS
        for one in re.finditer(rf"\b(?:{pattern})\b", before[since:])
    ]
    return bool(said) and entry.statistic not in max(said, key=lambda pair: pair[0])[1]


def _same_value(match: re.Match[str], sentence: str, entry: Entry) -> bool:
    text = digits_of(match)
    places = len(text.partition(".")[2])
    unit = unit_of(match, sentence)
    # "From 54.1 to 56.4 V" leaves the unit to the second figure.
    if unit == "" and entry.unit not in ("", "rows", "modules") and not _SHARES_UNIT.match(sentence, match.end()):
        return False
    value = in_unit(float(entry.value), entry.unit, unit)  # type: ignore[arg-type]
    if value is None:
        return False
    said = float(text)
    tolerance = 0.5 * 10**-places + 1e-9
    if _ABOUT.search(sentence, 0, match.start()):
        tolerance = max(tolerance, 0.015 * abs(said))
    # Differences and deviations are said with a word for their sign.
    unsigned = entry.statistic in ("difference", "percent", "deviation", "slope", "increase")
    return abs(value - said) <= tolerance or (unsigned and abs(abs(value) - said) <= tolerance)


def in_unit(value: float, unit: str, wanted: str) -> float | None:
    """A value in another unit; None where that is another kind of quantity."""
    if unit == wanted:
        return value
    if wanted == "" and unit in ("rows", "modules", "V", "A", "°C", "%", "mA", "mV", "mΩ", "Hz", "Ah", "h"):
        return value
    if unit == "°C" and wanted == "°F":
        return value * 1.8 + 32
    base, factor = _TO_BASE.get(unit, (unit, 1.0))
    wanted_base, wanted_factor = _TO_BASE.get(wanted, (wanted, 1.0))
    return value * factor / wanted_factor if base == wanted_base else None
