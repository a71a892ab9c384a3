"""Binds every number, time and claim in words of an answer to this turn's tool results, or withholds its sentence.

Figures are compared, never computed: differences and percentages come from tools.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from assistant.agent.absences import unsupported_absences
from assistant.agent.answer import EvidenceLink
from assistant.agent.assertions import plain
from assistant.agent.binding import Scope, is_same_time, scope_of, supporting_entry
from assistant.agent.claims import ISO_DATE, LIST_NUMBER, NAME, NUMBER, TIME, sentences_of
from assistant.agent.conditions import unsupported_conditions
from assistant.agent.crossings import unsupported_crossings
from assistant.agent.directions import unsupported_directions
from assistant.agent.entries import Entry, entries_of
from assistant.agent.facts import Fact, facts_of
from assistant.agent.leaders import unsupported_leaders
from assistant.agent.quotations import judge_line
from assistant.agent.said_windows import said_window
from assistant.agent.turn import CallRecord

WITHHELD = "I left out a statement that the data of this turn does not support."


@dataclass(frozen=True)
class Verdict:
    """The answer that may leave, its links, and the claims that were not supported."""

    text: str
    links: tuple[EvidenceLink, ...]
    unsupported: tuple[str, ...]


def check_answer(
    text: str, question: str, calls: Sequence[CallRecord], time_zone: str, asked: datetime | None = None
) -> Verdict:
    """Check every line of an answer; lines with an unsupported claim are withheld with one plain sentence.

    Args:
        asked: when the question came; without it words like "yesterday" are not held against a figure's window.
    """
    turn = _turn_evidence(calls, question, time_zone, asked)
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
        for sentence in sentences_of(line):
            found, missing = _check(sentence, turn)
            links += found
            unsupported += missing
            if not missing:
                sentences.append(sentence)
        kept.append("".join(sentences))
    result = "\n".join(kept).strip()
    if unsupported:
        result = f"{result}\n\n{WITHHELD}".strip()
    return Verdict(result, tuple(links), tuple(unsupported))


@dataclass(frozen=True)
class _TurnEvidence:
    """What the claims of an answer are held against."""

    entries: Sequence[Entry]
    facts: Sequence[Fact]
    devices: set[str]
    question: str
    time_zone: str
    asked: datetime | None


def _turn_evidence(
    calls: Sequence[CallRecord], question: str, time_zone: str, asked: datetime | None
) -> _TurnEvidence:
    # How long a list is supports a count only where no figure does.
    entries = sorted((entry for call in calls for entry in entries_of(call)), key=lambda entry: entry.is_length)
    devices = {entry.device_id for entry in entries if entry.device_id}
    for call in calls:
        devices.update(getattr(getattr(call.result, "asked", None), "devices", ()))
    return _TurnEvidence(entries, facts_of(calls), devices, question, time_zone, asked)


def _check(sentence: str, turn: _TurnEvidence) -> tuple[list[EvidenceLink], list[str]]:
    """The links of a sentence, and its claims in figures and in words that nothing bears out."""
    scope = scope_of(sentence, turn.devices, said_window(sentence, turn.asked, turn.time_zone))
    links, missing = _check_figures(sentence, scope, turn)
    words = plain(sentence)
    missing += unsupported_leaders(sentence, turn.entries)
    missing += unsupported_directions(words, turn.facts, scope)
    missing += unsupported_absences(words, turn.facts, scope)
    missing += unsupported_conditions(words, turn.facts, scope)
    missing += unsupported_crossings(words, turn.entries, scope)
    return links, missing


def _check_figures(sentence: str, scope: Scope, turn: _TurnEvidence) -> tuple[list[EvidenceLink], list[str]]:
    links: list[EvidenceLink] = []
    missing: list[str] = []
    rest = sentence
    for match in [*TIME.finditer(sentence), *ISO_DATE.finditer(sentence)]:
        rest = _without(match, rest)
        entry = next((one for one in turn.entries if is_same_time(match, one, turn.time_zone)), None)
        if entry is not None:
            links.append(_link(match.group(), entry))
        elif match.group().lower() in turn.question.lower():
            links.append(_from_question(match.group()))
        else:
            missing.append(match.group())
    for match in NAME.finditer(rest):
        rest = _without(match, rest)
    rest = LIST_NUMBER.sub(lambda found: "·" * len(found.group()), rest)
    for match in NUMBER.finditer(rest):
        entry = supporting_entry(match, sentence, scope, turn.entries)
        if entry is not None:
            links.append(_link(match.group().strip(), entry))
        elif _in_question(match, turn.question):
            links.append(_from_question(match.group().strip()))
        else:
            missing.append(match.group().strip())
    return links, missing


def _without(match: re.Match[str], text: str) -> str:
    """A text with what was read blotted out, at the same length."""
    return text[: match.start()] + "·" * (match.end() - match.start()) + text[match.end() :]


def _in_question(match: re.Match[str], question: str) -> bool:
    return bool(re.search(rf"(?<![\d.]){re.escape(match['number'])}(?![\d]|\.\d)", question.replace(",", "")))


def _link(text: str, entry: Entry) -> EvidenceLink:
    value = entry.value if isinstance(entry.value, float) else entry.value.isoformat()
    return EvidenceLink(text=text, value=value, unit=entry.unit, tool_call_id=entry.call_id, path=entry.path)


def _from_question(text: str) -> EvidenceLink:
    return EvidenceLink(text=text, value=None, tool_call_id=None, path="question")
