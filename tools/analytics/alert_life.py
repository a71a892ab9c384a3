"""The life of an alert over a signal: raised after its delay, worse while it lasts, cleared below its hysteresis."""

from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tools.analytics.alert_rules import SEVERITIES, AlertName, AlertRule, AlertSeverity

Rows = NDArray[np.int64]
NOT_RIPE = -1


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

    It goes from one row that may raise or clear to the next: a month of a quiet signal costs a few comparisons.

    Args:
        values: the signal by time; rows before `since` only tell since when a condition stands.
        active: the alert that stands at `since`.
    """
    known = values.dropna()
    times, level = pd.DatetimeIndex(known.index), known.to_numpy(dtype=np.float64)
    # With its zone each moment would be an object of its own.
    moments = times.tz_convert("UTC").tz_localize(None).to_numpy()
    began = {name: _begun(moments, level > step, rule) for name, step in rule.steps.items()}
    worst = np.max(
        [np.where(rows > NOT_RIPE, SEVERITIES.index(name), NOT_RIPE) for name, rows in began.items()], axis=0
    )
    raising = _closed(worst > NOT_RIPE)
    clearing = _closed(level <= min(rule.steps.values()) - rule.hysteresis)
    lives, row = [], int(times.searchsorted(pd.Timestamp(since)))
    while active is not None or (row := _next(raising, row)) < len(level):
        if active is None:
            first = next(rows[row] for rows in began.values() if rows[row] > NOT_RIPE)
            active = AlertLife(
                rule.name, SEVERITIES[worst[row]], _at(times, first), _at(times, row), float(level[row])
            )
        can_clear = active.is_acknowledged or not rule.is_manual
        end = _next(clearing, row) if can_clear else len(level)
        lives.append(_lived(active, worst[row:end], level[row:end], _at(times, end) if end < len(level) else None))
        active, row = None, end + 1
    return lives


def _begun(moments: NDArray[np.datetime64], is_above: NDArray[np.bool_], rule: AlertRule) -> Rows:
    """The row with which the condition of each row began, where it has stood for the rule's delay by then."""
    rows = np.arange(len(moments))
    was_above = np.concatenate([[False], is_above[:-1]])
    first: Rows = np.maximum.accumulate(np.where(is_above & ~was_above, rows, 0))
    is_ripe = is_above & (moments - moments[first] >= np.timedelta64(rule.delay))
    return np.where(is_ripe, first, NOT_RIPE)


def _closed(is_so: NDArray[np.bool_]) -> Rows:
    """The rows that are so, and the end."""
    return np.append(np.flatnonzero(is_so), len(is_so))


def _next(rows: Rows, row: int) -> int:
    """The first of these rows from `row` on; the end where there is none."""
    return int(rows[min(int(np.searchsorted(rows, row)), len(rows) - 1)])


def _at(times: pd.DatetimeIndex, row: int) -> datetime:
    moment: datetime = times[row].to_pydatetime()
    return moment


def _lived(life: AlertLife, worst: Rows, level: NDArray[np.float64], cleared: datetime | None) -> AlertLife:
    """The alert after rows it stood through, and the moment it cleared."""
    if not len(level):
        return replace(life, cleared=cleared)
    severity = SEVERITIES[max(SEVERITIES.index(life.severity), int(worst.max()))]
    return replace(life, severity=severity, value=max(life.value, float(level.max())), cleared=cleared)
