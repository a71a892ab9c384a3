"""Binds every number and time in an answer to one entry of this turn's tool results, or withholds its sentence.

An entry is a figure with its device, cell, field, statistic, unit and window. A number in a sentence is supported
by an entry of equal value at the printed precision, in the same or a convertible unit, whose device and cell are the
ones the sentence names, whose field and statistic do not contradict its words; or by the question itself. Nothing
is computed here: differences and percentages come from tools.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from assistant.agent.answer import EvidenceLink
from assistant.agent.quotations import judge_line
from assistant.agent.turn import CallRecord
from knowledge.passage import Found
from tools.quantity import ChartSpec, Quantity
from tools.telemetry.fields import all_fields

WITHHELD = "I left out a statement that the data of this turn does not support."

_NUMBER = re.compile(
    r"(?<![\w.,:/-])(?P<number>[-+−]?\d+(?:,\d{3})*(?:\.\d+)?)(?:\s?(?P<unit>mV|mA|mΩ|V|A|°C|°F|%|Ah|kW|Hz|kWh|min(?:utes)?|"
    r"h(?:ours)?|days?|years?|s|°)(?![\w]))?"
)
_TIME = re.compile(
    r"\b(?P<day>\d{1,2}) (?P<month>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)(?: (?P<year>\d{4}))?"
    r"(?:,? (?:from )?(?P<hour>\d{2}):(?P<minute>\d{2})(?: to (?P<hour2>\d{2}):(?P<minute2>\d{2}))?)?"
)
_ISO_DATE = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")
# Names hold digits that are not figures: D03, AGM-500, l1, `cell_voltage_v`, "last 24 hours" of a window.
_NAME = re.compile(
    r"`[^`]*`|\b[A-Za-z][A-Za-z_]*-?\d+[\w-]*|\b(?:phase|cell) \d+\b|\blast 24 hours\b|\bof 100(?: points)?\b|\bten-hour\b"
)
_LIST_NUMBER = re.compile(r"^\s*\d+\.\s")
_SAME_UNIT = {"minutes": "min", "hours": "h", "day": "days", "year": "years"}
_TO_BASE = {"mV": ("V", 1e-3), "mA": ("A", 1e-3), "h": ("min", 60.0), "s": ("min", 1 / 60), "days": ("min", 1440.0)}
# A bare number of a result carries its unit in its name: autonomy_min.
_SUFFIX_UNITS = {"min": "min", "mohm": "mΩ", "ah": "Ah", "s": "s"}
_STATISTIC_WORDS: tuple[tuple[str, frozenset[str]], ...] = (
    (r"lowest|minimum", frozenset({"min"})),
    (r"highest|maximum|peak", frozenset({"max"})),
    (r"average|mean", frozenset({"mean"})),
)


@dataclass(frozen=True)
class Entry:
    """One figure, count or time of a result and where it stands."""

    call_id: str
    path: str
    value: float | datetime | date
    unit: str = ""
    field: str | None = None
    statistic: str | None = None
    device_id: str | None = None
    cell_no: int | None = None
    is_length: bool = False


@dataclass(frozen=True)
class Verdict:
    """The answer that may leave, its links, and the claims that were not supported."""

    text: str
    links: tuple[EvidenceLink, ...]
    unsupported: tuple[str, ...]


def check_answer(text: str, question: str, calls: Sequence[CallRecord], time_zone: str) -> Verdict:
    """Check every line of an answer; lines with an unsupported claim are withheld with one plain sentence."""
    entries = [entry for call in calls for entry in _entries(call)]
    # How long a list is supports a count only where no figure does.
    entries.sort(key=lambda entry: entry.is_length)
    devices = {entry.device_id for entry in entries if entry.device_id}
    kept: list[str] = []
    links: list[EvidenceLink] = []
    unsupported: list[str] = []
    for line in text.split("\n"):
        quotation = judge_line(line, calls)
        if quotation == "held":
            kept.append(line)
            continue
        if quotation == "false":
            unsupported.append(line)
            continue
        sentences = []
        for sentence in _sentences(line):
            found, missing = _check(sentence, question, entries, devices, time_zone)
            links += found
            unsupported += missing
            if not missing:
                sentences.append(sentence)
        kept.append("".join(sentences))
    result = "\n".join(kept).strip()
    if unsupported:
        result = f"{result}\n\n{WITHHELD}".strip()
    return Verdict(result, tuple(links), tuple(unsupported))


def _sentences(line: str) -> list[str]:
    """A line in sentences, each with the spaces that follow; numbers like "2.25" stay whole."""
    if line.startswith(("|", "-", " ")) or _LIST_NUMBER.match(line):
        return [line]
    return [part for part in re.split(r"(?<=[.!?])(?=\s+[A-Z(*`])", line) if part]


def _check(
    sentence: str, question: str, entries: Sequence[Entry], devices: set[str], time_zone: str
) -> tuple[list[EvidenceLink], list[str]]:
    links: list[EvidenceLink] = []
    missing: list[str] = []
    rest = sentence
    for match in [*_TIME.finditer(sentence), *_ISO_DATE.finditer(sentence)]:
        rest = rest[: match.start()] + "·" * (match.end() - match.start()) + rest[match.end() :]
        entry = next((one for one in entries if _same_time(match, one, time_zone)), None)
        if entry is not None:
            links.append(_link(match.group(), entry))
        elif match.group().lower() in question.lower():
            links.append(_from_question(match.group()))
        else:
            missing.append(match.group())
    for match in _NAME.finditer(rest):
        rest = rest[: match.start()] + "·" * (match.end() - match.start()) + rest[match.end() :]
    rest = _LIST_NUMBER.sub(lambda found: "·" * len(found.group()), rest)
    named = [
        (match.start(), match.group())
        for match in re.finditer(r"\b[A-Z]\w*\d+\b", sentence)
        if match.group() in devices
    ]
    for match in _NUMBER.finditer(rest):
        entry = _supporting(match, sentence, named, entries)
        if entry is not None:
            links.append(_link(match.group().strip(), entry))
        elif _in_question(match, question):
            links.append(_from_question(match.group().strip()))
        else:
            missing.append(match.group().strip())
    return links, missing


def _supporting(
    match: re.Match[str], sentence: str, named: Sequence[tuple[int, str]], entries: Sequence[Entry]
) -> Entry | None:
    """The entry a number is bound to: right value, unit, device, cell, field and statistic."""
    device = _nearest(named, match.start())
    field_words = _fields_in(sentence)
    candidates = [entry for entry in entries if isinstance(entry.value, float) and _same_value(match, entry)]
    for entry in candidates:
        if device is not None and entry.device_id is not None and entry.device_id != device:
            continue
        if field_words and entry.field in all_fields() and entry.field not in field_words:
            continue
        if _contradicts(sentence, match.start(), entry):
            continue
        return entry
    return None


def _nearest(named: Sequence[tuple[int, str]], position: int) -> str | None:
    """The device a number belongs to: the last one named before it, else the first after."""
    before = [name for start, name in named if start < position]
    return before[-1] if before else (named[0][1] if named else None)


def _fields_in(sentence: str) -> frozenset[str]:
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
    unit = _SAME_UNIT.get(match["unit"] or "", match["unit"] or "")
    value = _in_unit(float(entry.value), entry.unit, unit)  # type: ignore[arg-type]
    if value is None:
        return False
    # Differences and deviations are said with a word for their sign.
    tolerance = 0.5 * 10**-places + 1e-9
    said = float(text)
    unsigned = entry.statistic in ("difference", "percent", "deviation")
    return abs(value - said) <= tolerance or (unsigned and abs(abs(value) - said) <= tolerance)


def _in_unit(value: float, unit: str, wanted: str) -> float | None:
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


def _in_question(match: re.Match[str], question: str) -> bool:
    return bool(re.search(rf"(?<![\d.]){re.escape(match['number'])}(?![\d]|\.\d)", question.replace(",", "")))


def _same_time(match: re.Match[str], entry: Entry, time_zone: str) -> bool:
    if not isinstance(entry.value, datetime | date):
        return False
    if match.re is _ISO_DATE:
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


def _link(text: str, entry: Entry) -> EvidenceLink:
    value = entry.value if isinstance(entry.value, float) else entry.value.isoformat()
    return EvidenceLink(text=text, value=value, unit=entry.unit, tool_call_id=entry.call_id, path=entry.path)


def _from_question(text: str) -> EvidenceLink:
    return EvidenceLink(text=text, value=None, tool_call_id=None, path="question")


def _entries(call: CallRecord) -> Iterator[Entry]:
    yield from _walk(call.result, call.step.id, "", None)
    for text in _error_texts(call):
        yield from _numbers_of_error(text, call.step.id)


def _walk(part: object, call_id: str, path: str, owner: object) -> Iterator[Entry]:
    """Every figure below a part of a result; a figure in a named place knows its device and field."""
    # What a passage says is evidence for a quotation only.
    if isinstance(part, ChartSpec | Found):
        return
    if isinstance(part, Quantity):
        yield from _quantity_entries(part, call_id, path)
    elif isinstance(part, BaseModel):
        for name in type(part).model_fields:
            yield from _walk(getattr(part, name), call_id, f"{path}.{name}".lstrip("."), part)
    elif isinstance(part, tuple | list):
        for index, one in enumerate(part):
            yield from _walk(one, call_id, f"{path}.{index}", owner)
        if owner is not None:
            yield Entry(call_id, path, float(len(part)), statistic="count", is_length=True)
    elif isinstance(part, bool):
        return
    elif isinstance(part, int | float):
        yield Entry(
            call_id,
            path,
            float(part),
            unit=str(getattr(owner, "unit", "")) or _SUFFIX_UNITS.get(path.rsplit("_", 1)[-1], ""),
            field=getattr(owner, "field", None),
            device_id=getattr(owner, "device_id", None),
        )
    elif isinstance(part, datetime | date):
        yield Entry(call_id, path, part, device_id=getattr(owner, "device_id", None))
    elif isinstance(part, str) and path.rsplit(".", 1)[-1] in ("meaning", "means", "why", "note"):
        yield from _numbers_of_text(part, call_id, path, getattr(owner, "device_id", None))


def _quantity_entries(part: Quantity, call_id: str, path: str) -> Iterator[Entry]:
    about = {"field": part.field, "statistic": part.statistic, "device_id": part.device_id, "cell_no": part.cell_no}
    if part.value is not None:
        yield Entry(call_id, path, float(part.value), unit=part.unit, **about)  # type: ignore[arg-type]
    if part.rows is not None:
        yield Entry(call_id, f"{path}.rows", float(part.rows), statistic="count", device_id=part.device_id)
    if part.at is not None:
        yield Entry(call_id, f"{path}.at", part.at, device_id=part.device_id)
    if part.window is not None:
        yield Entry(call_id, f"{path}.window.start", part.window.start)
        yield Entry(call_id, f"{path}.window.end", part.window.end)


def _numbers_of_text(text: str, call_id: str, path: str, device_id: str | None) -> Iterator[Entry]:
    """Figures in a sentence the tool itself wrote."""
    for match in _NUMBER.finditer(text):
        unit = _SAME_UNIT.get(match["unit"] or "", match["unit"] or "")
        yield Entry(call_id, path, float(match["number"].replace(",", "")), unit=unit, device_id=device_id)


def _error_texts(call: CallRecord) -> list[str]:
    content = call.step.result
    if call.step.status == "ok" or not isinstance(content, dict) or not isinstance(content.get("error"), dict):
        return []
    error = content["error"]
    return [str(error.get("message", "")), str(error.get("hint", ""))] if isinstance(error, dict) else []


def _numbers_of_error(text: str, call_id: str) -> Iterator[Entry]:
    for match in re.finditer(r"\d{4}-\d{2}-\d{2}", text):
        yield Entry(call_id, "error", date.fromisoformat(match.group()))
    for match in re.finditer(r"\d+(?:\.\d+)?", text):
        yield Entry(call_id, "error", float(match.group()))
