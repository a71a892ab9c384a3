"""Keeps a simulation in the database as JSON, so that the live feed goes on where the last run stopped."""

import json
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from pydantic import TypeAdapter
from sqlalchemy.engine import Connection

from tools.telemetry.faults import Fault
from tools.telemetry.plant import Plant
from tools.telemetry.schema import simulator_state
from tools.telemetry.simulated_fleet import SimulatedFleet

ONLY_STATE = 1
_FAULTS = TypeAdapter(tuple[Fault, ...])


class Resumed(NamedTuple):
    """A plant where it was put down, and the values its stuck sensors hold."""

    plant: Plant
    held: dict[str, float]


def save_state(connection: Connection, plant: Plant, held: dict[str, float]) -> None:
    """Keep the plant as it stands, in the caller's transaction; the one before is forgotten."""
    state = {
        "seed": plant.seed,
        "moment": plant.moment.isoformat(),
        "fleet": plant.fleet.model_dump(mode="json"),
        "faults": _FAULTS.dump_python(plant.faults, mode="json"),
        "held": held,
        "numbers": plant.state_numbers(),
    }
    connection.execute(sa.delete(simulator_state))
    connection.execute(
        sa.insert(simulator_state).values(state_id=ONLY_STATE, saved_utc=plant.moment, state_json=json.dumps(state))
    )


def load_state(connection: Connection) -> Resumed | None:
    """The plant that was kept last; None where no simulation was made."""
    text = connection.scalar(sa.select(simulator_state.c.state_json).where(simulator_state.c.state_id == ONLY_STATE))
    if text is None:
        return None
    state = json.loads(text)
    moment = datetime.fromisoformat(state["moment"])
    fleet = SimulatedFleet.model_validate(state["fleet"])
    plant = Plant(fleet, _FAULTS.validate_python(state["faults"]), state["seed"], moment)
    plant.take_up(state["numbers"], moment)
    return Resumed(plant, state["held"])
