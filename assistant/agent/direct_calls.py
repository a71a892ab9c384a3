"""Calls a tool for a program, outside any conversation: the same role check, words and errors as in a turn."""

import time
import uuid
from collections.abc import Mapping
from concurrent.futures import Executor

from pydantic import JsonValue

from assistant.agent.answer import ToolStep
from assistant.agent.tool_adapter import run_tool
from assistant.agent.turn import Turn
from tools.catalog import Catalog, Tool
from tools.clock import Clock
from tools.people import Role


class DirectCalls:
    """The catalogue for programs."""

    def __init__(self, catalog: Catalog, pool: Executor, clock: Clock) -> None:
        self.catalog = catalog
        self._pool = pool
        self._clock = clock

    async def call(self, tool: Tool, arguments: Mapping[str, JsonValue], who: str, role: Role) -> ToolStep:
        """The result of one call, or why it cannot be given."""
        turn = Turn(
            turn_id=f"call_{uuid.uuid4().hex}",
            conversation_id="",
            who=who,
            role=role,
            question="",
            time_zone="UTC",
            asked=self._clock.now(),
            emit=_nobody,
            decides_by_text=False,
            stages_ms={"began": time.perf_counter()},
        )
        record = await run_tool(tool, turn, turn.turn_id, dict(arguments), self._pool)
        return record.step


def _nobody(_: object) -> None:
    """Nobody follows the steps of a single call."""
