"""What simple detectors reach on the same device-months: random, always on, and a plain threshold."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from tools.telemetry.faults import Fault

DAY = timedelta(days=1)
Observed = tuple[Fault | None, tuple[datetime, ...]]


def baseline_figures(months: Sequence[Observed], seed: int, start: datetime, days: int) -> dict[str, Any]:
    """Event recall and false alarms a device-week of each; an alarm is a day on which the detector speaks.

    Args:
        months: the fault of each device-month and the days on which a row lay outside its operating range.
    """
    rng = np.random.default_rng(seed)
    calendar = [start + number * DAY for number in range(days)]
    # One alarm a device-week, what the suite allows.
    rolled = [[day for day in calendar if rng.random() < 1 / 7] for _ in months]
    return {
        "random": _figures(months, rolled, days),
        "always_on": _figures(months, [calendar] * len(months), days),
        "plain_threshold": _figures(months, [list(plain) for _, plain in months], days),
    }


def _figures(months: Sequence[Observed], alarms: Sequence[Sequence[datetime]], days: int) -> dict[str, float]:
    hits, false, events = 0, 0, 0
    for (fault, _), mine in zip(months, alarms, strict=True):
        right = [] if fault is None else [day for day in mine if _is_during(fault, day)]
        events += fault is not None
        hits += bool(right)
        false += len(mine) - len(right)
    weeks = len(months) * days / 7
    return {"event_recall": round(hits / events, 3), "false_alarms_per_device_week": round(false / weeks, 3)}


def _is_during(fault: Fault, day: datetime) -> bool:
    return day + DAY > fault.onset and (fault.end is None or day < fault.end)
