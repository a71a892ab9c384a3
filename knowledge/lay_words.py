"""Puts a question into the words of the manuals: a jar is a cell, a bank is a string, and T_HIGH is a hot post."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml

LAY_WORDS = Path(__file__).with_suffix(".yaml")


def in_manual_words(question: str, alarms: Mapping[str, str]) -> str:
    """The question with lay words replaced, and the names of alarms by what they mean."""
    named = _names_of(frozenset(alarms)).sub(lambda match: alarms[match.group()], question)
    manual = _manual_words()
    return _lay_words().sub(lambda match: manual[match.group().lower()], named)


def alarms_named(question: str, alarms: Mapping[str, str]) -> frozenset[str]:
    """The alarms a question names as the alarm list does, in capitals."""
    return frozenset(_names_of(frozenset(alarms)).findall(question))


@cache
def _manual_words() -> dict[str, str]:
    said = yaml.safe_load(LAY_WORDS.read_text(encoding="utf-8"))
    return {lay.lower(): manual for manual, several in said.items() for lay in several}


@cache
def _lay_words() -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-])(?:{_longest_first(_manual_words())})(?![\w-])", re.IGNORECASE)


@cache
def _names_of(alarms: frozenset[str]) -> re.Pattern[str]:
    # No alarm at all matches nothing, where an empty choice would match everywhere.
    return re.compile(rf"(?<!\w)(?:{_longest_first(alarms)})(?!\w)" if alarms else r"(?!)")


def _longest_first(words: Mapping[str, str] | frozenset[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word)))
