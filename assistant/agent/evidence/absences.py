"""Checks what is said to be absent or counted in words: "no alerts", "nothing unusual", "two outages"."""

import re
from collections.abc import Sequence

from assistant.agent.evidence.assertions import assertions
from assistant.agent.evidence.facts import Fact, HowMany, InOrder
from assistant.agent.evidence.scope import Scope

_NOUNS = (
    r"(?P<noun>alerts?|alarms?|anomal(?:y|ies)|faults?|problems?|issues?|outages?|power cuts?|blackouts?|mains failures?|"
    r"interruptions?|deep discharges?|discharges?|boosts?(?: charges?)?|violations?|excursions?|breach(?:es)?|gaps?|"
    r"brownouts?)\b"
)
_KIND = (
    r"(?P<kind>active|open|standing|critical|major|minor|info|battery|sensor|charger|communication|site|"
    r"[a-z]+(?!s\b))"
)
_NONE = re.compile(
    rf"\b(?:no|zero|not any|without any|not a single|not one|free of(?: any)?|never had (?:a|an|any))\b "
    rf"(?:(?:other|further|such|new|known|recorded|recent|logged|mains|{_KIND}) ){{0,3}}{_NOUNS}",
    re.IGNORECASE,
)
_NEVER = re.compile(
    r"\b(?:was|were|has been|have been|had been) (?:never|not) (?P<noun>boosted|discharged|interrupted)\b",
    re.IGNORECASE,
)
_NOTHING = re.compile(
    r"\b(?:nothing|none)\b(?: \w+){0,4}? (?P<noun>unusual|abnormal|wrong|outside|went off|raised)\b", re.IGNORECASE
)
_WORDS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_NUMBERS = {word: number for number, word in enumerate(_WORDS, start=1)}
_COUNTED = re.compile(
    rf"\b(?P<number>{'|'.join(_NUMBERS)})\b (?:(?:separate|different|more|other|mains|{_KIND}) ){{0,2}}{_NOUNS}",
    re.IGNORECASE,
)
# "No discharge deeper than 20 %" and "two outages on 28 March" are counts of some, which their figures decide.
_QUALIFIED = re.compile(
    r" (?:deeper|longer|shorter|above|below|over|under|of more|of less|was (?:longer|deeper|shorter))\b",
    re.IGNORECASE,
)
_ON_A_DAY = re.compile(r"\b(?:on|since|from) \d{1,2}\b|\b\d{1,2} [A-Z][a-z]{2}")


def unsupported_absences(sentence: str, facts: Sequence[Fact], scope: Scope) -> list[str]:
    """The absences and spelt-out counts a sentence states that no result of this turn bears out."""
    found = []
    for pattern in (_NONE, _NOTHING, _NEVER):
        for match, said in assertions(pattern, sentence):
            if not _QUALIFIED.match(said.after) and not _is_count(match, 0, facts, scope):
                found.append(said.text)
    for match, said in assertions(_COUNTED, sentence):
        if _ON_A_DAY.search(said.after) or _QUALIFIED.match(said.after):
            continue
        if not _is_count(match, _NUMBERS[match["number"].lower()], facts, scope):
            found.append(said.text)
    return found


def _is_count(match: re.Match[str], wanted: int, facts: Sequence[Fact], scope: Scope) -> bool:
    """Whether so many of what the sentence names were found on the devices it is about."""
    noun = _singular(match["noun"].lower())
    kind = (match.groupdict().get("kind") or "").lower()
    named = f"{kind} {noun}"
    counts = [one for one in facts if isinstance(one, HowMany)]
    exact = [one for one in counts if named in one.kinds]
    known = exact or [one for one in counts if noun in one.kinds]
    about = [one for one in known if scope.devices <= one.devices] if scope.devices else known
    # "Three alerts stand" of a list that was asked for those that stand.
    akin = [one for one in counts if any(kind.endswith(noun) for kind in one.kinds)] if wanted and not exact else []
    within = [one for one in akin if not scope.devices or scope.devices <= one.devices]
    if any(one.count == wanted for one in [*about, *within]):
        return True
    if wanted == 0 and noun in ("problem", "issue", "fault") and not known:
        judged = [one for one in facts if isinstance(one, InOrder) and scope.covers(one.device_id, None)]
        return bool(judged) and all(one.is_good for one in judged)
    return False


_BASES = {
    "anomalies": "anomaly", "breaches": "breach", "boosted": "boost", "discharged": "discharge", "interrupted": "outage",
    "went off": "alert", "raised": "alert",
}  # fmt: skip


def _singular(noun: str) -> str:
    if noun in _BASES:
        return _BASES[noun]
    words = noun.split()
    return " ".join(word.removesuffix("s") if len(word) > 3 else word for word in words)
