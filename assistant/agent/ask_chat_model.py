"""Asks the chat models in their order, and the embedded brain where none of them gives an answer that can be used.

A reply counts only whole: nothing of one that broke off, or that was found wanting, reaches the conversation.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from langchain.agents.middleware import AgentMiddleware, AgentState, ModelRequest, ModelResponse
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, SystemMessage, ToolMessage
from langchain_core.messages.ai import UsageMetadata

from assistant.agent.answer import Usage
from assistant.agent.budgets import CHAT_SECONDS, MODEL_CALLS, TOOL_CALLS
from assistant.agent.chat_prompt import filled, system_prompt
from assistant.agent.evidence import check_answer
from assistant.agent.message_view import for_chat, for_embedded, question_place
from assistant.agent.plain_reply import plain_reply
from assistant.agent.tool_offer import offered_tools
from assistant.agent.turn import Turn
from assistant.brains.choose import ChatModel, ChatModels
from assistant.brains.openai_compatible import FAILURES, BrokenReplyError, UnreadableCallError, is_our_fault
from assistant.brains.prices import cost_of
from tools.catalog import Catalog
from tools.telemetry.fleet import Fleet

log = structlog.get_logger()

Request = ModelRequest[Turn]
Handler = Callable[[Request], Awaitable[ModelResponse[Any]]]
# How often a reply without an answer or with an unreadable call is asked for again.
_SECOND_TRIES = 1
NO_ANSWER = "*The chat model gave no usable answer, so the built-in brain answered.*"
BUDGET_SPENT = "*Your tokens for today are used up, so the built-in brain answered.*"


@dataclass(frozen=True)
class ChatContext:
    """What a turn with a chat model is made of."""

    models: ChatModels
    catalog: Callable[[Turn], Catalog]
    fleet: Callable[[Turn], Fleet]
    candidates: Callable[[Sequence[AnyMessage], Turn], Sequence[str]]
    may_spend: Callable[[Turn], bool]


class AskChatModel(AgentMiddleware[AgentState[Any], Turn]):
    """Stands around every call of the brain."""

    def __init__(self, context: ChatContext) -> None:
        super().__init__()
        self._context = context

    async def awrap_model_call(self, request: Request, handler: Handler) -> ModelResponse[Any]:
        """The reply of the first chat model that gives a whole one, else of the embedded brain."""
        turn = request.runtime.context
        if turn.chat.given_up_at is None:
            reply = await self._ask_chat(request, handler, turn)
            if reply is not None:
                return ModelResponse(result=[reply])
            turn.chat.given_up_at, turn.chat.answering = len(request.messages), None
        known = self._context.catalog(turn)
        seen = for_embedded(request.messages, turn.chat.given_up_at, known)
        return await handler(request.override(messages=seen))

    async def _ask_chat(self, request: Request, handler: Handler, turn: Turn) -> AIMessage | None:
        if not turn.chat.replies and not await asyncio.to_thread(self._context.may_spend, turn):
            turn.chat.notice = BUDGET_SPENT
            return None
        prepared = await self._prepared(request, turn)
        for one in self._context.models.in_order(turn.chat.answering or ""):
            one.breaker.begin()
            try:
                async with asyncio.timeout(self._patience(turn)):
                    reply = await self._whole_reply(prepared.override(model=one.model), handler, turn, one)
            except FAILURES as error:
                log.warning("chat model failed", model=one.name, error=type(error).__name__, turn=turn.turn_id)
                if is_our_fault(error):
                    one.breaker.succeed()
                else:
                    one.breaker.fail()
                continue
            one.breaker.succeed()
            turn.chat.answering = one.name
            return reply
        turn.chat.notice = NO_ANSWER
        return None

    def _patience(self, turn: Turn) -> float:
        """Seconds a reply may take, so that the embedded brain still has time to answer in this turn."""
        left = CHAT_SECONDS - (time.perf_counter() - turn.stages_ms["began"])
        return max(0.0, min(left, self._context.models.seconds))

    async def _prepared(self, request: Request, turn: Turn) -> Request:
        """The request as a chat model gets it: prompt, messages, and the tools it may need."""
        if turn.chat.candidates is None:
            asked = request.messages[: question_place(request.messages) + 1]
            turn.chat.candidates = list(await asyncio.to_thread(self._context.candidates, asked, turn))
        wanted = [*turn.chat.found_tools, *turn.chat.candidates]
        fleet = await asyncio.to_thread(self._context.fleet, turn)
        # Who took the tools away before wants words, not calls.
        tools = offered_tools(self._context.catalog(turn), wanted, turn.person) if request.tools else []
        return request.override(
            system_message=SystemMessage(system_prompt(turn, fleet)),
            messages=for_chat(request.messages, turn.time_zone),
            tools=list(tools),
            # The last call within the budget is for the answer.
            tool_choice="none" if tools and _is_last_call(request.messages) else None,
        )

    async def _whole_reply(self, request: Request, handler: Handler, turn: Turn, one: ChatModel) -> AIMessage:
        """A reply that can be used.

        Raises:
            BrokenReplyError: the second try was no better than the first.
        """
        asked, tries = request, 0
        while True:
            try:
                response = await handler(asked)
            except UnreadableCallError as error:
                self._count(turn, one, error.usage)
                draft, complaint = f"({error.tool})", filled("unreadable_call", tool=error.tool)
            else:
                reply = plain_reply(_said_by(response), may_call=bool(request.tools))
                self._count(turn, one, reply.usage_metadata)
                if _is_whole(reply):
                    claims = self._unsupported(reply, turn)
                    if not claims:
                        return _marked(reply, turn)
                    # One retry a turn; what is still unsupported then is withheld when the turn is closed.
                    turn.chat.was_corrected = True
                    draft, complaint = str(reply.text), filled("unsupported", claims=json.dumps(claims))
                    asked = _corrected(request, draft, complaint)
                    continue
                draft, complaint = str(reply.text), filled("no_answer")
            if tries >= _SECOND_TRIES:
                raise BrokenReplyError("The second reply was no better than the first.")
            tries += 1
            asked = _corrected(request, draft, complaint)

    def _unsupported(self, reply: AIMessage, turn: Turn) -> list[str]:
        """The claims of a final answer that nothing supports, as long as there is a retry left."""
        if reply.tool_calls or turn.chat.was_corrected:
            return []
        verdict = check_answer(str(reply.text), turn.question, turn.calls, turn.time_zone, turn.asked)
        return list(dict.fromkeys(verdict.unsupported))

    def _count(self, turn: Turn, one: ChatModel, usage: UsageMetadata | None) -> None:
        if usage is None:
            turn.chat.replies.append(Usage())
            return
        tokens = usage["input_tokens"], usage["output_tokens"]
        cost = cost_of(self._context.models.prices, one.name, *tokens)
        turn.chat.replies.append(Usage(input_tokens=tokens[0], output_tokens=tokens[1], cost=cost))


def _is_last_call(messages: Sequence[AnyMessage]) -> bool:
    since = messages[question_place(messages) + 1 :]
    brain_calls = sum(isinstance(one, AIMessage) for one in since)
    return brain_calls >= MODEL_CALLS - 1 or sum(isinstance(one, ToolMessage) for one in since) >= TOOL_CALLS


def _said_by(response: ModelResponse[Any]) -> AIMessage:
    last = response.result[-1]
    if not isinstance(last, AIMessage):
        raise BrokenReplyError("The reply is no message of an assistant.")
    return last


def _marked(reply: AIMessage, turn: Turn) -> AIMessage:
    """A reply that asks something back before anything was looked up is a clarification."""
    if not reply.tool_calls and not turn.calls and str(reply.text).endswith("?"):
        reply.additional_kwargs["clarification"] = True
    return reply


def _is_whole(reply: AIMessage) -> bool:
    if reply.tool_calls:
        return True
    return bool(str(reply.text).strip()) and reply.response_metadata.get("finish_reason") != "length"


def _corrected(request: Request, draft: str, complaint: str) -> Request:
    """The request again with what was wrong; the draft is no part of the conversation."""
    return request.override(messages=[*request.messages, AIMessage(draft or "(nothing)"), HumanMessage(complaint)])
