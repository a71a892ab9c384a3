"""Asks the agent: one message in, events or one checked answer out, one ledger row a turn."""

import asyncio
import hashlib
import time
import uuid
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import structlog
from langchain_core.messages import AIMessage, HumanMessage
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.errors import GraphRecursionError

from assistant.agent.answer import Answer, Usage
from assistant.agent.budgets import LONGEST_MESSAGE, RECURSION_LIMIT, TURN_SECONDS
from assistant.agent.build import Agent
from assistant.agent.evidence import check_answer
from assistant.agent.evidence.quotations import citations_of
from assistant.agent.tool_adapter import charts_of
from assistant.agent.turn import TextPart, Turn, TurnEvent, TurnFinished
from assistant.llmops.turns import TurnLedger, TurnRow
from assistant.observability.redacting import redacted
from tools.clock import Clock
from tools.errors import BatteryError
from tools.people import Person

log = structlog.get_logger()
# A page shows a long answer as it grows; pieces of this many characters are smooth and cheap.
PIECE = 48


class MessageError(BatteryError):
    """A message that cannot be asked: empty, too long, or not text."""

    code = "bad_message"


class TurnFailedError(BatteryError):
    """The turn was stopped: it took too long or went in circles."""

    code = "turn_failed"


class Conversation:
    """Every conversation of every user; the memory of each is its checkpoint."""

    def __init__(
        self,
        build: Callable[[Callable[[Turn, AIMessage], str]], Agent],
        ledger: TurnLedger,
        clock: Clock,
        brain: str,
        system_prompt: str,
    ) -> None:
        self._agent = build(self._close)
        self._ledger = ledger
        self._clock = clock
        self._brain = brain
        self._prompt_hash = hashlib.sha256(system_prompt.encode()).hexdigest()[:16]

    async def ask(
        self,
        message: str,
        person: Person,
        conversation_id: str | None = None,
        *,
        time_zone: str = "UTC",
    ) -> Answer:
        """The checked answer to one message.

        Raises:
            MessageError: the message or its time zone cannot be read.
            TurnFailedError: the turn was stopped.
        """
        async with aclosing(self.stream(message, person, conversation_id, time_zone=time_zone)) as events:
            async for event in events:
                if isinstance(event, TurnFinished):
                    return event.answer
        raise TurnFailedError("The turn ended without an answer.", "Ask again.")

    async def stream(
        self,
        message: str,
        person: Person,
        conversation_id: str | None = None,
        *,
        time_zone: str = "UTC",
    ) -> AsyncGenerator[TurnEvent]:
        """Tool steps as they happen, then the checked answer in pieces, then the whole of it."""
        # Neither the brain nor the ledger has any use for a key that was pasted by mistake.
        question = redacted(readable(message))
        queue: asyncio.Queue[TurnEvent] = asyncio.Queue()
        turn = Turn(
            turn_id=f"turn_{uuid.uuid4().hex}",
            conversation_id=conversation_id or f"conv_{uuid.uuid4().hex}",
            person=person,
            question=question,
            time_zone=known_zone(time_zone),
            asked=self._clock.now(),
            emit=queue.put_nowait,
        )
        structlog.contextvars.bind_contextvars(turn=turn.turn_id)
        self._ledger.begin(self._row(turn, "running"))
        running = asyncio.create_task(self._run(turn))
        try:
            while not (running.done() and queue.empty()):
                next_event = asyncio.create_task(queue.get())
                await asyncio.wait({next_event, running}, return_when=asyncio.FIRST_COMPLETED)
                if next_event.done():
                    yield next_event.result()
                else:
                    next_event.cancel()
            answer = await running
        finally:
            self._end(turn, running)
        for start in range(0, len(answer.answer), PIECE):
            yield TextPart(answer.answer[start : start + PIECE])
        yield TurnFinished(answer)

    async def forget(self, conversation_id: str) -> None:
        """Drop what the brain remembers of a conversation; its turns in the ledger are not touched."""
        memory = self._agent.checkpointer
        if isinstance(memory, BaseCheckpointSaver):
            await memory.adelete_thread(conversation_id)

    def _end(self, turn: Turn, running: asyncio.Task[Answer]) -> None:
        """Leave no turn open in the ledger: one that did not answer has failed, or its asker has gone."""
        error = running.exception() if running.done() and not running.cancelled() else None
        if error is not None:
            code = error.code if isinstance(error, BatteryError) else "internal"
            self._ledger.finish(self._row(turn, "failed", error_code=code))
        elif not running.done() or running.cancelled():
            running.cancel()
            self._ledger.finish(self._row(turn, "interrupted"))

    async def _run(self, turn: Turn) -> Answer:
        began = time.perf_counter()
        turn.stages_ms["began"] = began
        sites = turn.person.sites
        asked = {
            "time_zone": turn.time_zone,
            "asked_utc": turn.asked.isoformat(),
            "sites": None if sites is None else list(sites),
        }
        human = HumanMessage(turn.question, additional_kwargs=asked)
        config: Any = {"configurable": {"thread_id": turn.conversation_id}, "recursion_limit": RECURSION_LIMIT}
        try:
            async with asyncio.timeout(TURN_SECONDS):
                await self._agent.ainvoke({"messages": [human]}, config, context=turn, durability="exit")
        except TimeoutError as error:
            raise TurnFailedError("The answer took too long and was stopped.", "Ask for less at once.") from error
        except GraphRecursionError as error:
            raise TurnFailedError("The assistant went in circles and was stopped.", "Ask in other words.") from error
        if turn.answer is None:
            raise TurnFailedError("The assistant gave no answer.", "Ask again.")
        return turn.answer

    def _close(self, turn: Turn, last: AIMessage) -> str:
        """Check the brain's text, write the ledger row, and give what may leave."""
        began = time.perf_counter()
        verdict = check_answer(_said(last), turn.question, turn.calls, turn.time_zone, turn.asked)
        turn.stages_ms["evidence"] = round(1000 * (time.perf_counter() - began), 2)
        if verdict.unsupported:
            log.warning("unsupported claims withheld", claims=list(verdict.unsupported), turn=turn.turn_id)
        usage = last.usage_metadata
        turn.answer = Answer(
            conversation_id=turn.conversation_id,
            turn_id=turn.turn_id,
            answer=verdict.text,
            tool_calls=tuple(call.step for call in turn.calls),
            evidence=verdict.links,
            citations=citations_of(verdict.text, turn.calls),
            charts=tuple(chart for call in turn.calls for chart in charts_of(call.result)),
            clarification=bool(last.additional_kwargs.get("clarification")),
            brain=self._brain,
            usage=Usage(input_tokens=usage["input_tokens"], output_tokens=usage["output_tokens"])
            if usage
            else Usage(),
            latency_ms=round(1000 * (time.perf_counter() - turn.stages_ms.pop("began")), 2),
        )
        self._ledger.finish(self._row(turn, "answered", unsupported=list(verdict.unsupported)))
        return verdict.text

    def _row(self, turn: Turn, status: Any, error_code: str | None = None, unsupported: Any = None) -> TurnRow:
        answer = turn.answer
        details = {}
        if answer is not None:
            details = answer.model_dump(
                mode="json", include={"tool_calls", "evidence", "citations", "charts", "usage"}, exclude_none=True
            )
            details |= {"stages_ms": turn.stages_ms, "unsupported": unsupported or []}
        return TurnRow(
            turn_id=turn.turn_id,
            conversation_id=turn.conversation_id,
            who=turn.who,
            asked_utc=turn.asked,
            time_zone=turn.time_zone,
            question=turn.question,
            status=status,
            brain=self._brain,
            prompt_hash=self._prompt_hash,
            answer=answer.answer if answer else None,
            clarification=answer.clarification if answer else False,
            details=details,
            latency_ms=answer.latency_ms if answer else None,
            error_code=error_code,
        )


def _said(last: AIMessage) -> str:
    """What the brain said; a plain sentence where it said nothing or was stopped by a budget."""
    text = str(last.text).strip()
    # The limits of LangChain end a run with a message of their own, for developers.
    if text.startswith(("Model call limits exceeded", "Tool call limit")):
        return "I stopped, because this took more steps than one answer may take. Ask for less at once."
    return text or "I have no answer to that. Ask in other words, or for less at once."


def readable(message: str) -> str:
    """The message without control characters.

    Raises:
        MessageError: nothing is left, it is too long, or it is not text.
    """
    if len(message) > LONGEST_MESSAGE:
        raise MessageError(
            f"The message has {len(message)} characters; at most {LONGEST_MESSAGE} can be read.",
            "Ask in fewer words.",
        )
    kept = "".join(letter for letter in message if letter.isprintable() or letter in "\n\t").strip()
    if len(kept) < 0.9 * len(message.strip()):
        raise MessageError("The message is not readable text.", "Type a question in words.")
    if not kept:
        raise MessageError("The message is empty.", "Ask for example “how hot is D03?”")
    return kept


def known_zone(name: str) -> str:
    """The time zone, where there is one of that name.

    Raises:
        MessageError: there is none.
    """
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise MessageError(f"No time zone {name!r}.", "Use an IANA name, for example Europe/Oslo.") from error
    return name
