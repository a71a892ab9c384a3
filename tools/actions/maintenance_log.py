"""Reading the maintenance log: what was done on a device, which cells were replaced, which work orders stand open."""

from collections.abc import Sequence

import sqlalchemy as sa

from tools.actions.maintenance import KIND_WORDS, WorkKind
from tools.actions.schema import maintenance_log
from tools.clock import Utc
from tools.database import Database
from tools.quantity import Asked, Frozen, Quantity, Window
from tools.telemetry.fleet import Device


class MaintenanceEntry(Frozen):
    """One entry of the log. `text` is what a person wrote, and no more than that."""

    entry_id: int
    device_id: str
    site_id: str
    kind: WorkKind
    cell_no: int | None = None
    work_order: int | None = None
    text: str | None = None
    done: Utc
    logged: Utc
    who: str
    is_open: bool = False


class MaintenanceReport(Frozen):
    """What the log holds of the devices asked about, the newest first; entries taken back are left out."""

    asked: Asked
    entries: tuple[MaintenanceEntry, ...]
    count: Quantity
    by_kind: tuple[Quantity, ...] = ()
    open_orders: tuple[MaintenanceEntry, ...] = ()
    open_count: Quantity
    last_replacement: MaintenanceEntry | None = None


def read_maintenance_log(
    database: Database,
    devices: Sequence[Device],
    window: Window | None,
    kind: WorkKind | None = None,
    cell_no: int | None = None,
) -> MaintenanceReport:
    """The log of these devices; work orders that stand open are listed whenever they were opened."""
    ids = [device.device_id for device in devices]
    entries = _entries(database, ids)
    of_cell = [one for one in entries if cell_no is None or one.cell_no == cell_no]
    chosen = [
        one
        for one in of_cell
        if (kind is None or one.kind == kind) and (window is None or window.start <= one.done < window.end)
    ]
    standing = [one for one in of_cell if one.is_open]
    kinds = [name for name in KIND_WORDS if any(one.kind == name for one in chosen)]
    return MaintenanceReport(
        asked=Asked(devices=tuple(ids), window=window),
        entries=tuple(chosen),
        count=_count(len(chosen), window),
        by_kind=tuple(_count(sum(one.kind == name for one in chosen), window, name) for name in kinds),
        open_orders=tuple(standing),
        open_count=_count(len(standing), None, "open"),
        last_replacement=next((one for one in of_cell if one.kind == "cell_replacement"), None),
    )


def _entries(database: Database, device_ids: Sequence[str]) -> list[MaintenanceEntry]:
    table = maintenance_log.c
    query = (
        sa.select(maintenance_log)
        .where(table.device_id.in_(device_ids), table.withdrawn_utc.is_(None))
        .order_by(table.done_utc.desc(), table.entry_id.desc())
    )
    with database.read() as connection:
        rows = [dict(row) for row in connection.execute(query).mappings()]
    closed = {row["work_order"] for row in rows if row["kind"] == "work_order_closed"}
    return [
        MaintenanceEntry(
            **{name: row[name] for name in MaintenanceEntry.model_fields if name in row},
            done=row["done_utc"],
            logged=row["logged_utc"],
            is_open=row["kind"] == "work_order_opened" and row["entry_id"] not in closed,
        )
        for row in rows
    ]


def _count(number: int, window: Window | None, text: str | None = None) -> Quantity:
    return Quantity(value=number, text=text, statistic="count", field="maintenance", window=window)
