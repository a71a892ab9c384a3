"""What a route may ask for: the ready assistant, who is asking, and a slot to run a turn in."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Request

from assistant.api.budgets import Budgets
from assistant.api.readiness import Readiness
from assistant.api.running_turns import TurnSlots
from tools.errors import BatteryError

if TYPE_CHECKING:
    from assistant.dashboards.board import Board
    from assistant.wiring import Assistant
    from tools.people import Role
    from tools.telemetry.store import ReadingStore


@dataclass(frozen=True)
class ServerState:
    """What all requests of one server share; kept as `app.state.server`."""

    readiness: Readiness
    slots: TurnSlots
    streams: TurnSlots
    budgets: Budgets
    data_dir: Path
    version: str


@dataclass(frozen=True)
class Asker:
    """Who asks, and how far their role reaches."""

    who: str
    role: "Role"


class RoleTooLowError(BatteryError):
    """The asker's role does not reach what was asked for."""

    code = "not_allowed"


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


async def stream_slots(request: Request) -> TurnSlots:
    """The slots of streams of live data."""
    return server_state(request).streams


def readings_of(assistant: "Assistant", asker: Asker) -> "ReadingStore":  # noqa: ARG001  scope comes with sign-in
    """The telemetry somebody may see; where a person's sites are narrowed, it is here."""
    return assistant.store


def refuse_below(role: "Role", asker: Asker) -> None:
    """Let only those in whose role reaches that far.

    Raises:
        RoleTooLowError: theirs does not.
    """
    from tools.people import ROLES  # noqa: PLC0415  loaded with the assistant

    if ROLES.index(asker.role) < ROLES.index(role):
        raise RoleTooLowError(f"That needs the role {role}; you are {asker.role}.")


if TYPE_CHECKING:
    ReadyAssistant = Annotated[Assistant, Depends(ready_assistant)]
else:
    # FastAPI reads annotations when a route is declared, and loading the wiring takes seconds.
    ReadyAssistant = Annotated[object, Depends(ready_assistant)]
Asking = Annotated[Asker, Depends(local_asker)]
Slots = Annotated[TurnSlots, Depends(turn_slots)]
Streams = Annotated[TurnSlots, Depends(stream_slots)]
State = Annotated[ServerState, Depends(server_state)]


async def board_of(assistant: ReadyAssistant, asker: Asking) -> "Board":
    """What dashboards show of the telemetry the asker may see."""
    return assistant.board(readings_of(assistant, asker))


if TYPE_CHECKING:
    Seen = Annotated[Board, Depends(board_of)]
else:
    Seen = Annotated[object, Depends(board_of)]
