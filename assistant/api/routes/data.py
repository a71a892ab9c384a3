"""/api/data: readings as programs need them: live as JSON or events, taken in by the batch, exported as files."""

import asyncio
import tempfile
from collections.abc import AsyncGenerator
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from fastapi.sse import format_sse_event
from pydantic import BaseModel, Field, JsonValue
from starlette.background import BackgroundTask
from starlette.responses import FileResponse, StreamingResponse

from assistant.api.asked import Asked, Fields, From, To, window_between
from assistant.api.budgets import MOST_ROWS
from assistant.api.conditional import OnlyIfChanged
from assistant.api.dependencies import Operator, Seen, State, Streams
from assistant.api.errors import ERROR_RESPONSES
from assistant.api.running_turns import TurnStream
from assistant.dashboards.board import Board, Chosen
from tools.errors import BadArgumentError
from tools.quantity import Window
from tools.telemetry.batches import BatchVerdict, ingest_batch
from tools.telemetry.export import csv_pieces, write_parquet
from tools.telemetry.fleet import Device
from tools.telemetry.latest import SUMMARY_FIELDS, LatestReport

router = APIRouter(prefix="/api/data", tags=["data"], responses=ERROR_RESPONSES)

LONGEST_EXPORT = timedelta(days=366)
# Proxies close what has been silent for a minute.
BEAT = timedelta(seconds=15)
_EVENTS: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            "text/event-stream": {
                "schema": {"type": "string"},
                "example": 'event: readings\ndata: {"figures": [{"value": 54.5, "unit": "V", "field": …}]}\n\n',
            }
        }
    }
}
_FILES: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/csv": {"schema": {"type": "string"}}, "application/vnd.apache.parquet": {}}}
}


class Readings(BaseModel):
    """A batch of readings; each row an object of the fields of a reading, at least device_id and timestamp_utc."""

    readings: list[dict[str, JsonValue]] = Field(
        min_length=1,
        max_length=MOST_ROWS,
        examples=[
            [
                {
                    "device_id": "D03",
                    "timestamp_utc": "2026-03-01T12:00:00Z",
                    "string_voltage_v": 54.5,
                    "string_current_a": 0.3,
                    "cell_temperature_c": 22.4,
                    "soc_pct": 99.0,
                }
            ]
        ],
    )


@router.get("/realtime", response_model=LatestReport, responses=_EVENTS, dependencies=[OnlyIfChanged])
async def realtime(
    request: Request,
    board: Seen,
    asked: Asked,
    state: State,
    streams: Streams,
    fields: Fields = (),
) -> LatestReport | Response:
    """The newest value of fields of each device. With `Accept: text/event-stream` an event `readings` whenever
    there are newer ones, until the client goes."""
    names = fields or SUMMARY_FIELDS
    first = await asyncio.to_thread(board.latest, asked, names)
    if "text/event-stream" in request.headers.get("accept", ""):
        return TurnStream(changes(board, asked, names, state.budgets.look_every), streams)
    return first


async def changes(board: Board, asked: Chosen, fields: tuple[str, ...], every: timedelta) -> AsyncGenerator[bytes]:
    """What `realtime` answers, each time it has changed; a comment now and then where it has not."""
    shown, silent = "", timedelta(0)
    while True:
        version = (await asyncio.to_thread(board.version)).latest
        if version != shown:
            report = await asyncio.to_thread(board.latest, asked, fields)
            yield format_sse_event(event="readings", data_str=report.model_dump_json(), id=version)
            shown, silent = version, timedelta(0)
        elif silent >= BEAT:
            yield b": still here\n\n"
            silent = timedelta(0)
        await asyncio.sleep(every.total_seconds())
        silent += every


@router.post("/readings")
def take_in(batch: Readings, board: Seen, asker: Operator) -> BatchVerdict:
    """Store readings, at most 5,000 at once. Each row gets a verdict; sending a batch again changes nothing."""
    known = board.fleet().devices
    return ingest_batch(board.store.database, known, batch.readings, source=f"api:{asker.name}", now=board.now())


@router.get("/export", response_class=StreamingResponse, responses=_FILES)
def export(
    board: Seen,
    device: Annotated[str, Query(max_length=64, examples=["D03"])],
    start: From = None,
    end: To = None,
    form: Annotated[Literal["csv", "parquet"], Query(alias="format")] = "csv",
) -> Response:
    """Every stored reading of a device as a file, a year at most; the last 30 days where no window is named."""
    chosen = board.device(device)
    window = window_between(board, start, end, timedelta(days=30))
    if window.length > LONGEST_EXPORT:
        raise BadArgumentError("An export holds at most 366 days.", "Ask for the years one by one.")
    name = f"readings-{chosen.device_id}-{window.start:%Y%m%d}-{window.end:%Y%m%d}.{form}"
    headers = {"Content-Disposition": f'attachment; filename="{_plain(name)}"'}
    if form == "csv":
        return StreamingResponse(csv_pieces(board.store, chosen, window), media_type="text/csv", headers=headers)
    return _parquet(board, chosen, window, headers)


def _parquet(board: Board, device: Device, window: Window, headers: dict[str, str]) -> Response:
    with tempfile.NamedTemporaryFile(suffix=".parquet", delete=False) as file:
        path = Path(file.name)
    write_parquet(board.store, device, window, path)
    return FileResponse(
        path, media_type="application/vnd.apache.parquet", headers=headers, background=BackgroundTask(path.unlink)
    )


def _plain(name: str) -> str:
    """A file name without what a header or a folder would take for something else."""
    return "".join(letter if letter.isascii() and (letter.isalnum() or letter in "-_.") else "_" for letter in name)
