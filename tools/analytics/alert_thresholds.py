"""Thresholds of alerts that differ for one battery model, site or device, and the alarm table that follows for a device.

A device's own goes before its site's, that before its model's, and that before the table's. Changing one changes what
is raised from the next reading on; alerts that stand are judged by it at their next reading.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, get_args

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from tools.analytics.alert_rules import BY_NAME, RULES, SEVERITIES, AlertName, AlertRule, AlertSeverity
from tools.analytics.alert_schema import alert_thresholds
from tools.errors import BadArgumentError
from tools.telemetry.fleet import Device
from tools.telemetry.schema import devices, sites

ThresholdScope = Literal["model", "site", "device"]
# A device's own order: later ones win.
SCOPES: tuple[ThresholdScope, ...] = get_args(ThresholdScope)


@dataclass(frozen=True)
class ThresholdPlace:
    """Which step of which alert, for which battery model, site or device: ("site", "S03", "T_HIGH", "minor")."""

    scope: ThresholdScope
    key: str
    name: AlertName
    severity: AlertSeverity


@dataclass(frozen=True)
class Threshold:
    """A threshold that was set for a place, in the alert's unit; None switches the step off there."""

    place: ThresholdPlace
    value: float | None


def rules_for(connection: Connection, device: Device) -> list[AlertRule]:
    """The alarm table for one device; alerts with no step left are not in it."""
    keys: Mapping[ThresholdScope, str | None] = {
        "model": device.battery_model,
        "site": device.site_id,
        "device": device.device_id,
    }
    changed: dict[str, dict[AlertSeverity, float | None]] = {}
    for scope in SCOPES:
        for one in list_thresholds(connection, scope, keys[scope]):
            changed.setdefault(one.place.name, {})[one.place.severity] = one.value
    rules = [rule.with_steps(changed.get(rule.name, {})) for rule in RULES]
    return [rule for rule in rules if rule.steps]


def list_thresholds(
    connection: Connection, scope: ThresholdScope | None = None, key: str | None = None
) -> Sequence[Threshold]:
    """Every threshold that was set, or those of one scope and key."""
    table = alert_thresholds.c
    query = sa.select(alert_thresholds).order_by(table.scope, table.scope_key, table.name, table.severity)
    if scope is not None:
        query = query.where(table.scope == scope, table.scope_key == key)
    return [
        Threshold(ThresholdPlace(row["scope"], row["scope_key"], row["name"], row["severity"]), row["threshold"])
        for row in connection.execute(query).mappings()
    ]


def set_threshold(connection: Connection, place: ThresholdPlace, value: float | None) -> Threshold | None:
    """Set a threshold in the caller's transaction; gives what was set there before, to go back to.

    Args:
        value: in the alert's unit (see the alarm table); None switches the step off there.

    Raises:
        BadArgumentError: no such model, site or device, not a number, or a step that would not lie above the milder ones.
    """
    _check_key(connection, place)
    _check_value(connection, place, value)
    before = reset_threshold(connection, place)
    connection.execute(sa.insert(alert_thresholds).values(**_columns(place), threshold=value))
    return before


def reset_threshold(connection: Connection, place: ThresholdPlace) -> Threshold | None:
    """Go back to the alarm table's own threshold; gives what was set before, None where nothing was."""
    same = sa.and_(*(alert_thresholds.c[name] == value for name, value in _columns(place).items()))
    row = connection.execute(sa.select(alert_thresholds.c.threshold).where(same)).first()
    connection.execute(sa.delete(alert_thresholds).where(same))
    return None if row is None else Threshold(place, row[0])


def _columns(place: ThresholdPlace) -> dict[str, str]:
    return {"scope": place.scope, "scope_key": place.key, "name": place.name, "severity": place.severity}


def _check_key(connection: Connection, place: ThresholdPlace) -> None:
    columns = {"model": devices.c.battery_model, "site": sites.c.site_id, "device": devices.c.device_id}
    known = sorted({str(key) for key in connection.scalars(sa.select(columns[place.scope])) if key is not None})
    if place.key not in known:
        raise BadArgumentError(f"There is no {place.scope} {place.key!r}.", f"Known: {', '.join(known)}.")


def _check_value(connection: Connection, place: ThresholdPlace, value: float | None) -> None:
    """Steps must rise with severity, or an alert would be critical before it is minor."""
    if value is not None and not math.isfinite(value):
        raise BadArgumentError(f"{value} is no threshold.", "Give a number.")
    rule = BY_NAME[place.name]
    set_here = {
        one.place.severity: one.value
        for one in list_thresholds(connection, place.scope, place.key)
        if one.place.name == place.name
    }
    steps = rule.with_steps({**set_here, place.severity: value}).steps
    for milder, graver in pairwise(name for name in SEVERITIES if name in steps):
        if steps[milder] >= steps[graver]:
            raise BadArgumentError(
                f"{place.name} would be {graver} at {steps[graver]:g} {rule.unit}, but only {milder} at "
                f"{steps[milder]:g} {rule.unit}.",
                f"Set {milder} below {graver}.",
            )
