"""Changing the limit of an alarm for one device, one site or one battery model."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from tools.actions.contract import ActionTier, Deed, Effect, Impact, Touched
from tools.actions.spoken_limits import SpokenLimit, checked_limit, spoken
from tools.analytics.alert_rules import BY_NAME, SEVERITIES, AlertName, AlertRule, AlertSeverity
from tools.analytics.alert_schema import alert_thresholds, alerts
from tools.analytics.alert_thresholds import rules_for
from tools.errors import ActionFailedError, BadArgumentError, NoDataError
from tools.quantity import Frozen, Quantity
from tools.telemetry.fleet import Device
from tools.telemetry.schema import devices as device_table
from tools.telemetry.schema import sites as site_table

LimitScope = Literal["model", "site", "device"]
# A wider scope first: the limit of a device stands over that of its site, and that over its model's.
SCOPES: tuple[LimitScope, ...] = ("model", "site", "device")


class ChangeLimit(Frozen):
    """One step of one alarm for one scope, in the unit people say it in."""

    scope: LimitScope
    key: str
    alarm: AlertName
    severity: AlertSeverity
    limit: float


class ChangeLimitAction:
    """An engineer may do it. It counts for readings to come; what was raised before stays raised."""

    name = "change_limit"
    tier: ActionTier = "change"
    arguments = ChangeLimit

    def preview(self, connection: Connection, arguments: ChangeLimit) -> Impact:
        """From which limit to which, for which devices, and how many alerts of it stand there."""
        words = spoken(arguments.alarm)
        limit = checked_limit(arguments.alarm, arguments.limit)
        reached = _reached(connection, arguments)
        before = sorted({_limit_of(connection, device, arguments, words) for device in reached})
        if before == [limit]:
            raise BadArgumentError(f"The limit is {limit:g} {words.unit} already.", "Choose another value.")
        for device in reached:
            _check_order(_rule_of(connection, device, arguments.alarm), arguments, words)
        from_to = f"from {' and '.join(f'{one:g}' for one in before)} to {limit:g} {words.unit}".replace(" times", "")
        site_ids = tuple(sorted({device.site_id for device in reached}))
        return Impact(
            means=f"Change the {arguments.severity} limit of {arguments.alarm} ({words.of}) {from_to} for "
            f"{_place(connection, arguments)}",
            role="engineer",
            sites=site_ids,
            devices=tuple(device.device_id for device in reached),
            touched=(Touched(means=f"reaches {', '.join(device.device_id for device in reached)}"),),
            figures=(
                Quantity(value=limit, unit=words.unit, statistic="limit_high", field=arguments.alarm),
                Quantity(
                    value=_standing(connection, arguments.alarm, reached),
                    text="alerts of it that stand there",
                    statistic="count",
                    field="alerts",
                ),
            ),
        )

    def effect(self, connection: Connection, arguments: ChangeLimit, deed: Deed) -> Effect:  # noqa: ARG002
        """Write the threshold in place of the one there was."""
        before = connection.execute(sa.select(alert_thresholds.c.threshold).where(*_same(arguments))).one_or_none()
        words = spoken(arguments.alarm)
        _write(connection, arguments, words.threshold(arguments.limit))
        return Effect(
            means=f"Changed the {arguments.severity} limit of {arguments.alarm} to {arguments.limit:g} "
            f"{words.unit} for {_place(connection, arguments)}",
            kept={"had_one": before is not None, "threshold": before.threshold if before else None},
        )

    def check(self, connection: Connection, arguments: ChangeLimit, effect: Effect) -> str | None:  # noqa: ARG002
        """Whether every device it reaches is now judged by it."""
        wanted = spoken(arguments.alarm).threshold(arguments.limit)
        wrong = [
            device.device_id
            for device in _reached(connection, arguments)
            if _rule_of(connection, device, arguments.alarm).steps.get(arguments.severity) != wanted
        ]
        return f"{', '.join(wrong)} would be judged by another limit." if wrong else None

    def undo(self, connection: Connection, arguments: ChangeLimit, effect: Effect, deed: Deed) -> None:  # noqa: ARG002
        """Put the limit back that there was, unless somebody has changed it since."""
        now = connection.execute(sa.select(alert_thresholds.c.threshold).where(*_same(arguments))).one_or_none()
        if now is None or now.threshold != spoken(arguments.alarm).threshold(arguments.limit):
            raise ActionFailedError("The limit has been changed since.", "Set the limit you want.")
        connection.execute(sa.delete(alert_thresholds).where(*_same(arguments)))
        if effect.kept["had_one"]:
            _write(connection, arguments, effect.kept["threshold"])  # type: ignore[arg-type]


def lowest_step(alarm: AlertName) -> AlertSeverity:
    """The severity an alarm begins with."""
    return next(iter(BY_NAME[alarm].steps))


def _reached(connection: Connection, arguments: ChangeLimit) -> list[Device]:
    """Devices of the scope that no narrower limit keeps for itself.

    Raises:
        NoDataError: there is none.
    """
    column = {"model": "battery_model", "site": "site_id", "device": "device_id"}[arguments.scope]
    query = sa.select(device_table).where(device_table.c[column] == arguments.key).order_by(device_table.c.device_id)
    found = [Device(**row) for row in connection.execute(query).mappings()]
    narrower = SCOPES[SCOPES.index(arguments.scope) + 1 :]
    reached = [device for device in found if not _has_own(connection, device, arguments, narrower)]
    if not reached:
        why = "has a limit of its own there" if found else "is there"
        raise NoDataError(f"No device of {arguments.key} would be reached: {'each' if found else 'none'} {why}.")
    return reached


def _has_own(connection: Connection, device: Device, arguments: ChangeLimit, scopes: Sequence[LimitScope]) -> bool:
    keys = {"site": device.site_id, "device": device.device_id}
    table = alert_thresholds.c
    return any(
        connection.execute(
            sa.select(table.name).where(
                table.scope == scope,
                table.scope_key == keys[scope],
                table.name == arguments.alarm,
                table.severity == arguments.severity,
            )
        ).first()
        for scope in scopes
    )


def _rule_of(connection: Connection, device: Device, alarm: AlertName) -> AlertRule:
    """Raises BadArgumentError where the alarm is switched off for the device."""
    for rule in rules_for(connection, device):
        if rule.name == alarm:
            return rule
    raise BadArgumentError(f"{alarm} is switched off for {device.device_id}.", "Choose another alarm.")


def _limit_of(connection: Connection, device: Device, arguments: ChangeLimit, words: SpokenLimit) -> float:
    """The limit that counts for a device now, as people say it."""
    steps = _rule_of(connection, device, arguments.alarm).steps
    if arguments.severity not in steps:
        raise BadArgumentError(
            f"{arguments.alarm} has no {arguments.severity} step at {device.device_id}.",
            f"Its steps are {', '.join(steps)}.",
        )
    return words.limit(steps[arguments.severity])


def _check_order(rule: AlertRule, arguments: ChangeLimit, words: SpokenLimit) -> None:
    """A worse step must not come before a lesser one."""
    steps = rule.with_steps({arguments.severity: words.threshold(arguments.limit)}).steps
    ordered = [steps[name] for name in SEVERITIES if name in steps]
    if any(later <= earlier for earlier, later in pairwise(ordered)):
        limits = ", ".join(f"{name} {words.limit(rule.steps[name]):g}" for name in SEVERITIES if name in rule.steps)
        raise BadArgumentError(
            f"{arguments.limit:g} {words.unit} would put the steps of {arguments.alarm} out of order.",
            f"They are {limits} {words.unit}; name the step you mean, or a value between its neighbours.",
        )


def _standing(connection: Connection, alarm: AlertName, reached: Sequence[Device]) -> int:
    table = alerts.c
    count = connection.scalar(
        sa.select(sa.func.count()).where(
            table.name == alarm,
            table.device_id.in_([device.device_id for device in reached]),
            table.cleared_utc.is_(None),
        )
    )
    return int(count or 0)


def _place(connection: Connection, arguments: ChangeLimit) -> str:
    if arguments.scope == "site":
        name = connection.scalar(sa.select(site_table.c.name).where(site_table.c.site_id == arguments.key))
        return str(name or arguments.key)
    return f"model {arguments.key}" if arguments.scope == "model" else arguments.key


def _same(arguments: ChangeLimit) -> list[sa.ColumnElement[bool]]:
    table = alert_thresholds.c
    return [
        table.scope == arguments.scope,
        table.scope_key == arguments.key,
        table.name == arguments.alarm,
        table.severity == arguments.severity,
    ]


def _write(connection: Connection, arguments: ChangeLimit, threshold: float | None) -> None:
    connection.execute(sa.delete(alert_thresholds).where(*_same(arguments)))
    connection.execute(
        sa.insert(alert_thresholds).values(
            scope=arguments.scope,
            scope_key=arguments.key,
            name=arguments.alarm,
            severity=arguments.severity,
            threshold=threshold,
        )
    )
