"""How well faults are found: recall, class and cell by fault, false alarms, delay, lead before a runaway, baselines."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from statistics import median

import numpy as np
import pandas as pd
from tqdm import tqdm

from evals.detection_baselines import baseline_figures
from evals.detection_cases import DAYS, START, Batch, make_batches
from evals.detection_outdoors import bboxx_false_alarms_per_week
from evals.suites.questions import Metrics, proportion
from tools.analytics.anomalies import Anomaly, device_anomalies
from tools.analytics.anomaly_kinds import KINDS
from tools.analytics.device_history import MONITOR_OPINIONS, DeviceHistory, history_of
from tools.telemetry.faults import Fault, FaultKind
from tools.telemetry.simulator import simulate

SEED = 2026
WORKERS = 2
RUNAWAY_C = 60.0
END = START + timedelta(days=DAYS)
# What a finding may say of a fault that has just ended is no false alarm, and no credit either.
AFTER, TO_THE_ROW = timedelta(days=1), timedelta(hours=1)
# When one looks after a fault's onset, knowing nothing of what comes later.
LOOKS = tuple(timedelta(hours=hours) for hours in (3, 6, 12, 24, 36, 48, 72, 96, 144, 192, 288, 384, 576))
SLOW = frozenset({FaultKind.DRY_OUT, FaultKind.HIGH_RESISTANCE_JOINT})
LEAD_H = 24.0


@dataclass(frozen=True)
class Month:
    """One device-month: what was wrong, what was found, and when its hottest post truly passed 60 °C.

    `said` is the first look at which a finding that fits the fault was there, of looks that saw no later row.
    """

    fault: Fault | None
    found: tuple[Anomaly, ...]
    said: datetime | None
    plain: tuple[datetime, ...]
    too_hot: datetime | None


def measure(seed: int | None = None) -> Metrics:
    """Simulate, look, and compare with what was made to go wrong."""
    batches = make_batches(SEED if seed is None else seed)
    months: list[Month] = []
    with ProcessPoolExecutor(WORKERS) as pool:
        for part in tqdm(pool.map(_months, batches), total=len(batches), desc="detection", unit="batch"):
            months += part
    return figures(months)


def _months(batch: Batch) -> list[Month]:
    simulated = simulate(batch.fleet, START, END, seed=batch.seed, faults=batch.faults)
    # The truth stays here; what the monitor itself concluded is blanked before anything looks.
    readings = simulated.readings.drop(columns=sorted(MONITOR_OPINIONS))
    faults = {fault.device_id: fault for fault in batch.faults}
    months = []
    for device in batch.fleet.plain().devices:
        mine = readings[readings["device_id"] == device.device_id].drop(columns="device_id")
        cells = simulated.cells[simulated.cells["device_id"] == device.device_id]
        history = history_of(device, mine, cells)
        truth = simulated.truth[simulated.truth["device_id"] == device.device_id]
        fault = faults.get(device.device_id)
        months.append(
            Month(
                fault=fault,
                found=tuple(device_anomalies(history)),
                said=None if fault is None else first_said(history, fault),
                plain=tuple(plain_threshold_alarms(history)),
                too_hot=_first_above(truth, RUNAWAY_C),
            )
        )
    return months


def _first_above(truth: pd.DataFrame, degrees: float) -> datetime | None:
    hot = truth.loc[truth["temperature_true_c"] > degrees, "timestamp_utc"]
    return None if hot.empty else hot.min().to_pydatetime()


def first_said(history: DeviceHistory, fault: Fault) -> datetime | None:
    """The first look at which a finding that fits the fault was there; None where none ever was."""
    looks = [fault.onset + later for later in LOOKS if fault.onset + later < END]
    return next((look for look in [*looks, END] if _is_said(_as_of(history, look), fault)), None)


def _is_said(history: DeviceHistory, fault: Fault) -> bool:
    return any(_fits(fault, one) for one in device_anomalies(history))


def _as_of(history: DeviceHistory, moment: datetime) -> DeviceHistory:
    """The history as it was known at a moment."""
    frames = ("received", "rows", "voltages", "temperatures", "resistances")
    return replace(history, **{name: getattr(history, name).loc[: pd.Timestamp(moment)] for name in frames})


def plain_threshold_alarms(history: DeviceHistory) -> Iterator[datetime]:
    """Days on which a row lay outside the default operating range: the plain-threshold detector."""
    rows = history.rows
    outside = (
        (rows["cell_voltage_min_v"] < 1.8) | (rows["cell_voltage_max_v"] > 2.5)
        | (rows["cell_temperature_max_c"] > 50) | (rows["cell_temperature_c"] < 5) | (rows["soc_pct"] < 15)
    )  # fmt: skip
    for day in pd.DatetimeIndex(rows.index[outside]).normalize().unique():
        yield day.to_pydatetime()


def figures(months: Sequence[Month]) -> Metrics:
    """The suite's metrics of these device-months."""
    events = [month for month in months if month.fault is not None]
    named = [(month, _best(month)) for month in events]
    hit = [(month, best) for month, best in named if best is not None]
    by_fault, delays, dated = defaultdict(list), defaultdict(list), defaultdict(list)
    for month, best in named:
        by_fault[_kind(month)].append(_is_found(month))
        if month.said is not None:
            delays[_kind(month)].append((month.said - _fault(month).onset) / timedelta(hours=1))
        if best is not None:
            dated[_kind(month)].append((best.since - _fault(month).onset) / timedelta(hours=1))
    recall = {kind: float(np.mean(hits)) for kind, hits in sorted(by_fault.items())}
    weeks = len(months) * DAYS / 7
    return {
        "cases": len(months),
        "device_months": len(months),
        "fault_free": len(months) - len(events),
        # A finding of the fault's kind or a known consequence of it, or one that says "unusual" without a cause.
        **proportion("event_recall", [_is_found(month) for month in events]),
        "event_recall_any_finding": round(float(np.mean([best is not None for _, best in named])), 4),
        "event_recall_same_kind": round(float(np.mean([_is_named(month) for month in events])), 4),
        "recall_by_fault": recall,
        **proportion("class_accuracy", [best.kind == _kind(month) for month, best in hit]),
        **proportion(
            "cell_accuracy",
            [best.cell_no == _fault(month).cell_no for month, best in hit if _fault(month).cell_no is not None],
        ),
        "false_alarms_per_device_week": round(sum(len(false_alarms(month)) for month in months) / weeks, 3),
        "false_alarms_fault_free": sum(len(false_alarms(month)) for month in months if month.fault is None),
        "delay_h_by_fault": {kind: round(median(hours), 1) for kind, hours in sorted(delays.items())},
        "longest_delay_h_by_fault": {kind: round(max(hours), 1) for kind, hours in sorted(delays.items())},
        # How well the begin is dated once the fault is found; looked back at from the end of the month.
        "dated_h_by_fault": {kind: round(median(hours), 1) for kind, hours in sorted(dated.items())},
        "runaway_lead_h_min": _shortest_lead(events),
        "baselines": baseline_figures([(month.fault, month.plain) for month in months], SEED, START, DAYS),
        "bboxx_false_alarms_per_week": bboxx_false_alarms_per_week(),
    }


def _fault(month: Month) -> Fault:
    assert month.fault is not None
    return month.fault


def _kind(month: Month) -> str:
    return _fault(month).kind.value


def _touches(fault: Fault, one: Anomaly) -> bool:
    """Whether a finding began while the fault was there; what began before it is no credit to the detector."""
    return fault.onset <= one.since + TO_THE_ROW and one.since <= (fault.end or END) + TO_THE_ROW


def _fits(fault: Fault, one: Anomaly) -> bool:
    """Whether a finding of the fault's time names it, what follows from it, or no cause at all; of its cell if any."""
    kind = fault.kind.value
    is_plausible = one.kind in {kind, "unusual", *KINDS[kind].hides}  # type: ignore[index]
    is_of_its_cell = None in (fault.cell_no, one.cell_no) or fault.cell_no == one.cell_no
    return is_plausible and is_of_its_cell and _touches(fault, one)


def _is_found(month: Month) -> bool:
    return any(_fits(_fault(month), one) for one in month.found)


def _is_named(month: Month) -> bool:
    return any(one.kind == _kind(month) and _fits(_fault(month), one) for one in month.found)


def _best(month: Month) -> Anomaly | None:
    """What a person would read first of what was found in the fault's time: the strongest finding."""
    mine = [one for one in month.found if _touches(_fault(month), one)]
    return max(mine, key=lambda one: one.strength.value or 0) if mine else None


def false_alarms(month: Month) -> list[Anomaly]:
    """Findings that are neither the fault's first reading nor of its kind nor a known consequence of it."""
    if month.fault is None:
        return list(month.found)
    best, kind = _best(month), month.fault.kind.value
    allowed = {kind, *KINDS[kind].hides}  # type: ignore[index]
    begin, end = month.fault.onset - TO_THE_ROW, (month.fault.end or END) + AFTER
    return [one for one in month.found if one is not best and not (one.kind in allowed and begin <= one.since <= end)]


def _shortest_lead(events: Sequence[Month]) -> float | None:
    """Hours from the first word of a runaway to 60 °C; below 0 where 60 °C came first."""
    leads = [
        ((month.said or END) - month.too_hot) / timedelta(hours=-1)
        for month in events
        if _fault(month).kind == FaultKind.THERMAL_RUNAWAY and month.too_hot is not None
    ]
    return round(min(leads), 1) if leads else None


def holds(metrics: Metrics) -> bool:
    """The marks of the suite; slow faults are allowed a little more."""
    slow = {kind.value for kind in SLOW}
    by_fault = metrics["recall_by_fault"]
    quick = [recall for kind, recall in by_fault.items() if kind not in slow]
    lead = metrics["runaway_lead_h_min"]
    return bool(
        metrics["event_recall"] >= 0.95
        and min(quick) >= 0.95
        and all(by_fault[kind] >= 0.90 for kind in slow)
        and metrics["class_accuracy"] >= 0.85
        and metrics["cell_accuracy"] >= 0.95
        and metrics["false_alarms_per_device_week"] <= 1
        and lead is not None
        and lead >= LEAD_H
    )
