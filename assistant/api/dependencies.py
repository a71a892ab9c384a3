"""What a route may ask for: the ready assistant, who is asking, and a slot to run a turn in."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Request

from assistant.api.budgets import Budgets
from assistant.api.readiness import Readiness
from assistant.api.running_turns import TurnSlots
from tools.errors import NotAllowedError
from tools.people import Person, Role

if TYPE_CHECKING:
    from assistant.api.mcp_face import McpFace
    from assistant.dashboards.board import Board
    from assistant.wiring import Assistant


@dataclass(frozen=True)
class ServerState:
    """What all requests of one server share; kept as `app.state.server`."""

    readiness: Readiness
    slots: TurnSlots
    streams: TurnSlots
    budgets: Budgets
    data_dir: Path
    version: str
    mcp: "McpFace"


def server_state(request: Request) -> ServerState:
    """What all requests share."""
    state: ServerState = request.app.state.server
    return state


async def ready_assistant(request: Request) -> "Assistant":
    """The assistant; a request that comes while it starts waits a while."""
    state = server_state(request)
    return await state.readiness.assistant(state.budgets.wait_for_start)


async def asker(request: Request) -> Person:
    """Whoever the door has let in (door.py)."""
    person: Person = request.user
    return person


class Needs:
    """Whoever asks, where their role reaches that far; a route asks for it in place of `asker`."""

    def __init__(self, role: Role) -> None:
        self.role = role

    async def __call__(self, request: Request) -> Person:
        """The person.

        Raises:
            NotAllowedError: their role does not reach; it is in the audit log.
        """
        person = await asker(request)
        if not person.reaches(self.role):
            assistant = await ready_assistant(request)
            what = f"{request.method} {request.url.path}"
            await asyncio.to_thread(assistant.audit.record_alone, "refused", person.name, what, {"role": person.role})
            raise NotAllowedError(f"This needs the role {self.role}; you are {person.role}.")
        return person


async def turn_slots(request: Request) -> TurnSlots:
    """The slots turns run in."""
    return server_state(request).slots


async def stream_slots(request: Request) -> TurnSlots:
    """The slots of streams of live data."""
    return server_state(request).streams


if TYPE_CHECKING:
    ReadyAssistant = Annotated[Assistant, Depends(ready_assistant)]
else:
    # FastAPI reads annotations when a route is declared, and loading the wiring takes seconds.
    ReadyAssistant = Annotated[object, Depends(ready_assistant)]
Asking = Annotated[Person, Depends(asker)]
Slots = Annotated[TurnSlots, Depends(turn_slots)]
Streams = Annotated[TurnSlots, Depends(stream_slots)]
State = Annotated[ServerState, Depends(server_state)]
Operator = Annotated[Person, Depends(Needs("operator"))]
Admin = Annotated[Person, Depends(Needs("admin"))]


async def board_of(assistant: ReadyAssistant, asker: Asking) -> "Board":
    """What dashboards show of the telemetry the asker may see."""
    return assistant.board(asker)


if TYPE_CHECKING:
    Seen = Annotated[Board, Depends(board_of)]
else:
    Seen = Annotated[object, Depends(board_of)]
