"""Checks what the assistant says it has done: nothing is said to be done that the ledger does not hold."""

import re
from collections.abc import Sequence

# Asking, reading and leaving out are what a turn does anyway.
_READING = (
    r"looked|stopped|checked|read|found|compared|searched|asked|left|counted|seen|understood|taken|used|judged|no|not|only|"
    r"answered|shown|listed|given|made sure|assumed|have|had"
)
_DEED = re.compile(
    rf"\bI(?:'ve| have)? (?:just |already |also |now )?(?!(?:{_READING})\b)"
    r"(?P<verb>[a-z]+ed|put|set|sent|reset|shut|cut|ran)\b(?! to (?:help|be))"
)
_DONE = re.compile(
    r"\b(?:has|have) (?:now )?been (?:acknowledged|changed|replaced|ordered|scheduled|closed|opened|logged|switched|reset|"
    r"restarted|deployed|retrained|rolled back|undone|set)\b|^\W*done\b",
    re.IGNORECASE,
)

_NOT_DONE = re.compile(r"\b(?:none|not|never|nothing|no|once|if|when|until|after)\b", re.IGNORECASE)


def unsupported_deeds(sentence: str, said: str, done: Sequence[str]) -> list[str]:
    """The deeds a sentence claims that nothing of this turn did.

    Args:
        said: every word of the turn's results: what a result reports was done by someone else.
        done: what the ledger says was done in this turn, in words.
    """
    if done:
        return []
    found = [match.group() for match in _DEED.finditer(sentence)]
    for match in _DONE.finditer(sentence):
        if _NOT_DONE.search(sentence, 0, match.start()):
            continue
        verb = match.group().split()[-1].lower()
        if not re.search(rf"\b{verb}", said, re.IGNORECASE):
            found.append(match.group())
    return found
