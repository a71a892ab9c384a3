"""Alerts a page at a time, for lists that are too long to be read at once."""

from collections.abc import Sequence

from tools.analytics.alert_rules import AlertSeverity
from tools.analytics.alerts import AlertReport, AlertState, list_alerts
from tools.quantity import Frozen, Window
from tools.telemetry.fleet import Device
from tools.telemetry.store import ReadingStore


class AlertPage(Frozen):
    """One page of a report: its alerts are those of the page, its counts those of all pages."""

    page: int
    pages: int
    page_size: int
    report: AlertReport


def page_alerts(
    store: ReadingStore,
    devices: Sequence[Device],
    window: Window,
    page: int,
    page_size: int,
    severity: AlertSeverity | None = None,
    state: AlertState | None = None,
) -> AlertPage:
    """The page of that number, from 1; one beyond the last is empty."""
    report = list_alerts(store.database, devices, window, severity, state)
    first = (page - 1) * page_size
    return AlertPage(
        page=page,
        pages=max(1, -(-len(report.alerts) // page_size)),
        page_size=page_size,
        report=report.model_copy(update={"alerts": report.alerts[first : first + page_size]}),
    )
