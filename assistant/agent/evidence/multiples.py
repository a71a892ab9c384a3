"""Checks ratios said in words: "twice the capacity", "half as much", "three times the load"."""

import re
from collections.abc import Sequence

from assistant.agent.evidence.assertions import assertions
from assistant.agent.evidence.entries import Entry

_WORDS = {"twice": 2.0, "double": 2.0, "half": 0.5, "three": 3.0, "four": 4.0, "five": 5.0, "ten": 10.0, "two": 2.0}
_MULTIPLE = re.compile(
    rf"\b(?P<word>twice|double|half|(?:{'|'.join(_WORDS)}) times) "
    r"(?:the \w+ of|as (?:much|many|high|large|big|old|long)|that of)",
    re.IGNORECASE,
)


def unsupported_multiples(sentence: str, entries: Sequence[Entry]) -> list[str]:
    """The ratios a sentence states in words that no ratio of this turn bears out."""
    ratios = [entry.value for entry in entries if entry.statistic == "ratio" and isinstance(entry.value, float)]
    found = []
    for match, claim in assertions(_MULTIPLE, sentence):
        said = _WORDS[match["word"].lower().split()[0]]
        if not any(ratio and min(abs(ratio / said - 1), abs(1 / ratio / said - 1)) < 0.05 for ratio in ratios):
            found.append(claim.text)
    return found
