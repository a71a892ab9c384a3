"""The 66 fields as data: what each means, its unit, ranges and words, read from `class Reading`."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import WithJsonSchema
from rapidfuzz import process

from tools.errors import UnknownFieldError
from tools.telemetry.reading import Group, Range, Reading, Scale

Kind = Literal["number", "integer", "text", "category", "time", "date"]


@dataclass(frozen=True)
class FieldFacts:
    """All that is declared about one field of a reading."""

    name: str
    group: Group
    kind: Kind
    meaning: str
    unit: str
    words: tuple[str, ...]
    choices: tuple[str, ...]
    hard: Range
    normal: Range
    limit: Range
    per: Scale | None
    per_hard: Scale | None
    is_counter: bool
    has_rollup: bool

    @property
    def label(self) -> str:
        """What the field is called in answers."""
        return self.words[0]

    @property
    def is_numeric(self) -> bool:
        return self.kind in ("number", "integer")


def _python_type(annotation: Any) -> Any:
    if get_origin(annotation) in (UnionType, Union):
        annotation = next(part for part in get_args(annotation) if part is not type(None))
    return get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation


def _kind(python_type: Any) -> Kind:
    if get_origin(python_type) is Literal:
        return "category"
    kinds: dict[Any, Kind] = {float: "number", int: "integer", str: "text", datetime: "time", date: "date"}
    return kinds[python_type]


def _facts(name: str) -> FieldFacts:
    info = Reading.model_fields[name]
    declared: dict[str, Any] = info.json_schema_extra  # type: ignore[assignment]
    python_type = _python_type(info.annotation)
    nothing: Range = (None, None)
    normal = declared.get("normal", nothing)
    return FieldFacts(
        name=name,
        group=declared["group"],
        kind=_kind(python_type),
        meaning=info.description or "",
        unit=declared["unit"],
        words=tuple(word.strip() for word in declared["words"].split(",")),
        choices=get_args(python_type) if get_origin(python_type) is Literal else (),
        hard=declared.get("hard", nothing),
        normal=normal,
        limit=declared.get("limit", normal),
        per=declared.get("per"),
        per_hard=declared.get("per_hard"),
        is_counter=declared.get("counter", False),
        has_rollup=declared.get("hourly", False),
    )


@cache
def all_fields() -> dict[str, FieldFacts]:
    """Every field of a reading by name, in the order of the record."""
    return {name: _facts(name) for name in Reading.model_fields}


def field_facts(name: str) -> FieldFacts:
    """The facts of one field.

    Raises:
        UnknownFieldError: no field has that name; the message holds the nearest ones.
    """
    fields = all_fields()
    if name in fields:
        return fields[name]
    nearest = [match for match, _, _ in process.extract(name.lower(), list(fields), limit=3)]
    raise UnknownFieldError(f"No field {name!r} in a reading.", f"Nearest names: {', '.join(nearest)}.")


FieldName = Annotated[str, WithJsonSchema({"type": "string", "enum": list(Reading.model_fields)})]
"""The name of a field as a tool's argument: the choices are the fields of a reading."""


@cache
def rollup_fields() -> tuple[str, ...]:
    """Fields that are kept as hourly count, sum, minimum and maximum."""
    return tuple(name for name, facts in all_fields().items() if facts.has_rollup)


@cache
def measured_fields() -> tuple[str, ...]:
    """Fields of a reading that are measured or reported, not its keys."""
    keys = {"record_id", "timestamp_utc", "received_utc", "site_id", "device_id"}
    return tuple(name for name in all_fields() if name not in keys)
