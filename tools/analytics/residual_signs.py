"""Second layer: residuals beyond what this device's own past and its physics allow, on their own or on a chart."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import numpy as np
import pandas as pd

from tools.analytics.anomaly_kinds import AnomalyKind, Layer, Sign
from tools.analytics.charts import ewma_excess, spans
from tools.analytics.residuals import Residuals
from tools.analytics.thresholds import AnomalyThresholds

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# Cell voltage noise and the slow settling after a recharge, V; no chart is finer.
CELL_FLOOR_V = 0.002


def residual_signs(found: Residuals, limits: AnomalyThresholds) -> Iterator[Sign]:
    """Everything a residual objects to."""
    device = found.device
    yield from _device(device["set_point_v"], "charger_over_voltage", limits.set_point_v, "V", 6)
    yield from _device(-device["set_point_v"], "charger_under_voltage", limits.set_point_v, "V", 6)
    slope = device["slope_v_per_k"].abs()
    yield from _device(slope, "wrong_temperature_compensation", limits.compensation_v_per_k, "V/°C", 12)
    yield from _device(device["ripple_log"], "ripple", float(np.log(limits.ripple_ratio)), "", 3)
    yield from _device(device["room_c"], "hvac_failure", limits.room_rise_c, "°C", 6)
    yield from _device(device["post_rise_c"], "hot_post", limits.post_rise_c, "°C", 12)
    yield from _device(device["current_shift_a"].abs(), "sensor_offset", limits.current_shift_a, "A", 6)
    yield from _device(device["temperature_mismatch_c"].abs(), "sensor_drift", limits.temperature_mismatch_c, "°C", 4)
    # Below its set point a string is never full: what flows into it is charge, and says nothing of a runaway.
    floating = device["float_log"].where(~(device["set_point_v"] < -limits.set_point_v))
    yield from _device(floating, "thermal_runaway", float(np.log(limits.float_ratio)), "", 6)
    yield from _joint(found, limits)
    yield from _cells(found, limits)


def _device(values: pd.Series, kind: AnomalyKind, limit: float, unit: str, hours: int) -> Iterator[Sign]:
    """A residual of the whole device whose median over some hours stays beyond its limit."""
    held = values.rolling(hours, min_periods=max(2, hours // 2)).median()
    for span in spans(held / limit, lasting=3 * HOUR, joining=DAY):
        peak = float(held[span.start : span.end].max())
        yield Sign(kind, "residuals", span.start, span.end, span.peak, round(peak, 3), unit, str(values.name))


def _joint(found: Residuals, limits: AnomalyThresholds) -> Iterator[Sign]:
    """The largest connection resistance over its own past, and the cell whose ohmic value went up with it."""
    rise = found.device["joint"].rolling(72, min_periods=24).median()
    past = _level(found, "joint")
    if past is None:
        return
    for span in spans(rise / past / limits.joint_rise, lasting=DAY, joining=2 * DAY):
        cell_no = _highest(found.ohmic, span.start, span.end)
        value = 100 * float((rise / past)[span.start : span.end].max())
        yield Sign(
            "high_resistance_joint", "residuals", span.start, span.end, span.peak, round(value, 1), "%",
            "joint_resistance_max_mohm", cell_no,
        )  # fmt: skip


def _level(found: Residuals, name: str) -> float | None:
    level = found.levels.get(name)
    return None if level is None or not np.isfinite(level) or level <= 0 else float(level)


def _highest(wide: pd.DataFrame, start: datetime, end: datetime) -> int | None:
    """The column that stands highest in the last day of a span."""
    last = wide.loc[max(start, end - DAY) : end].median() if len(wide.columns) else pd.Series(dtype=float)
    return int(str(last.idxmax())) if last.notna().any() else None


def _cells(found: Residuals, limits: AnomalyThresholds) -> Iterator[Sign]:
    rises = found.ohmic / limits.ohmic_rise
    for cell_no in _beyond(rises):
        for span in spans(rises[cell_no], lasting=DAY, joining=2 * DAY):
            value = round(100 * float(found.ohmic[cell_no][span.start : span.end].max()), 1)
            yield Sign("dry_out", "residuals", span.start, span.end, span.peak, value, "%", "ohmic rise", cell_no)
    if len(found.deviation_v.columns):
        yield from _cell_voltages(found, limits)


def _beyond(strengths: pd.DataFrame) -> list[int]:
    """Cells whose strength reaches 1 somewhere."""
    return [int(str(cell_no)) for cell_no in strengths.columns[(strengths >= 1).any()]]


def _cell_voltages(found: Residuals, limits: AnomalyThresholds) -> Iterator[Sign]:
    low = -found.deviation_v
    kinds: tuple[tuple[AnomalyKind, float, int], ...] = (
        ("soft_short", limits.leaking_cell_v, 6),
        ("weak_cell", limits.drifting_cell_v, 24),
    )
    for kind, limit, hours in kinds:
        held = low.rolling(hours, min_periods=hours // 2).median()
        strengths = held / limit
        layer: Layer = "residuals"
        if kind == "weak_cell":
            # The chart must agree: a cell that always swings that far is not drifting.
            chart = ewma_excess(low, low[found.past], CELL_FLOOR_V, limits.ewma_weight) / limits.ewma_sigmas
            strengths, layer = pd.DataFrame(np.minimum(strengths, chart)), "charts"
        for cell_no in _beyond(strengths):
            for span in spans(strengths[cell_no], lasting=3 * HOUR, joining=DAY):
                value = -1000 * float(held[cell_no][span.start : span.end].max())
                yield Sign(
                    kind, layer, span.start, span.end, span.peak, round(value, 1), "mV", "voltage_v", cell_no,
                )  # fmt: skip
