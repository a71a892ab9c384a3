"""Alerts kept in the database: evaluated on new readings and over history alike, acknowledged, listed."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal

import sqlalchemy as sa

from tools.analytics.alert_book import active_at, keep, stored_lives
from tools.analytics.alert_life import follow
from tools.analytics.alert_outbox import count_undelivered
from tools.analytics.alert_rules import BY_NAME, SEVERITIES, AlertName, AlertSeverity
from tools.analytics.alert_schema import alerts
from tools.analytics.alert_thresholds import rules_for
from tools.analytics.device_history import DeviceHistory, read_history
from tools.analytics.responses import OF_ALERT
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
    """One alert and its life; `response` is the document that says what to do. `began` to `raised` raised it."""

    alert_id: int
    device_id: str
    site_id: str
    name: AlertName
    means: str
    response: str | None = None
    severity: AlertSeverity
    state: AlertState
    began: Utc
    raised: Utc
    cleared: Utc | None = None
    worst: Quantity
    acknowledged: Utc | None = None
    acknowledged_by: str | None = None
    note: str | None = None


class OpenFinding(Frozen):
    """An alert that stands, as far as a judgement on its device needs it."""

    name: AlertName
    means: str
    severity: AlertSeverity
    since: Utc


class AlertReport(Frozen):
    """Alerts of the devices asked about: what stands first, the most serious and newest on top.

    `undelivered` counts messages about them that a webhook or mail server has not taken so far; None where it took all.
    """

    asked: Asked
    alerts: tuple[Alert, ...]
    count: Quantity
    active_count: Quantity
    by_severity: tuple[Quantity, ...]
    by_name: tuple[Quantity, ...] = ()
    undelivered: Quantity | None = None


def evaluate_alerts(
    database: Database,
    devices: Sequence[Device],
    since: datetime,
    store: ReadingStore | None = None,
    now: datetime | None = None,
) -> int:
    """Bring the alerts of these devices up to date with the readings from `since` on; gives how many were raised.

    Evaluating the same readings again changes nothing. Late rows may take back an alert they contradict, but
    never one that a person has acknowledged.

    Args:
        store: what has the readings of the database already, where something does.
        now: the present, where silence counts too; without it nothing is said of the time after the newest row.
    """
    store, raised = store or ReadingStore(database), 0
    for device in devices:
        span = store.spans([device.device_id]).get(device.device_id)
        if span is None or span.last < since:
            continue
        history = read_history(store, device, since - LOOK_BACK, span.last + AFTER_NEWEST)
        raised += _evaluate(database, device, replace(history, until=now), since)
    return raised


def _evaluate(database: Database, device: Device, history: DeviceHistory, since: datetime) -> int:
    with database.read() as connection:
        rules = rules_for(connection, device)
    # Before the write begins, which others wait for.
    signals = [rule.signal(history) for rule in rules]
    with database.write() as connection:
        stored = stored_lives(connection, device.device_id, since)
        return sum(
            keep(
                connection,
                device,
                rule.name,
                since,
                follow(rule, signal, since, active_at(stored, rule.name, since)),
                stored,
            )
            for rule, signal in zip(rules, signals, strict=True)
        )


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


def open_findings(database: Database, device_ids: Sequence[str]) -> dict[str, tuple[OpenFinding, ...]]:
    """Alerts that stand, minor and worse, by device, the most serious first."""
    table = alerts.c
    query = (
        sa.select(table.device_id, table.name, table.severity, table.began_utc)
        .where(table.device_id.in_(device_ids), table.cleared_utc.is_(None), table.severity != "info")
        .order_by(table.began_utc)
    )
    found: dict[str, list[OpenFinding]] = {}
    with database.read() as connection:
        for device_id, name, severity, began in connection.execute(query):
            one = OpenFinding(name=name, means=BY_NAME[name].means, severity=severity, since=began)
            found.setdefault(device_id, []).append(one)
    return {
        device_id: tuple(sorted(mine, key=lambda one: -SEVERITIES.index(one.severity)))
        for device_id, mine in found.items()
    }


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
        undelivered = count_undelivered(connection, ids)
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
        undelivered=Quantity(value=undelivered, statistic="count", field="undelivered messages")
        if undelivered
        else None,
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
            "response": OF_ALERT[rule.name],
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
