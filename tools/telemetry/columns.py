"""Decides which column of a file holds what: what the asker says first, then what the headers say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import process

from tools.errors import ImportFileError, UnknownFieldError
from tools.telemetry.aliases import (
    NOT_FROM_FILES,
    TIME_FIELD,
    Header,
    Sign,
    is_unit_of,
    known_headers,
    read_header,
)
from tools.telemetry.fields import all_fields, field_facts
from tools.telemetry.names import plain
from tools.telemetry.units import known_units

_DAYS = ("date", "datum", "day")
_CLOCKS = ("time", "zeit", "uhrzeit", "clock", "timeofday")


@dataclass(frozen=True)
class Choice:
    """A column, the field it holds, and how: `unit` is "" where neither header nor asker says one."""

    column: str
    field: str
    unit: str
    sign: Sign


@dataclass(frozen=True)
class Columns:
    """What each column of a file is used for. `day` is the column of the date where time of day stands apart."""

    time: Choice
    day: str | None
    values: tuple[Choice, ...]
    ignored: Mapping[str, str]


def choose_columns(headers: Sequence[str], mapping: Mapping[str, str]) -> Columns:
    """What each column is used for.

    Args:
        headers: the columns of the file.
        mapping: column to "field", "field:unit", "-field" or "-field:unit", as in {"I": "-string_current_a:mA"}.

    Raises:
        ImportFileError: a mapping that names no column or field, two columns for a field, no time, or no value.
    """
    said = [_said(headers, column, target) for column, target in mapping.items()]
    for choice in said:
        _check_once(choice, said)
    chosen = {choice.field: [choice] for choice in said}
    ignored: dict[str, str] = {}
    found: dict[str, list[tuple[str, Header]]] = {}
    for column in headers:
        if column in {choice.column for choice in said}:
            continue
        header = read_header(column)
        reason = _why_ignored(header, chosen)
        if header is None or reason:
            ignored[column] = reason
        else:
            found.setdefault(header.field, []).append((column, header))
    for field, candidates in found.items():
        kept = _best(field, candidates)
        ignored |= {
            column: f"{kept[0][0]} is used for {field}" for column, _ in candidates if (column, _) not in kept
        }
        chosen[field] = [Choice(column, field, header.unit, header.sign) for column, header in kept]
    return _arranged(headers, chosen, ignored)


def _said(headers: Sequence[str], column: str, target: str) -> Choice:
    """What the asker says of one column."""
    matches = [name for name in headers if name == column] or [
        name for name in headers if plain(name) == plain(column)
    ]
    if len(matches) != 1:
        nearest = [match for match, _, _ in process.extract(column, list(headers), limit=3)]
        raise ImportFileError(
            f"The file has no column {column!r} to map.",
            f"Nearest: {', '.join(nearest)}. Columns: {', '.join(headers)}.",
        )
    name, _, unit = target.strip().partition(":")
    field = name.strip().removeprefix("-")
    try:
        facts = field_facts(field)
    except UnknownFieldError as error:
        raise ImportFileError(f"Column {column!r} is mapped to {field!r}, which is no field.", error.hint) from error
    if field in NOT_FROM_FILES:
        raise ImportFileError(
            f"{field} is not read from a file.", "It follows from --device, --site, --cells and --capacity."
        )
    if unit and not is_unit_of(unit, field):
        units = "s, ms, us, ns, UTC, day-first, month-first" if facts.kind == "time" else known_units(facts.unit)
        known = units if isinstance(units, str) else ", ".join(units)
        raise ImportFileError(f"{field} cannot be read in {unit!r}.", f"Units for it: {known or 'none'}.")
    return Choice(matches[0], field, unit.strip(), "turned" if name.strip().startswith("-") else "as it is")


def _check_once(choice: Choice, said: Sequence[Choice]) -> None:
    rivals = [other.column for other in said if other.field == choice.field]
    if len(rivals) > 1:
        raise ImportFileError(f"{' and '.join(rivals)} are both mapped to {choice.field}.", "Map one of them.")


def _why_ignored(header: Header | None, chosen: Mapping[str, Sequence[Choice]]) -> str:
    if header is None:
        return "no name we know"
    if header.field in NOT_FROM_FILES:
        return "follows from the device and the site"
    if header.field in chosen:
        return f"{chosen[header.field][0].column} is mapped to {header.field}"
    if header.unit and not is_unit_of(header.unit, header.field):
        return f"{header.unit!r} is no unit of {header.field} we know"
    return ""


def _best(field: str, candidates: Sequence[tuple[str, Header]]) -> Sequence[tuple[str, Header]]:
    """The column to use of those that stand for one field; charging and discharging may stand apart."""
    for is_better in (
        lambda header: header.is_exact,
        lambda header: header.unit == "UTC",
        lambda header: not header.is_one_way,
    ):
        better = [candidate for candidate in candidates if is_better(candidate[1])]
        if len(better) == 1:
            return better
    if len(candidates) == 1:
        return candidates
    signs = sorted(header.sign for _, header in candidates)
    if signs == ["as it is", "discharge is positive"] and all(header.is_one_way for _, header in candidates):
        return candidates
    names = [column for column, _ in candidates]
    raise ImportFileError(
        f"{' and '.join(names)} could all be {field}.", f'Choose one, for example --map "{names[0]}={field}".'
    )


def _arranged(headers: Sequence[str], chosen: dict[str, list[Choice]], ignored: dict[str, str]) -> Columns:
    days = [column for column in headers if plain(column) in _DAYS and column in ignored]
    time = chosen.pop(TIME_FIELD, [])
    day = None
    if not time and days:
        time = [Choice(days[0], TIME_FIELD, "", "as it is")]
        del ignored[days[0]]
    elif time and days and plain(time[0].column) in _CLOCKS:
        day = days[0]
        del ignored[day]
    listed = f"The file has: {', '.join(headers)}."
    if not time:
        raise ImportFileError(
            f"No column of times was found. {listed}",
            f'Known: {known_headers((TIME_FIELD,))}. Or say it: --map "COLUMN={TIME_FIELD}".',
        )
    values = tuple(choice for field in all_fields() for choice in chosen.get(field, ()))
    if not any(choice.field != "received_utc" for choice in values):
        raise ImportFileError(
            f"No column of measured values was found. {listed}",
            f"Known, for example: {known_headers()}. Or say it: --map COLUMN=FIELD.",
        )
    return Columns(time[0], day, values, ignored)
