"""Walks the tool results of a turn into entries: one figure, count or time each, and what it is of."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

from pydantic import BaseModel

from assistant.agent.evidence.claims import NUMBER, SAME_UNIT, number_of
from assistant.agent.turn import CallRecord
from knowledge.passage import Found
from tools.quantity import Asked, ChartSpec, Quantity, Window

# A bare number of a result carries its unit in its name: autonomy_min.
_SUFFIX_UNITS = {"min": "min", "mohm": "mΩ", "ah": "Ah", "s": "s", "weeks": "weeks"}


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
    window: Window | None = None
    # What the figure stands beside: the site or device a list names, where the figure itself does not say.
    name: str | None = None
    is_length: bool = False


def entries_of(call: CallRecord) -> Iterator[Entry]:
    """Every figure, count and time a call gave, also those in the words of its refusal."""
    yield from _walk(call.result, call.step.id, "", None)
    for text in _error_texts(call):
        yield from _numbers_of_error(text, call.step.id)


def _walk(part: object, call_id: str, path: str, owner: object) -> Iterator[Entry]:
    """Every figure below a part of a result; a figure in a named place knows its device and field."""
    if isinstance(part, bool | ChartSpec):
        return
    if isinstance(part, Found):
        # What a passage says is evidence for what documents say, never for a figure of the fleet.
        yield from (Entry(call_id, f"{path}.passages", passage.date) for passage in part.passages)
    elif isinstance(part, Quantity):
        yield from _quantity_entries(part, call_id, path, _name_of(owner))
    elif isinstance(part, BaseModel):
        for name in type(part).model_fields:
            yield from _walk(getattr(part, name), call_id, f"{path}.{name}".lstrip("."), part)
    elif isinstance(part, tuple | list):
        for index, one in enumerate(part):
            yield from _walk(one, call_id, f"{path}.{index}", owner)
        if owner is not None:
            yield Entry(call_id, path, float(len(part)), statistic="count", is_length=True)
    elif isinstance(part, int | float):
        yield _bare_number(float(part), call_id, path, owner)
    elif isinstance(part, datetime | date):
        yield Entry(call_id, path, part, device_id=getattr(owner, "device_id", None))
    elif isinstance(part, str) and path.rsplit(".", 1)[-1] in ("meaning", "means", "why", "note"):
        yield from _numbers_of_text(part, call_id, path, getattr(owner, "device_id", None))


def _bare_number(value: float, call_id: str, path: str, owner: object) -> Entry:
    """A number that is no quantity: its unit stands in its owner or in its name, and a share is said in percent."""
    is_share = path.endswith("coverage")
    unit = str(getattr(owner, "unit", "")) or _SUFFIX_UNITS.get(re.split(r"[_.]", path)[-1], "")
    return Entry(
        call_id,
        path,
        100 * value if is_share else value,
        "%" if is_share else unit,
        # A threshold the asker named is no limit of the device.
        statistic="asked" if getattr(owner, "source", None) == "asked" else None,
        field=getattr(owner, "field", None),
        device_id=getattr(owner, "device_id", None),
        window=getattr(owner, "window", None),
        name=_name_of(owner),
        is_length=isinstance(owner, Asked) and not is_share,
    )


def _name_of(owner: object) -> str | None:
    name = getattr(owner, "name", None)
    return name if isinstance(name, str) else None


def _quantity_entries(part: Quantity, call_id: str, path: str, name: str | None) -> Iterator[Entry]:
    if part.value is not None:
        yield Entry(
            call_id,
            path,
            float(part.value),
            part.unit,
            part.field,
            part.statistic,
            part.device_id,
            part.cell_no,
            part.window,
            name,
        )
    if part.rows is not None:
        yield Entry(
            call_id, f"{path}.rows", float(part.rows), statistic="count", device_id=part.device_id, is_length=True
        )
    if part.at is not None:
        yield Entry(
            call_id, f"{path}.at", part.at, field=part.field, statistic=part.statistic, device_id=part.device_id
        )
    if part.window is not None:
        yield Entry(call_id, f"{path}.window.start", part.window.start)
        yield Entry(call_id, f"{path}.window.end", part.window.end)


def _numbers_of_text(text: str, call_id: str, path: str, device_id: str | None) -> Iterator[Entry]:
    """Figures in a sentence the tool itself wrote."""
    for match in NUMBER.finditer(text):
        unit = SAME_UNIT.get(match["unit"] or "", match["unit"] or "")
        yield Entry(call_id, path, number_of(match), unit=unit, device_id=device_id)


def _error_texts(call: CallRecord) -> list[str]:
    content = call.step.result
    if call.step.status == "ok" or not isinstance(content, dict) or not isinstance(content.get("error"), dict):
        return []
    error = content["error"]
    return [str(error.get("message", "")), str(error.get("hint", ""))] if isinstance(error, dict) else []


def _numbers_of_error(text: str, call_id: str) -> Iterator[Entry]:
    for match in re.finditer(r"\d{4}-\d{2}-\d{2}", text):
        yield Entry(call_id, "error", date.fromisoformat(match.group()))
    for match in re.finditer(r"\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}", text):
        yield Entry(call_id, "error", datetime.fromisoformat(match.group()).replace(tzinfo=UTC))
    for match in NUMBER.finditer(text):
        unit = SAME_UNIT.get(match["unit"] or "", match["unit"] or "")
        yield Entry(call_id, "error", number_of(match), unit)
        yield Entry(call_id, "error", number_of(match))
