"""One turn as it runs: who asks, what has been called so far, and the events a page can follow."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from pydantic import JsonValue

from assistant.agent.answer import Answer, ToolStep
from tools.people import Person, Role
from tools.quantity import Frozen


@dataclass(frozen=True)
class ToolStarted:
    """A tool is being called."""

    id: str
    name: str
    arguments: dict[str, JsonValue]


@dataclass(frozen=True)
class ToolFinished:
    """A tool has answered, or said why it cannot."""

    step: ToolStep


@dataclass(frozen=True)
class TextPart:
    """A piece of the checked answer."""

    text: str


@dataclass(frozen=True)
class TurnFinished:
    """The whole answer; always the last event."""

    answer: Answer


TurnEvent = ToolStarted | ToolFinished | TextPart | TurnFinished


@dataclass(frozen=True)
class CallRecord:
    """A tool call of this turn with its result object, or None where it failed."""

    step: ToolStep
    result: Frozen | None


@dataclass
class Turn:
    """Handed to every part of the agent that works on this turn."""

    turn_id: str
    conversation_id: str
    person: Person
    question: str
    time_zone: str
    asked: datetime
    emit: Callable[[TurnEvent], None]
    calls: list[CallRecord] = field(default_factory=list)
    stages_ms: dict[str, float] = field(default_factory=dict)
    answer: Answer | None = None

    @property
    def who(self) -> str:
        """The name of whoever asks."""
        return self.person.name

    @property
    def role(self) -> Role:
        """How far they reach."""
        return self.person.role
