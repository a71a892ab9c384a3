"""Calls a tool for a program, outside any conversation: the same role check, words and errors as in a turn."""

import time
import uuid
from collections.abc import Mapping

from pydantic import JsonValue

from assistant.agent.answer import ToolStep
from assistant.agent.tool_adapter import CatalogOf, ToolRoom, run_tool
from assistant.agent.turn import Turn
from tools.clock import Clock
from tools.people import Person


class DirectCalls:
    """The catalogue for programs."""

    def __init__(self, catalog_of: CatalogOf, room: ToolRoom, clock: Clock) -> None:
        self._catalog_of = catalog_of
        self._room = room
        self._clock = clock

    async def call(self, tool: str, arguments: Mapping[str, JsonValue], person: Person) -> ToolStep:
        """The result of one call for that person, or why it cannot be given."""
        turn = Turn(
            turn_id=f"call_{uuid.uuid4().hex}",
            conversation_id="",
            person=person,
            question="",
            time_zone="UTC",
            asked=self._clock.now(),
            emit=_nobody,
            decides_by_text=False,
            stages_ms={"began": time.perf_counter()},
        )
        own = self._catalog_of(person)[tool]
        record = await run_tool(own, turn, turn.turn_id, dict(arguments), self._room)
        return record.step


def _nobody(_: object) -> None:
    """Nobody follows the steps of a single call."""
