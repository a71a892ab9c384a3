"""GET /status: the machine, the database, how fresh each device's data is, and which brain answers."""

import time
from typing import Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from assistant.api.dependencies import Asking, ReadyAssistant, Seen, State
from assistant.api.errors import ERROR_RESPONSES
from assistant.observability.machine import Machine, look_at_machine
from tools.analytics.overview import Freshness, find_freshness
from tools.clock import Utc
from tools.database import SCHEMA_REVISION

router = APIRouter(tags=["status"], responses=ERROR_RESPONSES)


class DatabaseStatus(BaseModel):
    """The battery database."""

    model_config = ConfigDict(frozen=True)

    kind: Literal["sqlite", "postgresql"]
    revision: str = Field(description="Version of its tables")
    size_bytes: int
    answered_ms: float = Field(description="How long it took to say so")


class DeviceIngest(BaseModel):
    """When a device was last heard."""

    model_config = ConfigDict(frozen=True)

    device_id: str
    last_heard: Utc | None = None
    age_s: float | None = Field(None, description="Seconds since then; none where it was never heard")
    is_stale: bool = Field(description="Whether it has missed two polls")


class Status(BaseModel):
    """How the whole thing is."""

    model_config = ConfigDict(frozen=True)

    at: Utc
    version: str
    machine: Machine
    database: DatabaseStatus
    freshness: Freshness
    ingest: tuple[DeviceIngest, ...]
    brain: str = Field(description="What answers questions")


@router.get("/status")
def status(response: Response, assistant: ReadyAssistant, board: Seen, _: Asking, state: State) -> Status:
    """Tell how machine, database, incoming data and brain are."""
    response.headers["Cache-Control"] = "no-store"
    now, devices = board.now(), board.fleet().devices
    began = time.perf_counter()
    size = assistant.database.size_bytes()
    answered_ms = round(1000 * (time.perf_counter() - began), 2)
    heard = board.store.newest([device.device_id for device in devices])
    freshness = find_freshness(devices, heard, now)
    return Status(
        at=now,
        version=state.version,
        machine=look_at_machine(state.data_dir),
        database=DatabaseStatus(
            kind="sqlite" if assistant.database.is_sqlite else "postgresql",
            revision=SCHEMA_REVISION,
            size_bytes=size,
            answered_ms=answered_ms,
        ),
        freshness=freshness,
        ingest=tuple(
            DeviceIngest(
                device_id=device.device_id,
                last_heard=heard.get(device.device_id),
                age_s=(now - heard[device.device_id]).total_seconds() if device.device_id in heard else None,
                is_stale=device.device_id in freshness.stale,
            )
            for device in devices
        ),
        brain=assistant.brain_name,
    )
