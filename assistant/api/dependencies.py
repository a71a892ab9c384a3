"""What a route may ask for: the ready assistant, who is asking, and a slot to run a turn in."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Request

from assistant.api.budgets import Budgets
from assistant.api.readiness import Readiness
from assistant.api.running_turns import TurnSlots

if TYPE_CHECKING:
    from assistant.api.mcp_face import McpFace
    from assistant.wiring import Assistant
    from tools.people import Role


@dataclass(frozen=True)
class ServerState:
    """What all requests of one server share; kept as `app.state.server`."""

    readiness: Readiness
    slots: TurnSlots
    budgets: Budgets
    mcp: "McpFace"


@dataclass(frozen=True)
class Asker:
    """Who asks, and how far their role reaches."""

    who: str
    role: "Role"


def server_state(request: Request) -> ServerState:
    """What all requests share."""
    state: ServerState = request.app.state.server
    return state


async def ready_assistant(request: Request) -> "Assistant":
    """The assistant; a request that comes while it starts waits a while."""
    state = server_state(request)
    return await state.readiness.assistant(state.budgets.wait_for_start)


async def local_asker() -> Asker:
    """On loopback, whoever reaches the port is the owner of the machine."""
    return Asker("local", "admin")


async def turn_slots(request: Request) -> TurnSlots:
    """The slots turns run in."""
    return server_state(request).slots


if TYPE_CHECKING:
    ReadyAssistant = Annotated[Assistant, Depends(ready_assistant)]
else:
    # FastAPI reads annotations when a route is declared, and loading the wiring takes seconds.
    ReadyAssistant = Annotated[object, Depends(ready_assistant)]
Asking = Annotated[Asker, Depends(local_asker)]
Slots = Annotated[TurnSlots, Depends(turn_slots)]
