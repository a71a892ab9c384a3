"""Builds what asks the chat models of the settings; nothing of it exists where none is set."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from langchain.agents.middleware import AgentMiddleware
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AnyMessage
from langchain_core.tools import BaseTool

from assistant.agent.find_tool import find_tool
from assistant.agent.turn import Turn
from assistant.agent.views import Views
from assistant.brains.candidates import Candidates
from assistant.brains.choose import ChatModels
from assistant.brains.embedded.router import Router
from assistant.llmops.spending import Spending
from tools.people import LOCAL_PERSON


@dataclass(frozen=True)
class ChatParts:
    """What a chat model adds to the agent: a tool of its own, and what stands around every call of the brain."""

    tools: Sequence[BaseTool] = ()
    around: Sequence[AgentMiddleware[Any, Any]] = ()


def chat_parts(
    models: ChatModels | None,
    views: Views,
    embedded: BaseChatModel,
    router: Callable[[], Router],
    spending: Spending,
    daily_tokens: int | None,
) -> ChatParts:
    """The parts for these chat models; none without one."""
    if models is None:
        return ChatParts()
    # Loaded here, with langchain-openai, which takes more than a second.
    from assistant.agent.ask_chat_model import AskChatModel, ChatContext  # noqa: PLC0415

    catalog = views.catalog_of(LOCAL_PERSON)
    candidates = Candidates(embedded, router(), views.of(LOCAL_PERSON).store.fleet, catalog)

    def wanted(messages: Sequence[AnyMessage], turn: Turn) -> list[str]:
        return candidates.for_question(messages, turn.asked, turn.time_zone)

    def may_spend(turn: Turn) -> bool:
        return daily_tokens is None or spending.tokens_today(turn.who, turn.asked) < daily_tokens

    context = ChatContext(
        models,
        catalog=lambda turn: views.catalog_of(turn.person),
        # A chat model is told of the sites of whoever asks, and of no others.
        fleet=lambda turn: views.of(turn.person).store.fleet(),
        candidates=wanted,
        may_spend=may_spend,
    )
    return ChatParts([find_tool(catalog, candidates)], [AskChatModel(context)])
