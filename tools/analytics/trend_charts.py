"""Charts of fields over a window, a line a device with its limits, from hourly rollups alone."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Literal
from zoneinfo import ZoneInfo

from tools.analytics.limits import FULL_IS_FINE, limit_quantities, limited
from tools.analytics.statistics import kept_by_hour, settled
from tools.errors import BadArgumentError
from tools.quantity import Asked, ChartSpec, Frozen, Point, Series, Window
from tools.telemetry.fields import FieldFacts
from tools.telemetry.fleet import Device
from tools.telemetry.history import HOURS_UP_TO, MOST_LINES
from tools.telemetry.rollups import HOUR, Figures, add_figures, floor_hour
from tools.telemetry.store import ReadingStore

TrendStatistic = Literal["mean", "min", "max"]
Step = Literal["hour", "day"]
# More points than this a line are drawn by the day.
MOST_HOURS = timedelta(days=92)
# Two steps without a value and a line is broken: it must not look as if something had been measured there.
_BREAK = {"hour": 2 * HOUR, "day": timedelta(days=2)}


class TrendCharts(Frozen):
    """One chart a field. `left_out` are devices beyond the lines a chart can hold."""

    asked: Asked
    statistic: TrendStatistic
    step: Step
    charts: tuple[ChartSpec, ...]
    left_out: tuple[str, ...] = ()


def draw_trends(
    store: ReadingStore,
    devices: Sequence[Device],
    fields: Sequence[str],
    window: Window,
    statistic: TrendStatistic = "mean",
    step: Step | None = None,
    time_zone: str = "UTC",
) -> TrendCharts:
    """The charts of fields of devices; a field without a value in the window is a chart without points.

    Args:
        statistic: what of each hour or day is drawn.
        step: spacing of the points; chosen by the length of the window where None.
        time_zone: where days begin.

    Raises:
        UnknownFieldError: no field has that name.
        BadArgumentError: a field is not kept by the hour, or the window is too long for hours.
    """
    facts = [kept_by_hour(name) for name in fields]
    if step == "hour" and window.length > MOST_HOURS:
        raise BadArgumentError("That is too long a window for a point an hour.", "Ask for a point a day.")
    drawn = list(devices[:MOST_LINES])
    ids = [device.device_id for device in drawn]
    taken: Step = step or ("hour" if window.length <= HOURS_UP_TO else "day")
    newest = store.newest(ids)
    return TrendCharts(
        asked=Asked(
            devices=tuple(ids),
            fields=tuple(one.name for one in facts),
            window=window,
            newest=max(newest.values()) if newest else None,
        ),
        statistic=statistic,
        step=taken,
        charts=tuple(_chart(store, drawn, one, window, statistic, taken, ZoneInfo(time_zone)) for one in facts),
        left_out=tuple(device.device_id for device in devices[MOST_LINES:]),
    )


def _chart(
    store: ReadingStore,
    devices: Sequence[Device],
    facts: FieldFacts,
    window: Window,
    statistic: TrendStatistic,
    step: Step,
    zone: ZoneInfo,
) -> ChartSpec:
    ids = [device.device_id for device in devices]
    parts: dict[str, dict[datetime, list[Figures]]] = defaultdict(lambda: defaultdict(list))
    for device_id, hour, figures in store.hours(facts.name, ids, floor_hour(window.start), window.end):
        at = hour if step == "hour" else hour.astimezone(zone).replace(hour=0)
        parts[device_id][at].append(figures)
    lines = tuple(
        Series(
            name=device.device_id,
            device_id=device.device_id,
            site_id=device.site_id,
            field=facts.name,
            unit=facts.unit,
            statistic=statistic,
            points=_points(parts[device.device_id], statistic, _BREAK[step]),
        )
        for device in devices
    )
    chart = ChartSpec(title=facts.label.capitalize(), kind="line", unit=facts.unit, series=lines, window=window)
    drawn = limited(chart, limit_quantities([facts.name], devices))
    # A line at 95 % through a fleet on float would look like a fleet outside its limits.
    return drawn.model_copy(update={"limit_high": None}) if facts.name == FULL_IS_FINE else drawn


def _points(
    parts: Mapping[datetime, Sequence[Figures]], statistic: TrendStatistic, longest: timedelta
) -> tuple[Point, ...]:
    values = [(at, settled(getattr(add_figures(some), statistic))) for at, some in sorted(parts.items())]
    points = [Point(at=at, value=value) for at, value in values[:1]]
    for (before, _), (at, value) in pairwise(values):
        if at - before >= longest:
            points.append(Point(at=before + longest / 2))
        points.append(Point(at=at, value=value))
    return tuple(points)
