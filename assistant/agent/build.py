"""Builds the LangChain agent: brain, tools, budgets, and the check every answer passes before it is kept."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from langchain.agents import create_agent
from langchain.agents.middleware import (
    AgentMiddleware,
    AgentState,
    ModelCallLimitMiddleware,
    ModelRequest,
    ModelResponse,
    ToolCallLimitMiddleware,
)
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage
from langchain_core.tools import BaseTool
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime

from assistant.agent.budgets import MODEL_CALLS, TOOL_CALLS
from assistant.agent.turn import Turn

Agent = CompiledStateGraph[Any, Turn, Any, Any]


class CloseTurn(AgentMiddleware[AgentState[Any], Turn]):
    """Runs when the brain has written its answer, before the conversation is kept.

    `close` checks the answer, writes the turn to the ledger and gives the text that may leave; the checkpoint then
    holds that text, not what the brain wrote.
    """

    def __init__(self, close: Callable[[Turn, AIMessage], str]) -> None:
        super().__init__()
        self._close = close

    async def aafter_agent(self, state: AgentState[Any], runtime: Runtime[Turn]) -> dict[str, Any] | None:
        """Replace the last message by its checked text."""
        last = state["messages"][-1]
        if not isinstance(last, AIMessage):
            return None
        checked = self._close(runtime.context, last)
        return {"messages": [last.model_copy(update={"content": checked})]}


class EndAfterPlan(AgentMiddleware[AgentState[Any], Turn]):
    """Once an action is planned the brain may only speak: whatever else it wants to call is left out."""

    async def awrap_model_call(
        self,
        request: ModelRequest[Turn],
        handler: Callable[[ModelRequest[Turn]], Awaitable[ModelResponse[Any]]],
    ) -> ModelResponse[Any]:
        """Take the tools away, and the calls of a brain that makes some all the same."""
        if request.runtime.context.plan is None:
            return await handler(request)
        response = await handler(request.override(tools=[], tool_choice=None))
        response.result = [
            one.model_copy(update={"tool_calls": [], "invalid_tool_calls": []}) if isinstance(one, AIMessage) else one
            for one in response.result
        ]
        return response


def build_agent(
    brain: BaseChatModel,
    tools: Sequence[BaseTool],
    checkpointer: BaseCheckpointSaver[Any],
    close: Callable[[Turn, AIMessage], str],
    around: Sequence[AgentMiddleware[Any, Any]] = (),
) -> Agent:
    """An agent that stops by itself: a brain that loops is ended by the call limits with a plain message. `around` is
    what stands around each call of the brain."""
    middleware: list[AgentMiddleware[Any, Any]] = [
        ModelCallLimitMiddleware(run_limit=MODEL_CALLS, exit_behavior="end"),
        ToolCallLimitMiddleware(run_limit=TOOL_CALLS, exit_behavior="end"),
        EndAfterPlan(),
        CloseTurn(close),
        *around,
    ]
    return create_agent(
        brain,
        list(tools),
        middleware=middleware,
        context_schema=Turn,
        checkpointer=checkpointer,
    )
