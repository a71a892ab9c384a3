"""First layer: rules and invariants that hold for every device, whatever its past."""

from collections.abc import Iterator
from datetime import timedelta

import numpy as np
import pandas as pd

from tools.analytics.anomaly_kinds import AnomalyKind, Sign
from tools.analytics.charts import Span, spans
from tools.analytics.device_history import DeviceHistory
from tools.analytics.thresholds import AnomalyThresholds

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# The mains of a normal grid loses a phase for an hour or two now and then; longer is a fault of the site.
PHASE_LOSS_LASTS = timedelta(hours=5)
DEAD_PHASE_V, LIVE_PHASE_V = 50.0, 180.0


def rule_signs(history: DeviceHistory, limits: AnomalyThresholds) -> Iterator[Sign]:
    """Everything a rule objects to."""
    yield from _communication(history, limits)
    if history.rows.empty:
        return
    yield from _clock(history, limits)
    yield from _spikes(history, limits)
    yield from _stuck(history, limits)
    yield from _charger(history, limits)
    yield from _phases(history)
    yield from _dead_cells(history, limits)


def _sign(kind: AnomalyKind, span: Span, value: float, unit: str, field: str) -> Sign:
    return Sign(kind, "rules", span.start, span.end, span.peak, round(value, 3), unit, field)


def _communication(history: DeviceHistory, limits: AnomalyThresholds) -> Iterator[Sign]:
    received, poll = history.received, history.poll
    age = received["bms_frame_age_s"] / (limits.frame_age_polls * poll.total_seconds())
    before = received.index.to_series().diff().dt.total_seconds() / (limits.gap_polls * poll.total_seconds())
    # A gap counts from its begin: the row before it.
    gap_begins = before.shift(-1)
    excess = pd.concat([age, before, gap_begins], axis=1).max(axis=1)
    for span in spans(excess, lasting=timedelta(0), joining=DAY):
        yield _sign("comms_loss", span, (span.end - span.start) / HOUR, "h", "bms_frame_age_s")


def _clock(history: DeviceHistory, limits: AnomalyThresholds) -> Iterator[Sign]:
    rows = history.received
    lag = (pd.to_datetime(rows["received_utc"], utc=True) - rows.index).dt.total_seconds().abs()
    typical = lag.rolling(8, min_periods=4).median()
    for span in spans(typical / limits.lag_s, lasting=HOUR, joining=6 * HOUR):
        yield _sign("clock_skew", span, float(typical[span.start : span.end].max()), "s", "received_utc")


def _spikes(history: DeviceHistory, limits: AnomalyThresholds) -> Iterator[Sign]:
    rows = history.rows
    total = rows["cell_count"] * rows["cell_voltage_v"]
    mismatch = (rows["string_voltage_v"] - total).abs() / total
    for span in spans(mismatch / limits.voltage_mismatch, lasting=timedelta(0), joining=5 * DAY):
        yield _sign("sensor_spike", span, 100 * float(mismatch[span.start : span.end].max()), "%", "string_voltage_v")


def _stuck(history: DeviceHistory, limits: AnomalyThresholds) -> Iterator[Sign]:
    for span in spans(stuck_strength(history, limits), lasting=timedelta(0), joining=6 * HOUR):
        yield _sign("sensor_stuck", span, span.peak * limits.stuck_samples, "rows", "cell_temperature_c")


def stuck_strength(history: DeviceHistory, limits: AnomalyThresholds) -> pd.Series:
    """How many times the allowed samples the string's temperature stood still to the last digit, 0 unless the
    posts moved on meanwhile."""
    value = history.rows["cell_temperature_c"]
    run = value.ne(value.shift()).cumsum()
    length = value.groupby(run).cumcount() + 1
    near, wanted = history.rows["cell_temperature_max_c"], limits.hottest_post_moved_c
    if len(history.temperatures):
        # The mean of all posts has hardly any scatter, so that a small move of it counts.
        posts = history.temperatures.mean(axis=1)
        near, wanted = posts.reindex(value.index, method="ffill", limit=8), limits.posts_moved_c
    so_far = near.groupby(run)
    # A row without a post's reading has seen what the rows before it saw.
    moved = (so_far.cummax() - so_far.cummin()).groupby(run).ffill()
    is_stuck = (length > limits.stuck_samples) & (moved >= wanted)
    return (length / limits.stuck_samples).where(is_stuck, 0.0)


def _charger(history: DeviceHistory, limits: AnomalyThresholds) -> Iterator[Sign]:
    rows = history.rows
    has_mains = rows["mains_state"].isin(["ok", "phase_loss"]) & (rows["charger_mode"] == "float")
    gap = (rows["rectifier_voltage_v"] - rows["string_voltage_v"]).abs().where(has_mains)
    # One odd sample is a sensor's; a cut stays.
    for span in spans(gap.rolling(3).min() / limits.bus_gap_v, lasting=HOUR, joining=6 * HOUR):
        yield _sign("fuse_open", span, float(gap[span.start : span.end].median()), "V", "rectifier_voltage_v")
    modules = rows["rectifier_modules_ok"]
    missing = modules.cummax() - modules
    for span in spans(missing.rolling(2).min(), lasting=timedelta(minutes=15), joining=HOUR):
        yield _sign("rectifier_modules_lost", span, span.peak, "modules", "rectifier_modules_ok")


def _phases(history: DeviceHistory) -> Iterator[Sign]:
    volts = history.rows[["ac_voltage_l1_v", "ac_voltage_l2_v", "ac_voltage_l3_v"]]
    is_short = (volts < DEAD_PHASE_V).any(axis=1) & (volts > LIVE_PHASE_V).any(axis=1)
    for span in spans(is_short.astype(float), lasting=PHASE_LOSS_LASTS, joining=HOUR):
        yield _sign("phase_loss", span, (span.end - span.start) / HOUR, "h", "mains_state")


def _dead_cells(history: DeviceHistory, limits: AnomalyThresholds) -> Iterator[Sign]:
    if history.voltages.empty:
        return
    string = history.voltages.median(axis=1)
    dead = history.voltages.where(string > limits.dead_cell_v)
    for cell_no in dead.columns[(dead < limits.dead_cell_v).any()]:
        strength = pd.Series(np.where(dead[cell_no] < limits.dead_cell_v, 2.0, 0.0), index=dead.index)
        for span in spans(strength, lasting=HOUR, joining=DAY):
            low = float(dead.loc[span.start : span.end, cell_no].min())
            yield Sign("hard_short", "rules", span.start, span.end, span.peak, low, "V", "voltage_v", int(cell_no))
