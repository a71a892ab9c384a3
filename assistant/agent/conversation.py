"""Asks the agent: one message in, events or one checked answer out, one ledger row a turn."""

import asyncio
import time
import uuid
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import structlog
from langchain_core.messages import AIMessage, HumanMessage
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.errors import GraphRecursionError

from assistant.agent.answer import Answer, Usage, approval_of, usage_of
from assistant.agent.approvals import TypedApprovals
from assistant.agent.budgets import LONGEST_MESSAGE, RECURSION_LIMIT, TURN_SECONDS
from assistant.agent.build import Agent, CloseTurn
from assistant.agent.evidence import Verdict, check_answer
from assistant.agent.evidence.quotations import citations_of
from assistant.agent.tool_adapter import charts_of
from assistant.agent.turn import Said, TextPart, Turn, TurnEvent, TurnFinished
from assistant.llmops.turns import TurnLedger, TurnRow
from assistant.observability.redacting import redacted
from tools.clock import Clock
from tools.errors import BatteryError
from tools.people import Person

log = structlog.get_logger()
# A page shows a long answer as it grows; pieces of this many characters are smooth and cheap.
PIECE = 48
# The graph's last step, after which a conversation waits for its next message.
LAST_NODE = f"{CloseTurn.__name__}.after_agent"
NOTHING_YET = "Nothing is done yet: approve it or reject it."


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
        prompt_hash: str,
        approvals: TypedApprovals,
    ) -> None:
        self._agent = build(self._close)
        self._ledger = ledger
        self._clock = clock
        self._approvals = approvals
        self._brain = brain
        self._prompt_hash = prompt_hash

    async def ask(
        self,
        message: str,
        person: Person,
        conversation_id: str | None = None,
        *,
        time_zone: str = "UTC",
        history: Sequence[Said] = (),
        decides_by_text: bool = True,
    ) -> Answer:
        """The checked answer to one message.

        Args:
            history: what was said before, of a conversation that its client keeps.
            decides_by_text: whether a typed "yes" may approve; not where a program speaks for somebody.

        Raises:
            MessageError: the message or its time zone cannot be read.
            TurnFailedError: the turn was stopped.
        """
        events = self.stream(
            message,
            person,
            conversation_id,
            time_zone=time_zone,
            history=history,
            decides_by_text=decides_by_text,
        )
        async with aclosing(events):
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
        history: Sequence[Said] = (),
        decides_by_text: bool = True,
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
            decides_by_text=decides_by_text,
        )
        structlog.contextvars.bind_contextvars(turn=turn.turn_id)
        self._ledger.begin(self._row(turn, "running"))
        running = asyncio.create_task(self._run(turn, history))
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

    async def _run(self, turn: Turn, history: Sequence[Said]) -> Answer:
        began = time.perf_counter()
        turn.stages_ms["began"] = began
        sites = turn.person.sites
        asked = {
            "time_zone": turn.time_zone,
            "asked_utc": turn.asked.isoformat(),
            "sites": None if sites is None else list(sites),
        }
        earlier = [_kept_message(one) for one in history]
        human = HumanMessage(turn.question, additional_kwargs=asked)
        config: Any = {"configurable": {"thread_id": turn.conversation_id}, "recursion_limit": RECURSION_LIMIT}
        # Decided before any brain is asked. It is one short transaction: cut off in the middle it has not happened.
        typed = await asyncio.to_thread(self._approvals.decide, turn)
        if typed is not None:
            turn.calls.append(typed.call)
            said = AIMessage(self._close(turn, AIMessage(typed.text)))
            await self._agent.aupdate_state(config, {"messages": [human, said]}, as_node=LAST_NODE)
            return self._closed(turn)
        try:
            async with asyncio.timeout(TURN_SECONDS):
                await self._agent.ainvoke({"messages": [*earlier, human]}, config, context=turn, durability="exit")
        except TimeoutError as error:
            raise TurnFailedError("The answer took too long and was stopped.", "Ask for less at once.") from error
        except GraphRecursionError as error:
            raise TurnFailedError("The assistant went in circles and was stopped.", "Ask in other words.") from error
        return self._closed(turn)

    def _closed(self, turn: Turn) -> Answer:
        if turn.answer is None:
            raise TurnFailedError("The assistant gave no answer.", "Ask again.")
        return turn.answer

    def _close(self, turn: Turn, last: AIMessage) -> str:
        """Check the brain's text, write the ledger row, and give what may leave."""
        began = time.perf_counter()
        # Our own words claim nothing of a battery.
        if (own := _stopped_words(last, turn)) is not None:
            verdict = Verdict(own, (), ())
        else:
            verdict = check_answer(str(last.text).strip(), turn.question, turn.calls, turn.time_zone, turn.asked)
        text = _with_notices(verdict.text, turn)
        turn.stages_ms["evidence"] = round(1000 * (time.perf_counter() - began), 2)
        if verdict.unsupported:
            log.warning("unsupported claims withheld", claims=list(verdict.unsupported), turn=turn.turn_id)
        turn.answer = Answer(
            conversation_id=turn.conversation_id,
            turn_id=turn.turn_id,
            answer=text,
            tool_calls=tuple(call.step for call in turn.calls),
            evidence=verdict.links,
            citations=citations_of(text, turn.calls),
            charts=tuple(chart for call in turn.calls for chart in charts_of(call.result)),
            approval=approval_of(turn.plan) if turn.plan else None,
            clarification=bool(last.additional_kwargs.get("clarification")),
            brain=turn.chat.answering or self._brain,
            usage=_usage(turn, last),
            latency_ms=round(1000 * (time.perf_counter() - turn.stages_ms.pop("began")), 2),
        )
        self._ledger.finish(self._row(turn, "answered", unsupported=list(verdict.unsupported)))
        return text

    def _row(self, turn: Turn, status: Any, error_code: str | None = None, unsupported: Any = None) -> TurnRow:
        answer = turn.answer
        details: dict[str, Any] = {}
        if answer is None and turn.chat.replies:
            # A turn that failed has cost what it has cost.
            details = {"usage": usage_of(turn.chat.replies).model_dump(mode="json", exclude_none=True)}
        if answer is not None:
            details = answer.model_dump(
                mode="json",
                include={"tool_calls", "evidence", "citations", "charts", "usage", "approval"},
                exclude_none=True,
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
            brain=turn.chat.answering or self._brain,
            prompt_hash=self._prompt_hash,
            answer=answer.answer if answer else None,
            clarification=answer.clarification if answer else False,
            details=details,
            latency_ms=answer.latency_ms if answer else None,
            error_code=error_code,
        )


def _kept_message(said: Said) -> HumanMessage | AIMessage:
    """A message its client kept; it is marked, since the calls it led to are not known here."""
    text = redacted(said.text[:LONGEST_MESSAGE])
    return HumanMessage(text, additional_kwargs={"kept_by_client": True}) if said.by == "user" else AIMessage(text)


def _with_notices(text: str, turn: Turn) -> str:
    """The answer with what has to be said whatever the brain wrote: that nothing is done yet, that another one wrote it."""
    notices = [NOTHING_YET] if turn.plan is not None and NOTHING_YET not in text else []
    return "\n\n".join(part for part in (text, *notices, turn.chat.notice) if part)


def _usage(turn: Turn, last: AIMessage) -> Usage:
    """What all replies of the turn used, the rejected ones too; of the last one where no chat model was asked."""
    if turn.chat.replies:
        return usage_of(turn.chat.replies)
    usage = last.usage_metadata
    return Usage(input_tokens=usage["input_tokens"], output_tokens=usage["output_tokens"]) if usage else Usage()


def _stopped_words(last: AIMessage, turn: Turn) -> str | None:
    """A plain sentence of our own, where the brain said nothing or was stopped by a budget."""
    text = str(last.text).strip()
    # The limits of LangChain end a run with a message of their own, for developers.
    if text.startswith(("Model call limits exceeded", "Tool call limit")):
        return "I stopped, because this took more steps than one answer may take. Ask for less at once."
    if text:
        return None
    if turn.plan is not None:
        return f"{turn.plan.impact.means}?"
    return "I have no answer to that. Ask in other words, or for less at once."


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
