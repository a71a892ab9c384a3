"""`find_tool`: lets a chat model ask for tools it was not offered; they are offered with its next call."""

import asyncio
import json
from typing import Any

from langchain.tools import ToolRuntime
from langchain_core.messages import ToolMessage
from langchain_core.tools import BaseTool, StructuredTool

from assistant.agent.tool_offer import FIND_TOOL, MOST_TOOLS
from assistant.agent.turn import Turn
from assistant.brains.candidates import Candidates
from tools.catalog import Catalog

MOST_FOUND = 4


def find_tool(catalog: Catalog, candidates: Candidates) -> BaseTool:
    """The tool; what is offered already is not found again."""

    async def run(runtime: ToolRuntime[Turn, Any], need: str = "") -> ToolMessage:
        turn = runtime.context
        offered = (turn.chat.candidates or [])[:MOST_TOOLS]
        ranked = await asyncio.to_thread(candidates.ranked, need, turn.asked, turn.time_zone)
        others = [catalog[name] for name in ranked if name not in offered]
        fitting = [tool for tool in others if turn.person.reaches(tool.role)][:MOST_FOUND]
        turn.chat.found_tools += [tool.name for tool in fitting]
        content = {"tools": [{"name": tool.name, "purpose": tool.purpose} for tool in fitting]}
        return ToolMessage(json.dumps(content), name=FIND_TOOL, tool_call_id=runtime.tool_call_id or "")

    return StructuredTool(
        name=FIND_TOOL,
        description="Find tools for something that none of the tools here can do.",
        args_schema={"type": "object", "properties": {"need": {"type": "string"}}},
        coroutine=run,
        func=None,
    )
