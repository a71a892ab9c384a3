"""Checks the names in a sentence: a device the turn did not ask about, a model or document no result mentions."""

import re
from collections.abc import Sequence

from pydantic import JsonValue

from assistant.agent.evidence.assertions import is_assertion
from assistant.agent.evidence.entries import Entry
from assistant.agent.evidence.records import Record
from assistant.agent.turn import CallRecord

_CODE = re.compile(r"\b[A-Z]{2,5}-\d+\b")
_CELL = re.compile(r"\bcell (?:no\.? |number |#)?(\d+)\b", re.IGNORECASE)
_WHOLE = re.compile(
    r"\b(?:of|in|across) (?:the|our|your) (?:whole |entire )?fleet\b|\b(?:the )?(?:whole|entire) fleet\b|\ball your \w+"
)
_A_PAIR = 2
_NOT_ASKED = re.compile(r"\bI (?:have not|haven't|did not|didn't|cannot|can't|do not|don't)\b")
_QUOTED = re.compile(r"[“\"][^”\"]*[”\"]|`[^`]*`")
_DEVICE = re.compile(r"\b[A-Z]{1,3}\d{2,}\b")


def unsupported_names(sentence: str, question: str, said: str) -> list[str]:
    """Devices, battery models and documents a sentence names that stand in no result, no refusal and not in the question.

    What is proposed as a question, or put between quotation marks, claims nothing.
    """
    if not is_assertion(sentence) or _NOT_ASKED.search(sentence):
        return []
    known, claimed = f"{question}\n{said}".lower(), _QUOTED.sub("", sentence)
    names = [*_CODE.findall(claimed), *_DEVICE.findall(claimed)]
    return [name for name in dict.fromkeys(names) if not re.search(rf"\b{re.escape(name.lower())}\b", known)]


def unsupported_cells(sentence: str, question: str, entries: Sequence[Entry], records: Sequence[Record]) -> list[str]:
    """The cells a sentence speaks of that are in no result and not in the question."""
    if not is_assertion(sentence) or _NOT_ASKED.search(sentence):
        return []
    known = {one.cell_no for one in (*entries, *records)}
    found = []
    for match in _CELL.finditer(sentence):
        if int(match[1]) not in known and not re.search(rf"\b{match[1]}\b", question):
            found.append(match.group())
    return found


def unsupported_reach(sentence: str, calls: Sequence[CallRecord]) -> list[str]:
    """What is said of the whole fleet where the turn asked about one or two devices."""
    match = _WHOLE.search(sentence)
    reaches = [len(getattr(getattr(call.result, "asked", None), "devices", ())) for call in calls if call.result]
    if match is None or not reaches or max(reaches) > _A_PAIR or max(reaches) == 0 or not is_assertion(sentence):
        return []
    return [match.group()]


def words_of(calls: Sequence[CallRecord]) -> str:
    """Every word the turn's results and refusals hold."""
    return "\n".join(word for call in calls for word in _words(call.step.result))


def _words(content: JsonValue) -> list[str]:
    if isinstance(content, str):
        return [content]
    if isinstance(content, dict):
        return [word for one in content.values() for word in _words(one)]
    if isinstance(content, list):
        return [word for one in content for word in _words(one)]
    return []
