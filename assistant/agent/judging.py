"""Judges an answer before it leaves: its figures by the evidence, its deeds by what was done."""

from assistant.agent.deeds import false_deeds
from assistant.agent.evidence import WITHHELD, Verdict, check_answer
from assistant.agent.turn import Turn


def judge_answer(text: str, turn: Turn) -> Verdict:
    """The answer that may leave; sentences that claim a figure or a deed this turn does not hold are withheld."""
    deeds = false_deeds(text, turn.calls)
    for sentence in deeds:
        text = text.replace(sentence, "", 1)
    verdict = check_answer(text, turn.question, turn.calls, turn.time_zone)
    if not deeds:
        return verdict
    kept = verdict.text if verdict.unsupported else f"{verdict.text}\n\n{WITHHELD}".strip()
    return Verdict(kept, verdict.links, (*verdict.unsupported, *(sentence.strip() for sentence in deeds)))
