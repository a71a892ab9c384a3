"""Checks what the assistant says it has done: nothing is said to be done that the ledger does not hold.

A brain never does anything itself, and a plan is no deed. In a turn in which no plan was carried out "done", "I have
acknowledged it" and "the limit is now changed" are false; what others did before may be reported.
"""

import re
from collections.abc import Sequence

from assistant.agent.evidence.names import words_of
from assistant.agent.turn import CallRecord
from tools.actions.plan import Decided, PlannedAction

# Asking, reading, leaving out and planning are what a turn does anyway.
_READING = (
    r"looked|stopped|checked|read|found|compared|searched|asked|left|counted|seen|understood|taken|used|judged|no|not|only|"
    r"answered|shown|listed|given|made sure|assumed|have|had|planned|proposed|prepared"
)
_ACTION = (
    r"acknowledged|acked|changed|replaced|ordered|scheduled|closed|opened|created|logged|switched|reset|restarted|deployed|"
    r"retrained|rolled back|undone|reverted|set|raised|lowered|adjusted|updated|increased|reduced|approved|executed|silenced|"
    r"submitted|taken back|carried out|applied"
)
_MADE_A_PLAN = r"(?!\s+(?:a|an|the|this|your)\s+(?:[a-z]+\s+)?(?:plan|request|proposal)\b)"
_DEEDS = (
    re.compile(
        rf"\bI(?:['’]ve| have)? (?:just |already |also |now |successfully )*(?!(?:{_READING})\b|stopped,)"
        r"(?P<verb>[a-z]+ed|put|set|sent|reset|shut|cut|ran|undone|rolled back)\b(?! to (?:help|be))" + _MADE_A_PLAN
    ),
    re.compile(rf"(?i:\bwe(?:['’]ve| have) (?:just |now |successfully )*(?:{_ACTION})\b){_MADE_A_PLAN}"),
    re.compile(rf"(?i:\bsuccessfully (?:{_ACTION})\b|\b(?:{_ACTION}) successfully\b)"),
    re.compile(r"(?i:\b(?:it|that|this|everything|all)(?:['’]s| is| are| has been| have been) (?:now |all )*done\b)"),
    re.compile(r"(?i:\b(?:has|have) taken effect\b|\bis now in (?:effect|force)\b|\btook effect\b)"),
    # A sentence that begins with the deed leaves out who did it.
    re.compile(rf"^\W*(?i:{_ACTION})(?= (?:\d|the\b|all\b|both\b|your\b|alerts?\b|alarms?\b|cells?\b|it\b|that\b))"),
)
_DONE = re.compile(
    rf"\b(?:has|have) (?:now |just |already )*been (?:now |successfully )*(?:{_ACTION})\b|"
    rf"\b(?:is|are) now (?:{_ACTION})\b|^\W*(?:all )?done\b",
    re.IGNORECASE,
)
_NOT_DONE = re.compile(r"\b(?:none|not|never|nothing|no|once|if|when|until|after)\b", re.IGNORECASE)


def unsupported_deeds(sentence: str, said: str, done: Sequence[str]) -> list[str]:
    """The deeds a sentence claims that nothing of this turn did.

    Args:
        said: every word of the turn's results but plans: what a result reports was done by someone else.
        done: what the ledger says was done in this turn, in words.
    """
    if done:
        return []
    found = [
        match.group()
        for pattern in _DEEDS
        for match in pattern.finditer(sentence)
        if not _NOT_DONE.search(sentence, 0, match.start())
    ]
    for match in _DONE.finditer(sentence):
        if _NOT_DONE.search(sentence, 0, match.start()):
            continue
        verb = match.group().split()[-1].lower()
        if not re.search(rf"\b{verb}", said, re.IGNORECASE):
            found.append(match.group())
    return found


def without_quotes(sentence: str, said: str) -> str:
    """A sentence without what it quotes from a result: the note somebody wrote is no claim of the assistant's."""
    return re.sub(r"“([^”]+)”", lambda quote: "" if quote[1] in said else quote[0], sentence)


def done_in(calls: Sequence[CallRecord]) -> list[str]:
    """What was carried out in this turn, as the ledger says it."""
    return [call.result.entry.means for call in calls if isinstance(call.result, Decided) and call.result.entry]


def reported_in(calls: Sequence[CallRecord]) -> str:
    """Every word of what was read in this turn. A plan tells what would be done, so its words report no deed."""
    return words_of([call for call in calls if not isinstance(call.result, PlannedAction)])
