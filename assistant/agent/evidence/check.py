"""Binds every number, time and claim in words of an answer to this turn's tool results, or withholds its sentence.

Figures are compared, never computed: differences and percentages come from tools.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from assistant.agent.answer import EvidenceLink
from assistant.agent.evidence.absences import unsupported_absences
from assistant.agent.evidence.assertions import plain
from assistant.agent.evidence.binding import is_said_to_be_limit, supporting_entry
from assistant.agent.evidence.claims import LIST_NUMBER, NAME, NUMBER, number_of, sentences_of, unit_of
from assistant.agent.evidence.conditions import unsupported_conditions
from assistant.agent.evidence.crossings import bears_out_bound
from assistant.agent.evidence.deeds import done_in, reported_in, unsupported_deeds, without_quotes
from assistant.agent.evidence.directions import unsupported_directions
from assistant.agent.evidence.durations import compound_durations, entry_lasting, is_window_length
from assistant.agent.evidence.entries import Entry, entries_of
from assistant.agent.evidence.facts import Fact, facts_of
from assistant.agent.evidence.leaders import unsupported_leaders
from assistant.agent.evidence.moments import entry_at, moments_in
from assistant.agent.evidence.multiples import unsupported_multiples
from assistant.agent.evidence.names import unsupported_cells, unsupported_names, unsupported_reach, words_of
from assistant.agent.evidence.quotations import call_quoting, judge_line
from assistant.agent.evidence.records import Record, records_of
from assistant.agent.evidence.said_windows import said_windows, unsupported_windows
from assistant.agent.evidence.scope import Scope, scope_of
from assistant.agent.evidence.states import unsupported_states
from assistant.agent.turn import CallRecord

# What a manual prescribes may be told in one's own words; it is no figure of the fleet.
_RULE = re.compile(r"\b(?:may|must|should|shall|has to|have to|once|until|says?|when|never|always)\b", re.IGNORECASE)
_EXAMPLE = re.compile(r"“[^”]*”")
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
    """What the claims of an answer are held against; `said` is every word of the results, `reported` without plans."""

    calls: Sequence[CallRecord]
    entries: Sequence[Entry]
    facts: Sequence[Fact]
    records: Sequence[Record]
    names: set[str]
    said: str
    reported: str
    done: Sequence[str]
    question: str
    time_zone: str
    asked: datetime | None


def _turn_evidence(
    calls: Sequence[CallRecord], question: str, time_zone: str, asked: datetime | None
) -> _TurnEvidence:
    # How long a list is supports a count only where no figure does.
    entries = sorted((entry for call in calls for entry in entries_of(call)), key=lambda entry: entry.is_length)
    # Sites and devices have a capital; what else results name, a driver or an alarm, is no place.
    places = {entry.name for entry in entries if entry.name and entry.name[0].isupper() and not entry.name.isupper()}
    names = places | {entry.device_id for entry in entries if entry.device_id}
    asked_about = {device for call in calls for device in getattr(getattr(call.result, "asked", None), "devices", ())}
    said = "\n".join([words_of(calls), *sorted(names | asked_about)])
    return _TurnEvidence(
        calls,
        entries,
        facts_of(calls),
        records_of(calls),
        names,
        said,
        reported_in(calls),
        done_in(calls),
        question,
        time_zone,
        asked,
    )


def _check(sentence: str, turn: _TurnEvidence) -> tuple[list[EvidenceLink], list[str]]:
    """The links of a sentence, and its claims in figures and in words that nothing bears out."""
    if not turn.calls:
        # Where nothing was looked up, what stands between quotation marks is a question one may ask.
        sentence = _EXAMPLE.sub(lambda found: "·" * len(found.group()), sentence)
    windows = said_windows(sentence, turn.asked, turn.time_zone)
    links, missing = _check_figures(sentence, scope_of(sentence, turn.names, windows), turn)
    said = turn.said.lower()
    for part in _contrasted(sentence):
        scope = scope_of(part, turn.names)
        # What a result says in its own words may be said after it.
        missing += [claim for claim in _word_claims(part, scope, turn) if claim.lower().strip() not in said]
        missing += unsupported_states(part, turn.records, scope, said + turn.question.lower())
    missing += unsupported_names(sentence, turn.question, turn.said)
    missing += unsupported_cells(sentence, turn.question, turn.entries, turn.records)
    missing += unsupported_reach(sentence, turn.calls)
    missing += unsupported_windows(sentence, windows, turn.question, turn.entries)
    missing += unsupported_deeds(without_quotes(sentence, turn.said), turn.reported, turn.done)
    return links, missing


def _contrasted(sentence: str) -> list[str]:
    """The parts of a sentence that "but" and its like hold against each other, each about its own devices."""
    return re.split(r";|\b(?:but|while|whereas|though|although)\b", plain(sentence))


def _word_claims(part: str, scope: Scope, turn: _TurnEvidence) -> list[str]:
    return [
        *unsupported_leaders(part, turn.entries, turn.names),
        *unsupported_directions(part, turn.facts, scope),
        *unsupported_absences(part, turn.facts, scope),
        *unsupported_conditions(part, turn.facts, scope),
        *unsupported_multiples(part, turn.entries),
    ]


def _check_figures(sentence: str, scope: Scope, turn: _TurnEvidence) -> tuple[list[EvidenceLink], list[str]]:
    links: list[EvidenceLink] = []
    missing: list[str] = []
    rest = sentence
    for moment in moments_in(sentence):
        rest = _without(moment.start, moment.end, rest)
        entry = entry_at(moment, sentence, scope, turn.entries, turn.time_zone)
        if entry is not None:
            links.append(_link(moment.text, entry))
        elif moment.text.lower() in turn.question.lower():
            links.append(_from_question(moment.text))
        else:
            missing.append(moment.text)
    for match, minutes in compound_durations(rest):
        entry = entry_lasting(minutes, turn.entries)
        rest = _without(match.start(), match.end(), rest)
        if entry is None:
            missing.append(match.group().strip())
        else:
            links.append(_link(match.group().strip(), entry))
    for match in NAME.finditer(rest):
        rest = _without(match.start(), match.end(), rest)
    rest = LIST_NUMBER.sub(lambda found: "·" * len(found.group()), rest)
    for match in NUMBER.finditer(rest):
        link = _number_link(match, sentence, scope, turn)
        if link is None:
            missing.append(match.group().strip())
        else:
            links.append(link)
    return links, missing


def _number_link(match: re.Match[str], sentence: str, scope: Scope, turn: _TurnEvidence) -> EvidenceLink | None:
    """What a number is bound to: a bound to the extreme that shows it, any other to its entry or to the question."""
    said = match.group().strip()
    bound = bears_out_bound(match, sentence, scope, turn.entries)
    if bound is False:
        return None
    if isinstance(bound, Entry) and not is_said_to_be_limit(match, sentence):
        return _link(said, bound)
    entry = supporting_entry(match, sentence, scope, turn.entries)
    if entry is not None:
        return _link(said, entry)
    if _in_question(match, turn.question) and not is_said_to_be_limit(match, sentence):
        return _from_question(said)
    if not scope.devices and _RULE.search(sentence) and (source := call_quoting(said, turn.calls)) is not None:
        return EvidenceLink(text=said, value=said, tool_call_id=source.step.id, path="found.passages")
    number = number_of(match)
    if is_window_length(number, unit_of(match, sentence), sentence[: match.start()], turn.entries):
        return _from_question(said)
    return None


def _without(start: int, end: int, text: str) -> str:
    """A text with what was read blotted out, at the same length."""
    return text[:start] + "·" * (end - start) + text[end:]


def _in_question(match: re.Match[str], question: str) -> bool:
    return bool(re.search(rf"(?<![\w.]){re.escape(match['number'])}(?![\d]|\.\d)", question.replace(",", "")))


def _link(text: str, entry: Entry) -> EvidenceLink:
    value = entry.value if isinstance(entry.value, float) else entry.value.isoformat()
    return EvidenceLink(text=text, value=value, unit=entry.unit, tool_call_id=entry.call_id, path=entry.path)


def _from_question(text: str) -> EvidenceLink:
    return EvidenceLink(text=text, value=None, tool_call_id=None, path="question")
