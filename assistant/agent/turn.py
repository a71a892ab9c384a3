"""One turn as it runs: who asks, what has been called so far, and the events a page can follow."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from pydantic import JsonValue

from assistant.agent.answer import Answer, ToolStep, Usage
from tools.actions.plan import PlannedAction
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
class Said:
    """A message of a conversation that its client keeps."""

    by: Literal["user", "assistant"]
    text: str


@dataclass(frozen=True)
class CallRecord:
    """A tool call of this turn with its result object, or None where it failed."""

    step: ToolStep
    result: Frozen | None


@dataclass
class ChatUse:
    """What a turn has had of chat models so far; nothing where the embedded brain answers."""

    # Who answers: a chat model, or None for the brain of start-up.
    answering: str | None = None
    # Said below the answer where a chat model should have answered and another brain did.
    notice: str = ""
    replies: list[Usage] = field(default_factory=list)
    candidates: list[str] | None = None
    found_tools: list[str] = field(default_factory=list)
    was_corrected: bool = False
    # How many messages the conversation had when the embedded brain took over in this turn.
    given_up_at: int | None = None


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
    # Not where a program speaks for somebody: there a "yes" is a word like any other.
    decides_by_text: bool = True
    calls: list[CallRecord] = field(default_factory=list)
    stages_ms: dict[str, float] = field(default_factory=dict)
    answer: Answer | None = None
    chat: ChatUse = field(default_factory=ChatUse)
    # An action that was planned in this turn, or is just being; there is one at most.
    plan: PlannedAction | None = None
    is_planning: bool = False

    @property
    def who(self) -> str:
        """The name of whoever asks."""
        return self.person.name

    @property
    def role(self) -> Role:
        """How far they reach."""
        return self.person.role
