"""The life of an alert over a signal: raised after its delay, worse while it lasts, cleared below its hysteresis."""

from dataclasses import dataclass, replace
from datetime import datetime

import pandas as pd

from tools.analytics.alert_rules import SEVERITIES, AlertName, AlertRule, AlertSeverity


@dataclass(frozen=True)
class AlertLife:
    """One alert: the condition `began`, it was `raised`, and `cleared` where it is over; UTC.

    `value` is the signal at its worst.
    """

    name: AlertName
    severity: AlertSeverity
    began: datetime
    raised: datetime
    value: float
    cleared: datetime | None = None
    is_acknowledged: bool = False


def follow(rule: AlertRule, values: pd.Series, since: datetime, active: AlertLife | None) -> list[AlertLife]:
    """Lives that were active at `since` or began later, oldest first.

    Args:
        values: the signal by time; rows before `since` only tell since when a condition stands.
        active: the alert that stands at `since`.
    """
    lives: list[AlertLife] = []
    began: dict[AlertSeverity, datetime] = {}
    for at, value in values.dropna().items():
        moment = at.to_pydatetime()  # type: ignore[attr-defined]
        began = {name: began.get(name, moment) for name, step in rule.steps.items() if value > step}
        if moment < since:
            continue
        ripe = [name for name, first in began.items() if moment - first >= rule.delay]
        if active is not None:
            active = _move_on(rule, active, moment, float(value), ripe)
        elif ripe:
            active = AlertLife(rule.name, ripe[-1], began[ripe[0]], moment, float(value))
        if active is not None and active.cleared is not None:
            lives.append(active)
            active = None
    return lives if active is None else [*lives, active]


def _move_on(
    rule: AlertRule, life: AlertLife, moment: datetime, value: float, ripe: list[AlertSeverity]
) -> AlertLife:
    lowest = min(rule.steps.values())
    if value <= lowest - rule.hysteresis and (life.is_acknowledged or not rule.is_manual):
        return replace(life, cleared=moment)
    worst = max([life.severity, *ripe], key=SEVERITIES.index)
    return replace(life, severity=worst, value=max(life.value, value))
