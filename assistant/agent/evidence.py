"""Binds every number, time and leader in an answer to this turn's tool results, or withholds its sentence.

Figures are compared, never computed: differences and percentages come from tools.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.agent.answer import EvidenceLink
from assistant.agent.binding import is_same_time, supporting_entry
from assistant.agent.claims import ISO_DATE, LIST_NUMBER, NAME, NUMBER, TIME, sentences_of
from assistant.agent.deeds import unsupported_deeds
from assistant.agent.entries import Entry, entries_of
from assistant.agent.leaders import unsupported_leaders
from assistant.agent.quotations import judge_line
from assistant.agent.turn import CallRecord

WITHHELD = "I left out a statement that the data of this turn does not support."


@dataclass(frozen=True)
class Verdict:
    """The answer that may leave, its links, and the claims that were not supported."""

    text: str
    links: tuple[EvidenceLink, ...]
    unsupported: tuple[str, ...]


def check_answer(text: str, question: str, calls: Sequence[CallRecord], time_zone: str) -> Verdict:
    """Check every line of an answer; lines with an unsupported claim are withheld with one plain sentence."""
    entries = [entry for call in calls for entry in entries_of(call)]
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
        for sentence in sentences_of(line):
            found, missing = _check(sentence, question, entries, devices, time_zone)
            links += found
            missing += unsupported_leaders(sentence, entries)
            missing += unsupported_deeds(sentence, calls)
            unsupported += missing
            if not missing:
                sentences.append(sentence)
        kept.append("".join(sentences))
    result = "\n".join(kept).strip()
    if unsupported:
        result = f"{result}\n\n{WITHHELD}".strip()
    return Verdict(result, tuple(links), tuple(unsupported))


def _check(
    sentence: str, question: str, entries: Sequence[Entry], devices: set[str], time_zone: str
) -> tuple[list[EvidenceLink], list[str]]:
    links: list[EvidenceLink] = []
    missing: list[str] = []
    rest = sentence
    for match in [*TIME.finditer(sentence), *ISO_DATE.finditer(sentence)]:
        rest = rest[: match.start()] + "·" * (match.end() - match.start()) + rest[match.end() :]
        entry = next((one for one in entries if is_same_time(match, one, time_zone)), None)
        if entry is not None:
            links.append(_link(match.group(), entry))
        elif match.group().lower() in question.lower():
            links.append(_from_question(match.group()))
        else:
            missing.append(match.group())
    for match in NAME.finditer(rest):
        rest = rest[: match.start()] + "·" * (match.end() - match.start()) + rest[match.end() :]
    rest = LIST_NUMBER.sub(lambda found: "·" * len(found.group()), rest)
    named = [
        (match.start(), match.group())
        for match in re.finditer(r"\b[A-Z]\w*\d+\b", sentence)
        if match.group() in devices
    ]
    for match in NUMBER.finditer(rest):
        entry = supporting_entry(match, sentence, named, entries)
        if entry is not None:
            links.append(_link(match.group().strip(), entry))
        elif _in_question(match, question):
            links.append(_from_question(match.group().strip()))
        else:
            missing.append(match.group().strip())
    return links, missing


def _in_question(match: re.Match[str], question: str) -> bool:
    return bool(re.search(rf"(?<![\d.]){re.escape(match['number'])}(?![\d]|\.\d)", question.replace(",", "")))


def _link(text: str, entry: Entry) -> EvidenceLink:
    value = entry.value if isinstance(entry.value, float) else entry.value.isoformat()
    return EvidenceLink(text=text, value=value, unit=entry.unit, tool_call_id=entry.call_id, path=entry.path)


def _from_question(text: str) -> EvidenceLink:
    return EvidenceLink(text=text, value=None, tool_call_id=None, path="question")
