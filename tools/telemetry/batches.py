"""Takes a batch of readings as a gateway sends them and says of each row what became of it."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

import pandas as pd
from pydantic import Field, JsonValue, ValidationError

from tools.database import Database
from tools.quantity import Frozen
from tools.telemetry.fleet import Device
from tools.telemetry.ingest import ingest_readings
from tools.telemetry.reading import Reading

# What a gateway need not repeat in each row, since it is known of the device.
_OF_THE_DEVICE = ("site_id", "cell_count", "rated_capacity_ah", "battery_model", "install_date")
_TIMES = ("timestamp_utc", "received_utc")
# Of a value the sender made up, as much is repeated as helps to find it.
_SHOWN = 60


class RowVerdict(Frozen):
    """What became of one row."""

    row: int = Field(description="Place of the row in the batch, from 0")
    verdict: Literal["stored", "duplicate", "rejected"]
    reason: str | None = Field(None, description="Why it was rejected")


class BatchVerdict(Frozen):
    """What became of a batch. A row that is stored already with the same values is a duplicate and changes nothing."""

    received: int
    stored: int
    duplicate: int
    rejected: int
    rows: tuple[RowVerdict, ...]


def ingest_batch(
    database: Database,
    known: Sequence[Device],
    batch: Sequence[Mapping[str, JsonValue]],
    *,
    source: str,
    now: datetime,
) -> BatchVerdict:
    """Store the rows of a batch that can be true, all of them in one transaction.

    Args:
        known: devices the sender may write to.
        source: whom the batch came from, kept with rejected rows.
    """
    by_id = {device.device_id: device for device in known}
    verdicts: dict[int, RowVerdict] = {}
    readable: dict[int, dict[str, Any]] = {}
    for place, row in enumerate(batch):
        try:
            readable[place] = _filled(Reading.model_validate(dict(row)), by_id, now)
        except ValidationError as error:
            verdicts[place] = RowVerdict(row=place, verdict="rejected", reason=_complaint(error))
    if readable:
        verdicts |= _store(database, known, batch, readable, source, now)
    counts = [one.verdict for one in verdicts.values()]
    return BatchVerdict(
        received=len(batch),
        stored=counts.count("stored"),
        duplicate=counts.count("duplicate"),
        rejected=counts.count("rejected"),
        rows=tuple(verdicts[place] for place in range(len(batch))),
    )


def _store(
    database: Database,
    known: Sequence[Device],
    batch: Sequence[Mapping[str, JsonValue]],
    readable: Mapping[int, Mapping[str, Any]],
    source: str,
    now: datetime,
) -> dict[int, RowVerdict]:
    places = list(readable)
    frame = pd.DataFrame(list(readable.values())).drop(columns="record_id").dropna(axis="columns", how="all")
    wrong = frame.pop("wrong") if "wrong" in frame else pd.Series("", index=frame.index)
    for name in ("device_id", *_TIMES):
        if name not in frame:
            frame[name] = None
    for name in _TIMES:
        frame[name] = pd.to_datetime(frame[name], utc=True)
    with database.write() as connection:
        found = ingest_readings(
            connection,
            frame,
            known,
            source=source,
            now=now,
            raw_rows=[json.dumps(batch[place], sort_keys=True) for place in places],
            found_wrong=wrong,
        )
    return {
        place: RowVerdict(
            row=place,
            verdict="rejected"
            if number in found.rejected_rows
            else "duplicate"
            if number in found.duplicate_rows
            else "stored",
            reason=found.rejected_rows.get(number),
        )
        for number, place in enumerate(places)
    }


def _filled(reading: Reading, known: Mapping[str, Device], now: datetime) -> dict[str, Any]:
    """The row with what is known of its device; `wrong` says what contradicts that, "" where nothing does."""
    values = reading.model_dump()
    values["received_utc"] = values["received_utc"] or now
    values["wrong"] = ""
    device = known.get(reading.device_id)
    if device is None:
        return values
    if reading.site_id is not None and reading.site_id != device.site_id:
        values["wrong"] = f"{device.device_id} stands at site {device.site_id}"
    for name in _OF_THE_DEVICE:
        if values[name] is None:
            values[name] = getattr(device, name)
    return values


def _complaint(error: ValidationError) -> str:
    return "; ".join(
        f"{'.'.join(str(part)[:_SHOWN] for part in one['loc'])}: {one['msg']}" for one in error.errors()[:3]
    )
