"""Builds the LangChain agent: brain, tools, budgets, and the check every answer passes before it is kept."""

from collections.abc import Callable, Sequence
from typing import Any

from langchain.agents import create_agent
from langchain.agents.middleware import AgentMiddleware, AgentState, ModelCallLimitMiddleware, ToolCallLimitMiddleware
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
