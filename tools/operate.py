"""Tools that act: each only plans an action, which a person then approves or rejects; and what waits and was done."""

from collections.abc import Sequence
from datetime import UTC, datetime

from tools.actions.acknowledging import AcknowledgeAlerts, waiting_alerts
from tools.actions.ledger import ActionLedger
from tools.actions.limit_changes import ChangeLimit, LimitScope, lowest_step
from tools.actions.maintenance import LogMaintenance, WorkKind, open_orders
from tools.actions.maintenance_log import MaintenanceReport, read_maintenance_log
from tools.actions.plan import PlannedAction
from tools.actions.undoing import Undo
from tools.analytics.alert_rules import AlertName, AlertSeverity
from tools.clock import Clock, Utc
from tools.errors import BadArgumentError, NoDataError
from tools.people import Person
from tools.quantity import Frozen, Quantity, Window
from tools.telemetry.fleet import Device, Fleet
from tools.telemetry.names import chosen_devices, find_device, find_site, plain
from tools.telemetry.store import ReadingStore

LONGEST_TEXT = 500
BEFORE_ANY_LOG = datetime(1990, 1, 1, tzinfo=UTC)


class PendingActions(Frozen):
    """What waits for approval: the asker's own and what they may approve."""

    actions: tuple[PlannedAction, ...]
    count: Quantity


class OperateTools:
    """Requests to change something. Nothing is changed here: a plan waits for a person."""

    def __init__(self, store: ReadingStore, clock: Clock, actions: ActionLedger) -> None:
        self._store = store
        self._clock = clock
        self._actions = actions

    def acknowledge_alert(
        self,
        person: Person,
        conversation_id: str | None,
        alert_ids: Sequence[int] | None = None,
        devices: Sequence[str] | None = None,
        sites: Sequence[str] | None = None,
        alarm: AlertName | None = None,
        severity: AlertSeverity | None = None,
        note: str | None = None,
    ) -> PlannedAction:
        """Plan to acknowledge alerts: those numbered, or all that stand unacknowledged at a place.

        Use for "ack the alarm on D03", "acknowledge everything at Harbor, checked on site". It waits for approval.

        Args:
            alert_ids: Numbers of alerts, for example [12]; those that stand where none is given.
            devices: Device ids, for example ["D03"].
            sites: Site names, for example ["Harbor"].
            alarm: Only alerts of this name, for example "T_HIGH".
            severity: Only this severity and worse, for example "major".
            note: What the person found, for example "checked on site".
        """
        fleet = self._seen(person)
        chosen = chosen_devices(fleet, devices, sites)
        ids = sorted(set(alert_ids)) if alert_ids else self._waiting(chosen, alarm, severity)
        order = AcknowledgeAlerts(alert_ids=tuple(ids), note=_checked(note))
        return self._actions.propose("acknowledge_alert", order, person, conversation_id)

    def change_limit(
        self,
        person: Person,
        conversation_id: str | None,
        alarm: AlertName,
        limit: float,
        severity: AlertSeverity | None = None,
        device: str | None = None,
        site: str | None = None,
        model: str | None = None,
    ) -> PlannedAction:
        """Plan to change the limit of an alarm for one device, one site or one battery model.

        Use for "raise the temperature alarm at Northgate to 38", "warn below 30 % charge on D02". It waits for approval.

        Args:
            alarm: Name of the alarm, for example "T_HIGH" for hot, "LOW_RESERVE" for little charge.
            limit: The value as people say it, for example 38 for 38 °C, 30 for 30 % of charge left.
            severity: The step that is meant, for example "major"; the lowest step where none.
            device: Device id, for example "D03"; name one of device, site and model.
            site: Site name, for example "Northgate".
            model: Battery model, for example "AGM-500".
        """
        scope, key = self._scope(person, device, site, model)
        order = ChangeLimit(scope=scope, key=key, alarm=alarm, severity=severity or lowest_step(alarm), limit=limit)
        return self._actions.propose("change_limit", order, person, conversation_id)

    def log_maintenance(
        self,
        person: Person,
        conversation_id: str | None,
        device: str,
        kind: WorkKind,
        text: str | None = None,
        cell_no: int | None = None,
        work_order: int | None = None,
        done: Utc | None = None,
    ) -> PlannedAction:
        """Plan an entry in the maintenance log: a work order opened or closed, a cell replaced, an inspection, a note.

        Use for "log that cell 7 of D02 was replaced", "open a work order for D05". It waits for approval.

        Args:
            device: Device id, for example "D02".
            kind: "work_order_opened", "work_order_closed", "cell_replacement", "inspection" or "note".
            text: What is to be noted, in the person's words, for example "check the joints of row 2".
            cell_no: Number of the cell, for example 7.
            work_order: Number of the order to close, for example 4; the only open one where none.
            done: When it was done, ISO 8601; now where none.
        """
        chosen = find_device(self._seen(person), device)
        if done is not None and done > self._clock.now():
            raise BadArgumentError(f"{done:%Y-%m-%d %H:%M} UTC is still to come.", "Log what has been done.")
        if kind == "work_order_closed" and work_order is None:
            work_order = self._only_order(chosen.device_id)
        order = LogMaintenance(
            device_id=chosen.device_id,
            kind=kind,
            text=_checked(text),
            cell_no=cell_no,
            work_order=work_order if kind == "work_order_closed" else None,
            done_utc=done,
        )
        return self._actions.propose("log_maintenance", order, person, conversation_id)

    def undo_action(self, person: Person, conversation_id: str | None, plan_id: str | None = None) -> PlannedAction:
        """Plan to undo an action that was carried out. Use for "undo that", "take it back". It waits for approval.

        Args:
            plan_id: Which action, for example "plan_4f…"; the asker's last one where none.
        """
        if plan_id is None:
            last = self._actions.last_done(person)
            if last is None:
                raise NoDataError("You have no action that could be undone.", "GET /api/actions lists what was done.")
            plan_id = last.plan_id
        return self._actions.propose("undo_action", Undo(plan_id=plan_id), person, conversation_id)

    def pending_actions(self, person: Person) -> PendingActions:
        """List actions that wait for approval. Use for "what is waiting for me", "anything to approve"."""
        waiting = tuple(self._actions.pending(person))
        return PendingActions(
            actions=waiting, count=Quantity(value=len(waiting), statistic="count", field="pending_actions")
        )

    def maintenance_log(
        self,
        person: Person,
        devices: Sequence[str] | None = None,
        sites: Sequence[str] | None = None,
        kind: WorkKind | None = None,
        cell_no: int | None = None,
        start: Utc | None = None,
        end: Utc | None = None,
    ) -> MaintenanceReport:
        """Read the maintenance log: what was done, cells replaced, open work orders, how many of each.

        Use for "what was done on D03 last month", "last replacement at Harbor", "open work orders".

        Args:
            devices: Device ids, for example ["D03"]; the whole fleet where neither is named.
            sites: Site names, for example ["Harbor"].
            kind: "work_order_opened", "work_order_closed", "cell_replacement", "inspection" or "note"; all where none.
            cell_no: Only entries about this cell, for example 7.
            start: Begin of the window, ISO 8601; the whole log where none.
            end: End of the window, exclusive; now where none.
        """
        chosen = chosen_devices(self._seen(person), devices, sites)
        return read_maintenance_log(self._store.database, chosen, self._window(start, end), kind, cell_no)

    def _window(self, start: datetime | None, end: datetime | None) -> Window | None:
        if start is None and end is None:
            return None
        return Window(start=start or BEFORE_ANY_LOG, end=end or self._clock.now())

    def _seen(self, person: Person) -> Fleet:
        """The fleet as far as the person's scope reaches: the rest does not exist for them."""
        fleet = self._store.fleet()
        return Fleet(
            sites=tuple(site for site in fleet.sites if person.sees(site.site_id)),
            devices=tuple(device for device in fleet.devices if person.sees(device.site_id)),
        )

    def _waiting(
        self, chosen: Sequence[Device], alarm: AlertName | None, severity: AlertSeverity | None
    ) -> list[int]:
        ids = [device.device_id for device in chosen]
        with self._store.database.read() as connection:
            waiting = waiting_alerts(connection, ids, alarm, severity)
        if not waiting:
            raise NoDataError(
                f"No alert of that kind stands unacknowledged on {', '.join(ids)}.", "List the alerts to see all."
            )
        return waiting

    def _scope(
        self, person: Person, device: str | None, site: str | None, model: str | None
    ) -> tuple[LimitScope, str]:
        fleet = self._seen(person)
        if sum(name is not None for name in (device, site, model)) != 1:
            raise BadArgumentError(
                "For which place is the limit?",
                "Name one device, one site or one battery model, for example Northgate.",
            )
        if device is not None:
            return "device", find_device(fleet, device).device_id
        if site is not None:
            return "site", find_site(fleet, site).site_id
        models = {one.battery_model for one in fleet.devices if one.battery_model}
        known = {plain(name): name for name in models}
        if plain(str(model)) not in known:
            raise BadArgumentError(f"No battery model {model!r}.", f"Known: {', '.join(sorted(models))}.")
        return "model", known[plain(str(model))]

    def _only_order(self, device_id: str) -> int:
        with self._store.database.read() as connection:
            standing = open_orders(connection, device_id)
        if len(standing) != 1:
            known = f"Open ones: {', '.join(map(str, standing))}." if standing else "It has none that is open."
            raise BadArgumentError(f"Which work order of {device_id} is to be closed?", known)
        return standing[0]


def _checked(text: str | None) -> str | None:
    """A note as it may be kept: not empty, not endless."""
    said = (text or "").strip()
    if len(said) > LONGEST_TEXT:
        raise BadArgumentError(
            f"The note has {len(said)} characters; at most {LONGEST_TEXT} are kept.", "Say it in fewer words."
        )
    return said or None
