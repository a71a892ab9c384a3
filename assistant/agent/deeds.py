"""Finds sentences that say something was done, where nothing in this turn did it."""

import json
import re
from collections.abc import Sequence

from assistant.agent.claims import sentences_of
from assistant.agent.turn import CallRecord

_DEEDS = (
    r"acknowledged|approved|rejected|retrained|trained|(?:re)?deployed|rolled back|restarted|rebooted|reset|set|created|"
    r"changed|adjusted|updated|raised|lowered|disabled|enabled|silenced|muted|closed|resolved|fixed|repaired|replaced|"
    r"ordered|scheduled|booked|logged|recorded|written|wrote|sent|notified|informed|alerted|emailed|contacted|assigned|"
    r"dispatched|deleted|removed|undone"
)
_HOW = r"(?: (?:just|now|already|also|successfully|hereby))*"
# "I have acknowledged it": nobody else can have done that. "I started by looking at D03" is no deed, "I have started" is.
_BY_ME = re.compile(
    rf"\b(?:I|we){_HOW} (?:{_DEEDS})\b|\b(?:I|we)(?:['’]ve| have){_HOW} (?:{_DEEDS}|started|stopped|done)\b",
    re.IGNORECASE,
)
# "The alert has been acknowledged": a result may say so too.
_TO_IT = re.compile(
    rf"\b(?:has|have){_HOW} been{_HOW} (?P<one>{_DEEDS}|started|stopped)\b|"
    rf"\b(?:is|are|was|were) (?:now|successfully|hereby) (?P<other>{_DEEDS}|started|stopped)\b",
    re.IGNORECASE,
)
_DONE = re.compile(r"^\W*(?:done|all set|success|successfully|it is done|it's done)\b", re.IGNORECASE)
_DENIAL = re.compile(r"\b(?:not|no|none|never|nothing|cannot|neither)\b|n['’]t\b", re.IGNORECASE)
# "acknowledged" in a sentence, "acknowledged_by" or "acknowledge" in a result.
_STEM = 5
# What the result of an action says once it took effect.
_EFFECTIVE = frozenset({"done", "succeeded"})


def false_deeds(text: str, calls: Sequence[CallRecord]) -> list[str]:
    """The sentences that claim a deed no result of this turn speaks of; quotations are left alone."""
    if any(_took_effect(call) for call in calls):
        return []
    told = _told(calls) if _TO_IT.search(text) else ""
    return [
        sentence
        for line in text.split("\n")
        if not line.startswith(">")
        for sentence in sentences_of(line)
        if _claims_deed(sentence, told)
    ]


def _claims_deed(sentence: str, told: str) -> bool:
    if _DENIAL.search(sentence):
        return False
    if _DONE.match(sentence) or _BY_ME.search(sentence):
        return True
    verbs = [(match["one"] or match["other"]).lower() for match in _TO_IT.finditer(sentence)]
    return any(verb[:_STEM] not in told for verb in verbs)


def _told(calls: Sequence[CallRecord]) -> str:
    return json.dumps([call.step.result for call in calls if call.result is not None], ensure_ascii=False).lower()


def _took_effect(call: CallRecord) -> bool:
    result = call.step.result
    return isinstance(result, dict) and "action" in result and result.get("status") in _EFFECTIVE
