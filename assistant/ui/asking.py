"""Asks one question for the page: messages that grow as the turn goes, and errors as messages."""

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace

import structlog

from assistant.agent.answer import ToolStep
from assistant.agent.turn import TextPart, ToolFinished, ToolStarted, TurnEvent, TurnFinished
from assistant.llmops.turns import TurnRow
from assistant.ui import wording
from assistant.ui.transcript import Message, Parts, Shown, exchange, transcript
from assistant.wiring import Assistant
from tools.errors import BatteryError
from tools.people import Person

log = structlog.get_logger()
_CONVERSATION_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


class NotYoursError(BatteryError):
    """A conversation of somebody else, or an address that names none."""

    code = "not_your_conversation"


@dataclass(frozen=True)
class Asker:
    """Who sits at the page, as the door let them in, and the conversation and time zone the page hands in."""

    person: Person
    conversation_id: str
    time_zone: str


@dataclass
class _Live:
    """What has come of the running turn so far."""

    shown: Shown
    steps: dict[str, ToolStarted | ToolStep] = field(default_factory=dict)

    def take(self, event: TurnEvent) -> Shown:
        """The turn with one more event."""
        if isinstance(event, ToolStarted):
            self.steps[event.id] = event
        elif isinstance(event, ToolFinished):
            self.steps[event.step.id] = event.step
            waits = any(isinstance(step, ToolStarted) for step in self.steps.values())
            self.shown = replace(self.shown, notice=wording.READING if waits else wording.WRITING)
        elif isinstance(event, TextPart):
            self.shown = replace(self.shown, text=self.shown.text + event.text, notice="")
        elif isinstance(event, TurnFinished):
            parts = Parts.model_validate(event.answer)
            self.shown = replace(
                self.shown, text=event.answer.answer, parts=parts, notice="", turn_id=event.answer.turn_id
            )
        self.shown = replace(self.shown, running=tuple(self.steps.values()))
        return self.shown


def turns_of(assistant: Assistant, asker: Asker) -> Sequence[TurnRow]:
    """The turns of the asker's conversation so far.

    Raises:
        NotYoursError: somebody else began it, or the address does not name a conversation.
    """
    if not _CONVERSATION_ID.fullmatch(asker.conversation_id):
        raise NotYoursError(wording.NOT_YOURS, wording.NOT_YOURS_HINT)
    turns = assistant.ledger.conversation(asker.conversation_id)
    if any(turn.who != asker.person.name for turn in turns):
        raise NotYoursError(wording.NOT_YOURS, wording.NOT_YOURS_HINT)
    return turns


def messages_of(assistant: Assistant, asker: Asker, linked: str = "") -> list[Message]:
    """The asker's conversation so far as messages; `linked` is a turn that has to be among them.

    Raises:
        NotYoursError: as of `turns_of`.
    """
    turns = turns_of(assistant, asker)
    return transcript(turns, assistant.feedback.of([turn.turn_id for turn in turns]), linked)


def last_question(assistant: Assistant, asker: Asker) -> str:
    """What was asked last in the asker's conversation; empty where there is nothing to ask again."""
    try:
        turns = turns_of(assistant, asker)
    except NotYoursError:
        return ""
    return turns[-1].question if turns else ""


async def ask(assistant: Assistant, asker: Asker, question: str) -> AsyncIterator[list[Message]]:
    """The whole conversation again and again while the answer to one question grows."""
    earlier: list[Message] = []
    shown = Shown(question, asker.time_zone, "", notice=wording.READING)
    live = _Live(shown)
    try:
        earlier = messages_of(assistant, asker)
        yield [*earlier, *exchange(shown)]
        assistant.allowances.spend("questions", asker.person.name)
        events = assistant.conversation.stream(
            question, asker.person, asker.conversation_id, time_zone=asker.time_zone
        )
        async with aclosing(events):
            async for event in events:
                shown = live.take(event)
                yield [*earlier, *exchange(shown)]
    except BatteryError as error:
        yield [*earlier, *exchange(_failed(live.shown, f"{error.message} {error.hint}".strip()))]
    except Exception:
        turn_id = _last_turn_id(assistant, asker)
        log.exception("chat turn failed", turn=turn_id, conversation=asker.conversation_id)
        yield [*earlier, *exchange(_failed(live.shown, wording.something_wrong(turn_id)))]


def _failed(shown: Shown, words: str) -> Shown:
    return replace(shown, notice=words, is_error=True)


def _last_turn_id(assistant: Assistant, asker: Asker) -> str | None:
    """The turn that failed: the newest of its conversation."""
    turns = assistant.ledger.conversation(asker.conversation_id)
    return turns[-1].turn_id if turns else None
