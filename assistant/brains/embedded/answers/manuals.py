"""Puts what the manuals say into words: the passage as it stands, its source, and where else to look."""

from assistant.brains.embedded.phrasing import Voice, listed
from knowledge.passage import Passage
from tools.consult import ManualAnswer

NOT_THERE = (
    "That is **not in the documents**: no manual, alarm response, data sheet or site sheet answers it. "
    "Ask the person in charge of the site, or add the document that does."
)
# A passage this much weaker than the best one is no second answer.
CLOSE = 0.85


def manual_words(answer: ManualAnswer, _: Voice) -> str:
    """The best passage quoted with its source, a close second one, and the names of the rest."""
    passages = answer.found.passages
    if not passages:
        return NOT_THERE
    best = passages[0]
    parts = [_quotation(best)]
    others = [one for one in passages[1:] if one.score >= CLOSE * best.score]
    if others:
        also = listed([f"{one.document} ({one.title})" for one in others[:2]])
        parts.append(f"See also {also}.")
    return "\n\n".join(parts)


def _quotation(passage: Passage) -> str:
    """The title, the lines as a quotation, and the source."""
    lines = "\n".join(f"> {line}" if line.strip() else ">" for line in passage.quote.splitlines())
    replaced = "" if passage.is_newest else " This revision is superseded."
    source = f"({passage.document}, section {passage.section}, revision {passage.revision})"
    return f"The manuals say, under “{passage.title}”:\n\n{lines}\n\n{source}{replaced}"
