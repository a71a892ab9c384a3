"""Right answers made wrong: one number of an answer swapped for another figure of the same database."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from evals.transcript import PlayedTurn
from tools.database import Database

DEVICES = ("D01", "D02", "D03", "D04", "D05", "D06", "D07", "D08")
_DEVICE = re.compile(r"'(D\d\d)'")
_NUMBER = re.compile(r"(?<![\w.,:/-])[-−]?\d+(?:\.\d+)?(?= ?(?:V|A|%|°C|mV|Hz|h|Ah)\b|\*| ?°C| ?%)")
_OTHER_STATISTIC = {"AVG(": "MAX(", "MAX(": "MIN(", "MIN(": "MAX("}
_OTHER_UNIT = {"V": "A", "A": "V", "°C": "%", "%": "°C"}


@dataclass(frozen=True)
class Swap:
    """An answer with one number that is no longer right, and how it was made."""

    kind: str
    text: str


def swaps_of(played: PlayedTurn, database: Database) -> Iterator[Swap]:
    """Every swap an answer allows: another device, another statistic, another unit."""
    if played.answer is None or len(played.expected) != 1 or not isinstance(played.expected[0], int | float):
        return
    value, text = played.turn.values[0], played.answer.answer
    number = _number_of(text, float(played.expected[0]))
    if number is None:
        return
    for kind, sql in _other_queries(value.sql):
        other = _value_of(database, sql)
        places = len(number.group().partition(".")[2])
        said = None if other is None else f"{other:.{places}f}"
        if said is not None and said.lstrip("-") != number.group().lstrip("-−"):
            yield Swap(kind, text[: number.start()] + said + text[number.end() :])
    unit = re.match(r"\s?(V|A|°C|%)(?!\w)", text[number.end() :])
    if unit:
        end = number.end() + unit.end()
        yield Swap("unit", f"{text[: number.end()]} {_OTHER_UNIT[unit[1]]}{text[end:]}")


def _number_of(text: str, expected: float) -> re.Match[str] | None:
    """Where an answer states the expected value, at its printed precision."""
    for match in _NUMBER.finditer(text):
        said = match.group().replace("−", "-")
        if abs(float(said) - expected) <= 0.5 * 10 ** -len(said.partition(".")[2]) + 1e-9:
            return match
    return None


def _other_queries(sql: str) -> Iterator[tuple[str, str]]:
    devices = set(_DEVICE.findall(sql))
    if len(devices) == 1:
        own = devices.pop()
        for other in DEVICES:
            if other != own:
                yield "device", sql.replace(f"'{own}'", f"'{other}'")
    for statistic, other in _OTHER_STATISTIC.items():
        if sql.upper().count(statistic) == 1:
            yield "statistic", re.sub(re.escape(statistic), other, sql, flags=re.IGNORECASE)


def _value_of(database: Database, sql: str) -> float | None:
    with database.read() as connection:
        value = connection.execute(sa.text(sql)).scalar()
    return float(value) if isinstance(value, int | float) else None
