"""A conversation as a file to keep: Markdown for people; what JSON holds is the ledger's own rows."""

from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, TypeAdapter

from assistant.agent.answer import EvidenceLink, ToolStep
from assistant.llmops.turns import TurnRow

_STEPS = TypeAdapter(tuple[ToolStep, ...])
_LINKS = TypeAdapter(tuple[EvidenceLink, ...])
_ENDINGS = {"failed": "No answer.", "interrupted": "Stopped before the answer was complete.", "running": "Answering."}


class ExportedConversation(BaseModel):
    """A conversation as JSON, its turns in the order they were asked."""

    model_config = ConfigDict(frozen=True)

    conversation_id: str
    title: str
    turns: tuple[TurnRow, ...]


def as_markdown(exported: ExportedConversation) -> str:
    """Questions, answers, and what each number rests on; times in the zone each question was asked in."""
    parts = [f"# {' '.join(exported.title.split())}"]
    for turn in exported.turns:
        parts += _turn(turn)
    return "\n\n".join(parts) + "\n"


def _turn(turn: TurnRow) -> Iterator[str]:
    asked = turn.asked_utc.astimezone(ZoneInfo(turn.time_zone))
    yield f"## {' '.join(turn.question.split())}"
    yield f"{asked:%Y-%m-%d %H:%M %Z}, {turn.turn_id}"
    yield turn.answer or _ENDINGS.get(turn.status, "")
    steps = _STEPS.validate_python(turn.details.get("tool_calls", ()))
    if lines := list(_evidence(_LINKS.validate_python(turn.details.get("evidence", ())), steps)):
        yield "\n".join(["Evidence:", "", *lines])


def _evidence(links: Sequence[EvidenceLink], steps: Sequence[ToolStep]) -> Iterator[str]:
    by_id = {step.id: step for step in steps}
    for link in dict.fromkeys(links):
        step = by_id.get(link.tool_call_id or "")
        origin = f"{step.name}, {link.path}" if step else "the question"
        value = "" if link.value is None else f" = {link.value} {link.unit}".rstrip()
        yield f"- {link.text}{value} ({origin})"
