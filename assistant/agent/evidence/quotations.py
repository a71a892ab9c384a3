"""Judges quotations in an answer: a passage is evidence for its own words and numbers, and for nothing else.

A line is a quotation where it begins with ">" or stands between quotation marks in a sentence that names its source
as "(MP-08, section Steps, revision 2)". It is held where a passage of this turn says it word for word.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Literal

from assistant.agent.answer import Citation
from assistant.agent.turn import CallRecord
from knowledge.passage import Passage
from tools.consult import ManualAnswer

SOURCE = re.compile(r"\((?P<document>[A-Z][A-Z0-9-]*), section (?P<section>.+?), revision (?P<revision>\d+)[^)]*\)")
_QUOTED = re.compile(r"[“\"]([^“”\"]+)[”\"]")
Verdict = Literal["held", "false", "no quotation"]


def judge_line(line: str, calls: Sequence[CallRecord]) -> Verdict:
    """Whether a line is a quotation or a source, and whether the passages of this turn hold it."""
    if line.startswith(">"):
        said = line.lstrip("> ")
        return "held" if any(_says(one, said) for one in passages_of(calls)) else "false"
    sources = list(SOURCE.finditer(line))
    if not sources:
        return "no quotation"
    cited = [one for match in sources for one in passages_of(calls) if _is_source(match, one)]
    rest = SOURCE.sub("", line)
    quotes = _QUOTED.findall(rest)
    if len(cited) < len(sources) or not all(any(_says(one, quote) for one in cited) for quote in quotes):
        return "false"
    # Numbers beside the quotation need figures of their own.
    return "no quotation" if re.search(r"\d", _QUOTED.sub("", rest)) else "held"


def citations_of(text: str, calls: Sequence[CallRecord]) -> tuple[Citation, ...]:
    """The passages an answer names as its sources, each once."""
    sources = list(SOURCE.finditer(text))
    cited = [one for one in passages_of(calls) if any(_is_source(match, one) for match in sources)]
    return tuple(
        dict.fromkeys(
            Citation(document=one.document, section=one.section, revision=str(one.revision), quote=one.quote)
            for one in cited
        )
    )


def passages_of(calls: Sequence[CallRecord]) -> Iterator[Passage]:
    """Every passage this turn found."""
    for call in calls:
        if isinstance(call.result, ManualAnswer):
            yield from call.result.found.passages


def call_quoting(words: str, calls: Sequence[CallRecord]) -> CallRecord | None:
    """The call one of whose passages says these words, such as "24 hours"."""
    return next((call for call in calls if any(_says(one, words) for one in passages_of([call]))), None)


def _is_source(match: re.Match[str], passage: Passage) -> bool:
    named = (match["document"], _plain(match["section"]), int(match["revision"]))
    return named == (passage.document, _plain(passage.section), passage.revision)


def _says(passage: Passage, said: str) -> bool:
    """Whether whole words of a passage are these, signs and decimals too; line breaks and bold make no difference."""
    wanted = re.escape(_plain(said))
    return re.search(rf"(?<![\w.−-]){wanted}(?!\w|\.\d)", _plain(passage.quote)) is not None


def _plain(text: str) -> str:
    return " ".join(re.sub(r"[*`>]", "", text).split()).strip().lower()
