"""Checks what state something is said to be in and why: "drying out", "still active", "critical", "caused by ...".

A state is supported where one record of the results says it of the device or cell the sentence names.
"""

import re
from collections.abc import Sequence

from assistant.agent.evidence.assertions import assertions
from assistant.agent.evidence.records import Record
from assistant.agent.evidence.scope import Scope, nearest

# What a sentence may say, and what a record that bears it out holds: words of it, or a flag.
_STATES: tuple[tuple[str, str], ...] = (
    (r"drying out|dr(?:y|ied)[- ]out", r"dry"),
    (
        r"(?:beginning |soft |hard |internal )?short(?:ed|[- ]circuit\w*)?(?=[ .,;]*$| (?:circuit|in|on|of|between))",
        r"short",
    ),
    (r"loose|corroded|(?:bad|poor|loose) (?:joint|connection|contact)", r"loose|corroded|joint"),
    (r"(?:is|are|was) in (?:thermal )?runaway", r"runaway"),
    (
        r"sensor (?:has |is |was )?(?:drift\w*|stuck|faulty|failed|wrong|at fault|not answering)|sensor (?:fault|problem)",
        r"sensor",
    ),
    (r"charger (?:is |was )?(?:at fault|faulty|to blame)", r"\bcharger\b"),
    (r"(?:battery|cell) (?:is|was|itself is) (?:at fault|to blame)", r"\bbattery\b"),
    (r"(?:lost|missing) (?:a |one |two )?(?:rectifier )?modules?", r"module"),
    (r"(?:has|have|is|are) (?:failed|failing|broken|defective)|must be replaced", r"fail|fault|short|replace|act\b"),
    (r"anomalous", r"likely|certain"),
    (r"(?:is|are|was|were) critical|critical (?:alert|alarm)", r"critical"),
    (r"(?:is|are|was|were) major|major (?:alert|alarm)", r"major"),
    (r"(?:is|are|was|were|graded) minor|minor (?:alert|alarm)", r"minor"),
    (r"(?:has|have|had|was|were|is) (?:since )?cleared", r"cleared"),
    (r"(?:still|is|are) (?:active|standing|open)\b", r"active|acknowledged|standing"),
    (r"(?:is|are|was|were|been) acknowledged", r"acknowledged"),
    (r"still going on|ongoing|not over|under way", r"flag:not is_over"),
    (r"(?:is|are) (?:currently |now )?discharging", r"flag:is_discharging|discharg"),
    (
        r"still (?:offline|silent)|not answering|lost (?:its|the) link|(?:link|connection) .{0,12}(?:degraded|lost|down)",
        r"flag:is_stale|lost|degraded|not heard|stale",
    ),
    (r"needs? (?:attention|action)", r"\b(?:act|plan|watch)\b"),
    (r"brownouts?", r"brownout"),
    (r"generator", r"generator"),
    (r"well balanced|in balance", r"balanced"),
    (r"dangerous(?:ly)?", r"danger"),
    (
        r"recover(?:ed|ing|s)|improv(?:ed|ing|es)|getting (?:better|worse)|worsen(?:ed|ing|s)?|deteriorat\w+",
        r"recover|improv|worse|deteriorat",
    ),
    (
        r"measured in a (?:capacity|discharge) test|from a (?:deep )?(?:capacity|discharge) test",
        r"capacity test|discharge test",
    ),
    (r"(?:the )?data of .{1,30} (?:is|was|are) complete|complete data", r"complete"),
)  # fmt: skip
_CODE = re.compile(r"\b[A-Z]{4,}(?:_[A-Z]+)*\b")
_CAUSE = re.compile(
    r"\b(?:caused by|because(?: of)?|due to|owing to|thanks to|as a result of|comes? from|came from|were about)\b"
    r"(?P<cause>[^.;]*)",
    re.IGNORECASE,
)
_CONTENT = re.compile(r"[a-z]{4,}", re.IGNORECASE)
_EMPTY = frozenset(
    [
        "that",
        "this",
        "these",
        "those",
        "with",
        "from",
        "have",
        "been",
        "were",
        "will",
        "which",
        "their",
        "there",
        "since",
        "after",
        "about",
        "only",
        "more",
        "than",
        "other",
        "high",
        "very",
        "most",
        "some",
        "such",
        "into",
        "onto",
        "over",
        "under",
        "data",
        "result",
        "results",
    ]
)


def unsupported_states(sentence: str, records: Sequence[Record], scope: Scope, said: str) -> list[str]:
    """The states and causes a sentence states that no record of this turn bears out.

    Args:
        said: the words of all results and of the question, in lower case.
    """
    found = []
    for words, proof in _STATES:
        for _, claim in assertions(re.compile(rf"\b(?:{words})", re.IGNORECASE), sentence):
            places = nearest(scope.named, claim.start, claim.start + len(claim.text), sentence)
            is_shown = any(_says(one, proof) for one in _about(records, scope, places, sentence))
            if is_shown == claim.is_denied and not (claim.is_denied and proof == "complete"):
                found.append(claim.text)
    # Why the assistant itself stops or leaves out is no claim of the fleet.
    for match, _ in () if re.match(r"\W*I\b", sentence) else assertions(_CAUSE, sentence):
        causes = [word.lower() for word in _CONTENT.findall(match["cause"]) if word.lower() not in _EMPTY]
        if causes and not any(word.rstrip("s") in said for word in causes):
            found.append(match.group())
    return found


def _about(records: Sequence[Record], scope: Scope, places: frozenset[str], sentence: str) -> list[Record]:
    """The records of the devices, the cells and the alarms a sentence names."""
    found = [one for one in records if _is_of(one, scope, places)]
    codes = [code.lower().replace("_", " ") for code in _CODE.findall(sentence)]
    coded = [one for one in found if any(code in one.words for code in codes)]
    return coded or found


def _is_of(record: Record, scope: Scope, places: frozenset[str]) -> bool:
    if record.device_id is not None and not scope.may_be(places, record.device_id, None):
        return False
    return not scope.cells or record.cell_no is None or record.cell_no in {cell for _, cell in scope.cells}


def _says(record: Record, proof: str) -> bool:
    flags = re.findall(r"flag:([\w ]+)", proof)
    words = "|".join(one for one in proof.split("|") if not one.startswith("flag:"))
    return any(flag in record.flags for flag in flags) or bool(words and re.search(words, record.words))
