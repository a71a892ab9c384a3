"""A field over a window: one figure a device, how long each state held, and a series to draw."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Literal
from zoneinfo import ZoneInfo

from tools.errors import BadArgumentError, NoDataError
from tools.quantity import Asked, ChartSpec, Frozen, Point, Quantity, Series, Window
from tools.telemetry.fields import FieldFacts, field_facts
from tools.telemetry.fleet import Device
from tools.telemetry.rollups import Figures, add_figures, floor_hour
from tools.telemetry.states import held_states
from tools.telemetry.store import PHASE_VOLTAGES, ReadingStore, Sign
from tools.telemetry.windows import range_hint

HistoryStatistic = Literal["mean", "min", "max", "range", "count", "first", "last", "increase"]
Bucket = Literal["raw", "hour", "day"]
# A chart stays readable and quick up to about this many points a line.
RAW_UP_TO = timedelta(days=2)
HOURS_UP_TO = timedelta(days=16)
# More lines than this is a rope, not a chart.
MOST_LINES = 12


class FieldHistory(Frozen):
    """Figures of one field over a window, per device and over all of them, with the series behind them."""

    asked: Asked
    field: str
    statistic: HistoryStatistic
    direction: Sign | None = None
    figures: tuple[Quantity, ...]
    overall: Quantity | None = None
    context: tuple[Quantity, ...]
    states: tuple[Quantity, ...]
    limits: tuple[Quantity, ...] = ()
    chart: ChartSpec | None = None


def field_history(
    store: ReadingStore,
    devices: Sequence[Device],
    field: str,
    window: Window,
    statistic: HistoryStatistic = "mean",
    bucket: Bucket | None = None,
    direction: Sign | None = None,
    time_zone: str = "UTC",
) -> FieldHistory:
    """One figure of a field per device over a window.

    Args:
        statistic: mean, min, max and range over rows; first and last value; increase from first to last,
            of a counter with resets recognised; count of values.
        bucket: spacing of the series; chosen by the length of the window where None.
        direction: only rows that charge or discharge; for the string current.
        time_zone: where days begin, for day buckets.

    Raises:
        NoDataError: the field holds no value in the window.
        BadArgumentError: the statistic or direction does not fit the field.
    """
    facts = field_facts(field)
    if direction is not None and facts.name != "string_current_a":
        raise BadArgumentError("Only the string current charges or discharges.", "Ask for string_current_a.")
    if not facts.is_numeric:
        return _states_history(store, devices, facts, window, statistic)
    per_device = device_figures(store, devices, facts, window, direction)
    if not any(figures.count for figures in per_device.values()):
        raise NoDataError(
            f"There is no {facts.label} in that window.",
            range_hint(store, [device.device_id for device in devices]),
        )
    figures = tuple(
        device_quantity(store, device, facts, window, statistic, per_device[device.device_id], direction)
        for device in devices
        if device.device_id in per_device
    )
    everything = add_figures(per_device.values())
    return FieldHistory(
        asked=asked_rows(store, devices, facts.name, window, everything.rows),
        field=facts.name,
        statistic=statistic,
        direction=direction,
        figures=figures,
        overall=_overall(facts, window, statistic, everything) if len(figures) > 1 else None,
        context=tuple(
            quantity
            for device in devices
            if device.device_id in per_device and len(devices) == 1
            for quantity in _context(device, facts, window, per_device[device.device_id])
        ),
        states=(),
        chart=_chart(store, devices, facts, window, statistic, bucket, time_zone),
    )


def asked_rows(store: ReadingStore, devices: Sequence[Device], field: str, window: Window, rows: int) -> Asked:
    """What was asked of which data, with coverage and rows of lesser quality."""
    ids = [device.device_id for device in devices]
    counts = store.row_counts(ids, window.start, window.end)
    expected = sum(window.length.total_seconds() / device.poll_interval_s for device in devices)
    newest = store.newest(ids)
    return Asked(
        devices=tuple(ids),
        fields=(field,),
        window=window,
        rows=rows,
        rows_not_good=sum(not_good for _, not_good in counts.values()),
        coverage=min(1.0, rows / expected) if expected else None,
        newest=max(newest.values()) if newest else None,
    )


def device_figures(
    store: ReadingStore,
    devices: Sequence[Device],
    facts: FieldFacts,
    window: Window,
    direction: Sign | None = None,
) -> dict[str, Figures]:
    """Figures per device; of charging or discharging rows only where a direction is given.

    Phase voltages leave mains outages out, so they come from the rows and not from the rollups.
    """
    ids = [device.device_id for device in devices]
    if direction is None and facts.name not in PHASE_VOLTAGES:
        return store.figures(facts.name, ids, window.start, window.end)
    found = {}
    for device_id in ids:
        values = [value for _, value in store.values(facts.name, device_id, window.start, window.end, direction)]
        if values:
            found[device_id] = Figures(len(values), len(values), sum(values), min(values), max(values))
    return found


def device_quantity(
    store: ReadingStore,
    device: Device,
    facts: FieldFacts,
    window: Window,
    statistic: HistoryStatistic,
    figures: Figures,
    direction: Sign | None = None,
) -> Quantity:
    """One figure of one device, with the moment it was reached where it has one."""
    value, at = _figure(statistic, figures), None
    if statistic in ("first", "last", "increase", "min", "max") and figures.count:
        values = store.values(facts.name, device.device_id, window.start, window.end, direction)
        # A current is strongest where it is furthest from zero: "highest discharge current" is the lowest.
        if direction == "discharging" and statistic in ("min", "max"):
            value = figures.min if statistic == "max" else figures.max
        value, at = _from_values(facts, statistic, values, value)
    return Quantity(
        value=value,
        unit="" if statistic == "count" else facts.unit,
        statistic=statistic,
        field=facts.name,
        device_id=device.device_id,
        site_id=device.site_id,
        window=window,
        at=at,
        rows=figures.count,
    )


def _figure(statistic: HistoryStatistic, figures: Figures) -> float | None:
    if statistic == "count":
        return float(figures.count)
    if figures.min is None or figures.max is None:
        return None
    by_name = {
        "mean": figures.mean,
        "min": figures.min,
        "max": figures.max,
        "range": figures.max - figures.min,
    }
    return by_name.get(statistic)


def _from_values(
    facts: FieldFacts, statistic: HistoryStatistic, values: Sequence[tuple[datetime, float]], value: float | None
) -> tuple[float | None, datetime | None]:
    if statistic == "first":
        return values[0][1], values[0][0]
    if statistic == "last":
        return values[-1][1], values[-1][0]
    if statistic == "increase":
        if not facts.is_counter:
            return values[-1][1] - values[0][1], None
        return increase([value for _, value in values]), None
    return value, next(at for at, found in values if found == value)


def increase(counts: Sequence[float]) -> float:
    """How much a counter rose; after a reset (a fall) it counts from zero."""
    rise = 0.0
    for before, after in pairwise(counts):
        rise += after - before if after >= before else after
    return rise


def _overall(facts: FieldFacts, window: Window, statistic: HistoryStatistic, everything: Figures) -> Quantity | None:
    value = _figure(statistic, everything)
    if value is None:
        return None
    unit = "" if statistic == "count" else facts.unit
    return Quantity(
        value=value,
        unit=unit,
        statistic=statistic,
        field=facts.name,
        window=window,
        rows=everything.count,
    )


def _context(device: Device, facts: FieldFacts, window: Window, figures: Figures) -> list[Quantity]:
    names: tuple[HistoryStatistic, ...] = ("mean", "min", "max")
    return [
        Quantity(
            value=_figure(name, figures),
            unit=facts.unit,
            statistic=name,
            field=facts.name,
            device_id=device.device_id,
            site_id=device.site_id,
            window=window,
            rows=figures.count,
        )
        for name in names
    ]


def _states_history(
    store: ReadingStore,
    devices: Sequence[Device],
    facts: FieldFacts,
    window: Window,
    statistic: HistoryStatistic,
) -> FieldHistory:
    """How long each state of a field that is not a number held, per device."""
    held = held_states(store, devices, facts, window)
    if not held.states:
        raise NoDataError(
            f"There is no {facts.label} in that window.",
            range_hint(store, [device.device_id for device in devices]),
        )
    return FieldHistory(
        asked=asked_rows(store, devices, facts.name, window, held.rows),
        field=facts.name,
        statistic=statistic,
        figures=(),
        context=(),
        states=held.states,
    )


def _chart(
    store: ReadingStore,
    devices: Sequence[Device],
    facts: FieldFacts,
    window: Window,
    statistic: HistoryStatistic,
    bucket: Bucket | None,
    time_zone: str,
) -> ChartSpec:
    chosen = bucket or chosen_bucket(window)
    shown: Literal["raw", "mean", "min", "max"] = "mean"
    if statistic in ("min", "max"):
        shown = statistic
    lines = []
    for device in devices[:MOST_LINES]:
        if chosen == "raw" or not facts.has_rollup:
            values = store.values(facts.name, device.device_id, window.start, window.end)
            points = tuple(Point(at=at, value=value) for at, value in values)
        else:
            points = _bucket_points(store, device, facts, window, shown, chosen, time_zone)
        lines.append(
            Series(
                name=device.device_id,
                device_id=device.device_id,
                site_id=device.site_id,
                field=facts.name,
                unit=facts.unit,
                statistic="raw" if chosen == "raw" else shown,
                points=points,
            )
        )
    return ChartSpec(title=facts.label.capitalize(), kind="line", unit=facts.unit, series=tuple(lines), window=window)


def chosen_bucket(window: Window) -> Bucket:
    """The finest spacing that keeps a chart readable."""
    if window.length <= RAW_UP_TO:
        return "raw"
    return "hour" if window.length <= HOURS_UP_TO else "day"


def _bucket_points(
    store: ReadingStore,
    device: Device,
    facts: FieldFacts,
    window: Window,
    shown: Literal["raw", "mean", "min", "max"],
    bucket: Bucket,
    time_zone: str,
) -> tuple[Point, ...]:
    buckets: dict[datetime, list[Figures]] = {}
    zone = ZoneInfo(time_zone)
    for _, hour, figures in store.hours(facts.name, [device.device_id], floor_hour(window.start), window.end):
        start = hour
        if bucket == "day":
            start = hour.astimezone(zone).replace(hour=0)
        buckets.setdefault(start, []).append(figures)
    joined = {start: add_figures(parts) for start, parts in buckets.items()}
    return tuple(Point(at=start, value=getattr(figures, shown)) for start, figures in joined.items())
