"""Alerts kept in the database: evaluated on new readings and over history alike, acknowledged, listed."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from tools.analytics.alert_life import AlertLife, follow
from tools.analytics.alert_rules import BY_NAME, RULES, SEVERITIES, AlertName, AlertRule, AlertSeverity
from tools.analytics.alert_schema import alert_thresholds, alerts
from tools.analytics.device_history import read_history
from tools.clock import Utc
from tools.database import Database
from tools.errors import BadArgumentError
from tools.quantity import Asked, Frozen, Quantity, Window
from tools.telemetry.fleet import Device
from tools.telemetry.store import ReadingStore

AlertState = Literal["active", "acknowledged", "cleared"]
# The longest memory a rule has: the float current is compared with 30 days of its own.
LOOK_BACK = timedelta(days=31)
AFTER_NEWEST = timedelta(seconds=1)


class Alert(Frozen):
    """One alert and its life. The rows from `began` to `raised` raised it."""

    alert_id: int
    device_id: str
    site_id: str
    name: AlertName
    means: str
    severity: AlertSeverity
    state: AlertState
    began: Utc
    raised: Utc
    cleared: Utc | None = None
    worst: Quantity
    acknowledged: Utc | None = None
    acknowledged_by: str | None = None
    note: str | None = None


class AlertReport(Frozen):
    """Alerts of the devices asked about: what stands first, the most serious and newest on top."""

    asked: Asked
    alerts: tuple[Alert, ...]
    count: Quantity
    active_count: Quantity
    by_severity: tuple[Quantity, ...]
    by_name: tuple[Quantity, ...] = ()


def evaluate_alerts(database: Database, devices: Sequence[Device], since: datetime) -> int:
    """Bring the alerts of these devices up to date with the readings from `since` on; gives how many were raised.

    Evaluating the same readings again changes nothing. Late rows may take back an alert they contradict, but
    never one that a person has acknowledged.
    """
    store, raised = ReadingStore(database), 0
    for device in devices:
        span = store.spans([device.device_id]).get(device.device_id)
        if span is None or span.last < since:
            continue
        history = read_history(store, device, since - LOOK_BACK, span.last + AFTER_NEWEST)
        with database.write() as connection:
            for rule in rules_for(connection, device):
                active = _active_at(connection, device.device_id, rule.name, since)
                lives = follow(rule, rule.signal(history), since, active)
                raised += _keep(connection, device, rule.name, since, lives)
    return raised


def evaluate_history(database: Database, device_id: str | None = None) -> int:
    """Alerts of every device (or one) over all that is stored, as after a demo or an import; gives how many were raised."""
    store = ReadingStore(database)
    raised = 0
    for device in store.fleet().devices:
        if device_id not in (None, device.device_id):
            continue
        for span in store.spans([device.device_id]).values():
            raised += evaluate_alerts(database, [device], span.first)
    return raised


def rules_for(connection: Connection, device: Device) -> list[AlertRule]:
    """The alarm table for one device: its model's thresholds over the default ones, its site's over both, its own over
    all."""
    changed: dict[str, dict[AlertSeverity, float | None]] = {}
    for scope, key in (
        ("model", device.battery_model),
        ("site", device.site_id),
        ("device", device.device_id),
    ):
        query = sa.select(alert_thresholds).where(
            alert_thresholds.c.scope == scope, alert_thresholds.c.scope_key == key
        )
        for row in connection.execute(query).mappings():
            changed.setdefault(row["name"], {})[row["severity"]] = row["threshold"]
    rules = [rule.with_steps(changed.get(rule.name, {})) for rule in RULES]
    return [rule for rule in rules if rule.steps]


def _active_at(connection: Connection, device_id: str, name: AlertName, moment: datetime) -> AlertLife | None:
    table = alerts.c
    query = (
        sa.select(alerts)
        .where(
            table.device_id == device_id,
            table.name == name,
            table.raised_utc < moment,
            sa.or_(table.cleared_utc.is_(None), table.cleared_utc >= moment),
        )
        .order_by(table.raised_utc.desc())
    )
    row = connection.execute(query).mappings().first()
    if row is None:
        return None
    return AlertLife(
        name, row["severity"], row["began_utc"], row["raised_utc"], row["value"],
        is_acknowledged=row["acknowledged_utc"] is not None,
    )  # fmt: skip


def _keep(
    connection: Connection, device: Device, name: AlertName, since: datetime, lives: Iterable[AlertLife]
) -> int:
    """Write the lives; those of the re-evaluated time that did not come out again are taken back."""
    table, kept, new = alerts.c, [], 0
    mine = (table.device_id == device.device_id) & (table.name == name)
    for life in lives:
        kept.append(life.raised)
        values = {
            "severity": life.severity, "began_utc": life.began, "cleared_utc": life.cleared, "value": life.value,
        }  # fmt: skip
        found = connection.execute(sa.update(alerts).where(mine, table.raised_utc == life.raised).values(values))
        if not found.rowcount:
            about = {"device_id": device.device_id, "site_id": device.site_id, "name": name}
            connection.execute(sa.insert(alerts).values(about | values | {"raised_utc": life.raised}))
            new += 1
    connection.execute(
        sa.delete(alerts).where(
            mine, table.raised_utc >= since, table.raised_utc.not_in(kept), table.acknowledged_utc.is_(None)
        )
    )
    return new


def acknowledge_alert(database: Database, alert_id: int, by: str, note: str, now: datetime) -> None:
    """Note that a person has seen an alert; a repeated acknowledgement keeps the first.

    Raises:
        BadArgumentError: there is no such alert.
    """
    table = alerts.c
    with database.write() as connection:
        if connection.scalar(sa.select(table.alert_id).where(table.alert_id == alert_id)) is None:
            raise BadArgumentError(f"There is no alert {alert_id}.", "List the alerts to see their numbers.")
        connection.execute(
            sa.update(alerts)
            .where(table.alert_id == alert_id, table.acknowledged_utc.is_(None))
            .values(acknowledged_utc=now, acknowledged_by=by, note=note)
        )


def set_threshold(
    database: Database,
    scope: Literal["model", "site", "device"],
    key: str,
    step: tuple[AlertName, AlertSeverity],
    threshold: float | None,
) -> None:
    """Give one battery model, site or device another threshold; None switches the step off there."""
    name, severity = step
    row = {"scope": scope, "scope_key": key, "name": name, "severity": severity}
    with database.write() as connection:
        same = sa.and_(*(alert_thresholds.c[column] == value for column, value in row.items()))
        connection.execute(sa.delete(alert_thresholds).where(same))
        connection.execute(sa.insert(alert_thresholds).values(row | {"threshold": threshold}))


def list_alerts(
    database: Database,
    devices: Sequence[Device],
    window: Window,
    severity: AlertSeverity | None = None,
    state: AlertState | None = None,
) -> AlertReport:
    """Alerts that stood at some time of the window.

    Args:
        severity: this severity and worse.
        state: only those that are active, acknowledged or cleared now; acknowledged ones still stand.
    """
    ids, table = [device.device_id for device in devices], alerts.c
    query = sa.select(alerts).where(
        table.device_id.in_(ids),
        table.raised_utc < window.end,
        sa.or_(table.cleared_utc.is_(None), table.cleared_utc >= window.start),
    )
    if severity is not None:
        query = query.where(table.severity.in_(SEVERITIES[SEVERITIES.index(severity) :]))
    with database.read() as connection:
        found = [_alert(row) for row in connection.execute(query).mappings()]
    found = [one for one in found if state is None or one.state == state]
    found.sort(key=lambda one: (one.cleared is not None, -SEVERITIES.index(one.severity), -one.raised.timestamp()))
    return AlertReport(
        asked=Asked(devices=tuple(ids), window=window),
        alerts=tuple(found),
        count=_count(found, window),
        active_count=_count([one for one in found if one.cleared is None], window, "standing"),
        by_severity=tuple(
            _count([one for one in found if one.severity == name], window, name)
            for name in reversed(SEVERITIES)
            if any(one.severity == name for one in found)
        ),
        by_name=tuple(
            _count([one for one in found if one.name == name], window, BY_NAME[name].means)
            for name, _ in Counter(one.name for one in found).most_common()
        ),
    )


def _count(found: Sequence[Alert], window: Window, text: str | None = None) -> Quantity:
    return Quantity(value=len(found), text=text, statistic="count", field="alerts", window=window)


def _alert(row: Mapping[str, object] | sa.RowMapping) -> Alert:
    rule = BY_NAME[str(row["name"])]
    state: AlertState = "active" if row["acknowledged_utc"] is None else "acknowledged"
    facts = dict(row)
    return Alert.model_validate(
        {
            "alert_id": facts["alert_id"],
            "device_id": facts["device_id"],
            "site_id": facts["site_id"],
            "name": rule.name,
            "means": rule.means,
            "severity": facts["severity"],
            "state": state if facts["cleared_utc"] is None else "cleared",
            "began": facts["began_utc"],
            "raised": facts["raised_utc"],
            "cleared": facts["cleared_utc"],
            "acknowledged": facts["acknowledged_utc"],
            "acknowledged_by": facts["acknowledged_by"],
            "note": facts["note"],
            "worst": Quantity(
                value=facts["value"], unit=rule.unit, statistic="max", field=rule.name,
                device_id=str(facts["device_id"]), site_id=str(facts["site_id"]), at=facts["raised_utc"],
            ),
        }
    )  # fmt: skip
