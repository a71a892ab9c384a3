"""Checks what is said to be in order or not: "D03 is healthy", "all within limits", "D05 is failing"."""

import re
from collections.abc import Sequence

from assistant.agent.evidence.assertions import assertions
from assistant.agent.evidence.facts import Fact, HowMany, InOrder
from assistant.agent.evidence.scope import Scope

_IS = r"\b(?:is|are|was|were|looks?|looked|seems?|remain(?:s|ed)?|stay(?:s|ed)?|been|all|runs?|reads?)"
_ADVERB = r"(?: (?:all|both|still|also|now|currently|perfectly|completely|very|quite|well|always|in a|not|\w+ly))*"
_GOOD = re.compile(
    rf"{_IS}{_ADVERB} (?:normal|healthy|fine|in order|okay|OK|all right|alright|nominal|in good (?:health|condition|shape)|"
    r"(?:with)?in(?:side)? (?:its|their|the)?(?: [a-z-]+){0,2}? ?(?:limits?|range|ranges|band))\b",
    re.IGNORECASE,
)
_BAD = re.compile(
    rf"{_IS}{_ADVERB} (?:unhealthy|abnormal|faulty|failing|overheating|in trouble|in poor (?:health|condition)|"
    r"out of (?:its |their |the )?(?:range|limits?)|outside (?:its|their|the) [a-z -]*?(?:limits?|range))\b",
    re.IGNORECASE,
)
_EVERYTHING = re.compile(r"\b(?:all|everything|every|each|whole|entire|fleet|both|neither|none)\b", re.IGNORECASE)


def unsupported_conditions(sentence: str, facts: Sequence[Fact], scope: Scope) -> list[str]:
    """The conditions a sentence states that no result of this turn bears out."""
    found = []
    for pattern, is_good in ((_GOOD, True), (_BAD, False)):
        for match, said in assertions(pattern, sentence):
            claims_good = is_good != said.is_denied
            everything = bool(_EVERYTHING.search(said.before + match.group())) and not scope.devices
            if not _holds(facts, scope, claims_good=claims_good, everything=everything):
                found.append(said.text)
    return found


def _holds(facts: Sequence[Fact], scope: Scope, *, claims_good: bool, everything: bool) -> bool:
    judged = [one for one in facts if isinstance(one, InOrder) and scope.covers(one.device_id, one.field)]
    # A sentence that names a field is about that field, one that names none about the whole device, where either was judged.
    nearest = [one for one in judged if (one.field in scope.fields if scope.fields else one.field is None)]
    good = [one.is_good for one in nearest or judged]
    if not claims_good:
        counted = any(
            isinstance(one, HowMany) and one.count > 0 and (not scope.devices or one.devices <= scope.devices)
            for one in facts
        )
        return counted or not all(good)
    if not good:
        return False
    # One device that is named has to be in order in all that was judged; of what is not named, something has to be.
    return all(good) if everything or scope.devices else any(good)
