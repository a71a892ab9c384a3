"""The operating range of a field for a device, and when readings were outside it.

"The limit" is the field's default operating range (cell voltage 1.8-2.5 V, temperature 5-50 °C, SOC 15-95 %).
Alarm thresholds are another thing and stand with the alarms.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from tools.quantity import Asked, ChartSpec, Frozen, Quantity, Window
from tools.telemetry.fields import FieldFacts, all_fields, field_facts
from tools.telemetry.fleet import Device
from tools.telemetry.history import device_figures
from tools.telemetry.rollups import HOUR
from tools.telemetry.store import ReadingStore

# Above this state of charge is information in cycling duty and never a violation on float, boost or equalize.
FULL_IS_FINE = "soc_pct"
# What the monitor counts of itself has a normal value, but no operating range to be outside of.
_NOT_MEASURED = frozenset({"alarm_count", "bms_frame_age_s", "cell_sensors_missing"})


class Limit(Frozen):
    """The range a field should keep to on one device."""

    field: str
    unit: str
    low: float | None = None
    high: float | None = None
    source: Literal["operating range", "asked"]


class Excursion(Frozen):
    """One unbroken run of readings outside a limit."""

    start: datetime
    end: datetime
    extreme: float


class Violation(Frozen):
    """What one field of one device did outside its limit over a window."""

    device_id: str
    site_id: str
    field: str
    limit: Limit
    readings: Quantity
    duration: Quantity
    share: Quantity
    extreme: Quantity
    first: datetime
    last: datetime
    excursions: tuple[Excursion, ...]


class LimitReport(Frozen):
    """Which fields of which devices were outside their limits; empty `violations` means none were."""

    asked: Asked
    limits: tuple[Limit, ...]
    violations: tuple[Violation, ...]
    violation_count: Quantity


def limit_of(facts: FieldFacts, device: Device) -> Limit | None:
    """The operating range of a field on a device, scaled to its cells and capacity; None where it has none."""
    low, high = facts.limit
    if low is None and high is None:
        return None
    factor = _factor(facts, device)
    if factor is None:
        return None
    return Limit(
        field=facts.name,
        unit=facts.unit,
        low=None if low is None else round(low * factor, 3),
        high=None if high is None else round(high * factor, 3),
        source="operating range",
    )


def limit_quantities(fields: Sequence[str], devices: Sequence[Device]) -> tuple[Quantity, ...]:
    """The operating ranges of fields on devices as figures; fields without a range give none."""
    found = []
    for device in devices:
        for name in fields:
            limit = limit_of(field_facts(name), device)
            bounds: tuple[tuple[Literal["limit_low", "limit_high"], float | None], ...] = (
                ("limit_low", limit.low if limit else None),
                ("limit_high", limit.high if limit else None),
            )
            found += [
                Quantity(
                    value=value,
                    unit=field_facts(name).unit,
                    statistic=statistic,
                    field=name,
                    device_id=device.device_id,
                    site_id=device.site_id,
                )
                for statistic, value in bounds
                if value is not None
            ]
    return tuple(found)


def limited(chart: ChartSpec, limits: Sequence[Quantity]) -> ChartSpec:
    """A chart with its limits drawn in, where all its devices share them."""
    low = {one.value for one in limits if one.statistic == "limit_low"}
    high = {one.value for one in limits if one.statistic == "limit_high"}
    return chart.model_copy(
        update={
            "limit_low": low.pop() if len(low) == 1 else None,
            "limit_high": high.pop() if len(high) == 1 else None,
        }
    )


def _factor(facts: FieldFacts, device: Device) -> float | None:
    if facts.per == "cell":
        return float(device.cell_count)
    if facts.per == "ah":
        return device.rated_capacity_ah
    if facts.per == "bus":
        # Float voltage of the string; ripple is judged against the bus voltage.
        return 2.27 * device.cell_count
    return 1.0


def is_outside(value: float, limit: Limit) -> bool:
    """Whether a value breaks a limit."""
    if limit.low is not None and value < limit.low:
        return True
    if limit.field == FULL_IS_FINE and limit.source == "operating range":
        return False
    return limit.high is not None and value > limit.high


def find_violations(
    store: ReadingStore,
    devices: Sequence[Device],
    window: Window,
    field: str | None = None,
    above: float | None = None,
    below: float | None = None,
) -> LimitReport:
    """When readings were outside the operating range, or beyond what the asker names.

    Args:
        field: one field, or every field that has an operating range.
        above, below: the asker's own threshold in the field's unit; replaces the operating range.
    """
    names = [field_facts(field).name] if field else _fields_with_limits()
    violations: list[Violation] = []
    limits: dict[Limit, None] = {}
    rows = 0
    for name in names:
        facts = field_facts(name)
        figures = device_figures(store, devices, facts, window)
        for device in devices:
            limit = _asked_limit(facts, above, below) or limit_of(facts, device)
            found = figures.get(device.device_id)
            if limit is None or found is None or found.min is None or found.max is None:
                continue
            limits[limit] = None
            rows += found.count
            if is_outside(found.min, limit) or is_outside(found.max, limit):
                violations.append(_violation(store, device, facts, limit, window, found.count))
    return LimitReport(
        asked=Asked(
            devices=tuple(device.device_id for device in devices),
            fields=tuple(names) if field else (),
            window=window,
            rows=rows,
        ),
        limits=tuple(limits),
        violations=tuple(sorted(violations, key=lambda found: -(found.duration.value or 0))),
        violation_count=Quantity(value=len(violations), statistic="count", window=window),
    )


def _fields_with_limits() -> list[str]:
    return [
        facts.name
        for facts in all_fields().values()
        if facts.has_rollup and facts.limit != (None, None) and facts.name not in _NOT_MEASURED
    ]


def _asked_limit(facts: FieldFacts, above: float | None, below: float | None) -> Limit | None:
    if above is None and below is None:
        return None
    return Limit(field=facts.name, unit=facts.unit, low=below, high=above, source="asked")


def _violation(
    store: ReadingStore, device: Device, facts: FieldFacts, limit: Limit, window: Window, rows: int
) -> Violation:
    values = store.values(facts.name, device.device_id, window.start, window.end)
    patience = 2 * timedelta(seconds=device.poll_interval_s)
    outside = _excursions(values, limit, window.end, patience)
    excursions, count, hours = outside.runs, outside.count, outside.duration / HOUR
    extreme = _most_extreme(excursions, limit)
    about = {"field": facts.name, "device_id": device.device_id, "site_id": device.site_id, "window": window}
    worst_at = next(at for at, value in values if value == extreme)
    return Violation(
        device_id=device.device_id,
        site_id=device.site_id,
        field=facts.name,
        limit=limit,
        readings=Quantity(value=count, statistic="count", rows=rows, **about),
        duration=Quantity(value=round(hours, 2), unit="h", statistic="duration", rows=rows, **about),
        share=Quantity(
            value=round(100 * hours / (outside.covered / HOUR), 2), unit="%", statistic="share", rows=rows, **about
        ),
        extreme=Quantity(
            value=extreme,
            unit=facts.unit,
            statistic="max" if limit.high is not None and extreme > limit.high else "min",
            at=worst_at,
            rows=rows,
            **about,
        ),
        first=excursions[0].start,
        last=excursions[-1].end,
        excursions=tuple(excursions[-20:]),
    )


@dataclass(frozen=True)
class _Outside:
    """Runs outside a limit, how long they lasted of how much time covered by readings, and how many readings."""

    runs: list[Excursion]
    duration: timedelta
    covered: timedelta
    count: int


def _excursions(
    values: Sequence[tuple[datetime, float]], limit: Limit, end: datetime, patience: timedelta
) -> _Outside:
    """What was outside the limit; a reading holds until the next one, at most `patience`."""
    runs: list[list[tuple[datetime, float]]] = []
    duration, covered, count, was_outside = timedelta(0), timedelta(0), 0, False
    following = [moment for moment, _ in values[1:]] + [end]
    for (moment, value), following_moment in zip(values, following, strict=True):
        outside, held = is_outside(value, limit), min(following_moment - moment, patience)
        covered += held
        if outside:
            count += 1
            duration += held
            if not was_outside:
                runs.append([])
            runs[-1].append((moment, value))
        was_outside = outside
    excursions = [
        Excursion(start=run[0][0], end=run[-1][0], extreme=_furthest([value for _, value in run], limit))
        for run in runs
    ]
    return _Outside(excursions, duration, covered, count)


def _furthest(values: Sequence[float], limit: Limit) -> float:
    if limit.high is not None and max(values) > limit.high:
        return max(values)
    return min(values)


def _most_extreme(excursions: Sequence[Excursion], limit: Limit) -> float:
    return _furthest([run.extreme for run in excursions], limit)
