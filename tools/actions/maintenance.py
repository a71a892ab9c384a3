"""Writing the maintenance log: work orders opened and closed, cells replaced, inspections, notes."""

from typing import Literal

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from tools.actions.contract import ActionTier, Deed, Effect, Impact, Touched
from tools.actions.schema import maintenance_log
from tools.clock import Utc
from tools.errors import ActionFailedError, BadArgumentError, UnknownCellError, UnknownDeviceError
from tools.quantity import Frozen
from tools.telemetry.schema import devices

WorkKind = Literal["work_order_opened", "work_order_closed", "cell_replacement", "inspection", "note"]
KIND_WORDS: dict[WorkKind, str] = {
    "work_order_opened": "work order opened",
    "work_order_closed": "work order closed",
    "cell_replacement": "replacement of cell",
    "inspection": "inspection",
    "note": "note",
}


class LogMaintenance(Frozen):
    """One entry. `done_utc` None means at the moment it is logged; `work_order` is the entry that opened it."""

    device_id: str
    kind: WorkKind
    text: str | None = None
    cell_no: int | None = None
    work_order: int | None = None
    done_utc: Utc | None = None


class LogMaintenanceAction:
    """An operator may do it."""

    name = "log_maintenance"
    tier: ActionTier = "change"
    arguments = LogMaintenance

    def preview(self, connection: Connection, arguments: LogMaintenance) -> Impact:
        """The entry that would be written."""
        site_id = _site_of(connection, arguments)
        if arguments.kind == "work_order_closed":
            _check_open(connection, arguments)
        what = _entry_words(arguments)
        return Impact(
            means=f"Write to the maintenance log of {arguments.device_id}: {what}",
            role="operator",
            sites=(site_id,),
            devices=(arguments.device_id,),
            touched=(_touched(arguments, what, site_id),) if arguments.done_utc else (),
            note=arguments.text,
        )

    def effect(self, connection: Connection, arguments: LogMaintenance, deed: Deed) -> Effect:
        """Write the entry."""
        entry_id = connection.scalars(
            sa.insert(maintenance_log)
            .values(
                device_id=arguments.device_id,
                site_id=_site_of(connection, arguments),
                kind=arguments.kind,
                cell_no=arguments.cell_no,
                work_order=arguments.work_order,
                text=arguments.text,
                done_utc=arguments.done_utc or deed.at,
                logged_utc=deed.at,
                who=deed.asked_by,
            )
            .returning(maintenance_log.c.entry_id)
        ).one()
        return Effect(
            means=f"Logged for {arguments.device_id} as entry {entry_id}: {_entry_words(arguments)}",
            kept={"entry_id": entry_id},
        )

    def check(self, connection: Connection, arguments: LogMaintenance, effect: Effect) -> str | None:
        """Whether the log holds the entry as it was approved."""
        held = connection.execute(
            sa.select(maintenance_log).where(maintenance_log.c.entry_id == effect.kept["entry_id"])
        ).mappings()
        row = held.one_or_none()
        same = row is not None and all(
            row[name] == getattr(arguments, name) for name in ("device_id", "kind", "cell_no", "work_order", "text")
        )
        return None if same else "the entry is not in the log as it was approved."

    def undo(self, connection: Connection, arguments: LogMaintenance, effect: Effect, deed: Deed) -> None:
        """Withdraw the entry; it stays to be seen and is counted no more."""
        table, entry_id = maintenance_log.c, effect.kept["entry_id"]
        if arguments.kind == "work_order_opened" and _closing(connection, int(str(entry_id))) is not None:
            raise ActionFailedError("That work order has been closed since.", "Undo its closing first.")
        changed = connection.execute(
            sa.update(maintenance_log)
            .where(table.entry_id == entry_id, table.withdrawn_utc.is_(None))
            .values(withdrawn_utc=deed.at)
        )
        if changed.rowcount != 1:
            raise ActionFailedError("That entry has been withdrawn before.", "Look at the maintenance log.")


def _touched(arguments: LogMaintenance, what: str, site_id: str) -> Touched:
    """What was done at another time than now."""
    return Touched(means=what, device_id=arguments.device_id, site_id=site_id, at=arguments.done_utc)


def open_orders(connection: Connection, device_id: str) -> list[int]:
    """Numbers of the device's work orders that stand open."""
    table, closing = maintenance_log.c, maintenance_log.alias()
    query = sa.select(table.entry_id).where(
        table.device_id == device_id,
        table.kind == "work_order_opened",
        table.withdrawn_utc.is_(None),
        ~sa.exists().where(closing.c.work_order == table.entry_id, closing.c.withdrawn_utc.is_(None)),
    )
    return list(connection.scalars(query.order_by(table.entry_id)))


def _closing(connection: Connection, work_order: int) -> int | None:
    table = maintenance_log.c
    return connection.scalar(
        sa.select(table.entry_id).where(table.work_order == work_order, table.withdrawn_utc.is_(None))
    )


def _site_of(connection: Connection, arguments: LogMaintenance) -> str:
    """The device's site, once device and cell are known to be there."""
    row = connection.execute(
        sa.select(devices.c.site_id, devices.c.cell_count).where(devices.c.device_id == arguments.device_id)
    ).one_or_none()
    if row is None:
        raise UnknownDeviceError(f"No device {arguments.device_id!r}.")
    if arguments.kind == "cell_replacement" and arguments.cell_no is None:
        raise BadArgumentError("Which cell was replaced?", f"Name a cell from 1 to {row.cell_count}.")
    if arguments.cell_no is not None and not 1 <= arguments.cell_no <= row.cell_count:
        raise UnknownCellError(
            f"{arguments.device_id} has no cell {arguments.cell_no}.", f"Its cells are 1 to {row.cell_count}."
        )
    return str(row.site_id)


def _check_open(connection: Connection, arguments: LogMaintenance) -> None:
    standing = open_orders(connection, arguments.device_id)
    if arguments.work_order not in standing:
        known = f"Open ones: {', '.join(map(str, standing))}." if standing else "It has none that is open."
        raise BadArgumentError(f"{arguments.device_id} has no open work order {arguments.work_order}.", known)


def _entry_words(arguments: LogMaintenance) -> str:
    words = KIND_WORDS[arguments.kind]
    if arguments.kind == "work_order_closed":
        return f"{words}, number {arguments.work_order}"
    if arguments.kind == "cell_replacement":
        return f"{words} {arguments.cell_no}"
    return words if arguments.cell_no is None else f"{words}, cell {arguments.cell_no}"
