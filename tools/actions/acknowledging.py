"""Acknowledging alerts: notes that a person has seen them, with a word on what was found."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from tools.actions.contract import ActionTier, Deed, Effect, Impact, Touched
from tools.analytics.alert_rules import BY_NAME, SEVERITIES, AlertName, AlertSeverity
from tools.analytics.alert_schema import alerts
from tools.errors import ActionFailedError, BadArgumentError
from tools.quantity import Frozen


class AcknowledgeAlerts(Frozen):
    """Exactly these alerts."""

    alert_ids: tuple[int, ...]
    note: str | None = None


class AcknowledgeAction:
    """An operator may do it; alerts of some kinds clear only after it."""

    name = "acknowledge_alert"
    tier: ActionTier = "change"
    arguments = AcknowledgeAlerts

    def preview(self, connection: Connection, arguments: AcknowledgeAlerts) -> Impact:
        """The alerts, each of which must stand unacknowledged."""
        rows = _rows(connection, arguments.alert_ids)
        for row in rows:
            if row["acknowledged_utc"] is not None:
                raise BadArgumentError(
                    f"Alert {row['alert_id']} was acknowledged by {row['acknowledged_by']} before.",
                    "List the active alerts to see which still wait.",
                )
        devices = tuple(sorted({str(row["device_id"]) for row in rows}))
        return Impact(
            means=f"Acknowledge {_counted(rows)} of {_listed(devices)}",
            role="operator",
            sites=tuple(sorted({str(row["site_id"]) for row in rows})),
            devices=devices,
            touched=tuple(_touched(row) for row in rows),
            note=arguments.note,
        )

    def effect(self, connection: Connection, arguments: AcknowledgeAlerts, deed: Deed) -> Effect:
        """Write who has seen them."""
        changed = connection.execute(
            sa.update(alerts)
            .where(alerts.c.alert_id.in_(arguments.alert_ids), alerts.c.acknowledged_utc.is_(None))
            .values(acknowledged_utc=deed.at, acknowledged_by=deed.asked_by, note=arguments.note)
        )
        if changed.rowcount != len(arguments.alert_ids):
            raise ActionFailedError("Some of these alerts were acknowledged meanwhile.", "List the active alerts.")
        rows = _rows(connection, arguments.alert_ids)
        devices = _listed(sorted({str(row["device_id"]) for row in rows}))
        return Effect(
            means=f"Acknowledged {_counted(rows)} of {devices}",
            kept={"by": deed.asked_by},
        )

    def check(self, connection: Connection, arguments: AcknowledgeAlerts, effect: Effect) -> str | None:
        """Whether every one of them is acknowledged by that person."""
        held = [row for row in _rows(connection, arguments.alert_ids) if row["acknowledged_by"] == effect.kept["by"]]
        missing = len(arguments.alert_ids) - len(held)
        return f"{missing} alerts are not acknowledged." if missing else None

    def undo(self, connection: Connection, arguments: AcknowledgeAlerts, effect: Effect, deed: Deed) -> None:  # noqa: ARG002
        """Let them wait again."""
        changed = connection.execute(
            sa.update(alerts)
            .where(alerts.c.alert_id.in_(arguments.alert_ids), alerts.c.acknowledged_by == effect.kept["by"])
            .values(acknowledged_utc=None, acknowledged_by=None, note=None)
        )
        if changed.rowcount != len(arguments.alert_ids):
            raise ActionFailedError("Some of these alerts are no longer there.", "List the alerts.")


def waiting_alerts(
    connection: Connection,
    device_ids: Sequence[str],
    name: AlertName | None,
    severity: AlertSeverity | None,
) -> list[int]:
    """Alerts that stand and wait to be acknowledged; `severity` and worse."""
    table = alerts.c
    query = sa.select(table.alert_id).where(
        table.device_id.in_(device_ids), table.cleared_utc.is_(None), table.acknowledged_utc.is_(None)
    )
    if name is not None:
        query = query.where(table.name == name)
    if severity is not None:
        query = query.where(table.severity.in_(SEVERITIES[SEVERITIES.index(severity) :]))
    return list(connection.scalars(query.order_by(table.alert_id)))


def _touched(row: sa.RowMapping) -> Touched:
    """An alert as the plan names it."""
    return Touched(
        means=f"{BY_NAME[str(row['name'])].means} ({row['severity']}, {row['name']})",
        device_id=row["device_id"],
        site_id=row["site_id"],
        at=row["raised_utc"],
    )


def _rows(connection: Connection, alert_ids: Sequence[int]) -> list[sa.RowMapping]:
    """The alerts in the order of their devices.

    Raises:
        BadArgumentError: there is no such alert.
    """
    table = alerts.c
    query = sa.select(alerts).where(table.alert_id.in_(alert_ids)).order_by(table.device_id, table.alert_id)
    rows = list(connection.execute(query).mappings())
    missing = sorted(set(alert_ids) - {row["alert_id"] for row in rows})
    if missing:
        raise BadArgumentError(
            f"There is no alert {', '.join(map(str, missing))}.", "List the alerts to see their numbers."
        )
    return rows


def _counted(rows: Sequence[sa.RowMapping]) -> str:
    return f"{len(rows)} alert" if len(rows) == 1 else f"{len(rows)} alerts"


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
