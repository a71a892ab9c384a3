"""The same figure of several devices or sites, or over two windows, side by side; and who leads."""

from collections.abc import Sequence
from typing import Literal

from tools.errors import BadArgumentError, NoDataError
from tools.quantity import Asked, ChartSpec, Frozen, Quantity, Statistic, Window
from tools.telemetry.fields import FieldFacts, field_facts
from tools.telemetry.fleet import Device, Site
from tools.telemetry.history import HistoryStatistic, device_figures, device_quantity
from tools.telemetry.rollups import Figures, add_figures
from tools.telemetry.store import ReadingStore
from tools.telemetry.windows import range_hint

RankStatistic = Literal["latest", "mean", "min", "max", "range", "increase"]
Order = Literal["highest", "lowest"]


class Side(Frozen):
    """One side of a comparison: a device, a site, or a window."""

    name: str
    figure: Quantity


class Comparison(Frozen):
    """Sides, and for two of them difference (first minus second), ratio and percent."""

    asked: Asked
    field: str
    statistic: RankStatistic
    sides: tuple[Side, ...]
    difference: Quantity | None = None
    ratio: Quantity | None = None
    percent: Quantity | None = None
    spread: Quantity | None = None
    highest: str | None = None
    lowest: str | None = None


class Rank(Frozen):
    """One place in a ranking."""

    place: int
    name: str
    figure: Quantity


class Ranking(Frozen):
    """Devices or sites ordered by a figure; those without data are named apart."""

    asked: Asked
    field: str
    statistic: RankStatistic
    order: Order
    by: Literal["device", "site"]
    ranks: tuple[Rank, ...]
    without_data: tuple[str, ...]
    chart: ChartSpec | None = None


def compare_groups(
    store: ReadingStore,
    groups: Sequence[tuple[str, Sequence[Device]]],
    field: str,
    window: Window | None,
    statistic: RankStatistic,
) -> Comparison:
    """Compare devices or sites over one window, or by their latest values where there is no window.

    Args:
        groups: a name and the devices behind it, for each side.
    """
    facts = _numeric(field)
    sides = tuple(
        Side(name=name, figure=group_figure(store, devices, facts, window, statistic)) for name, devices in groups
    )
    devices = [device for _, group in groups for device in group]
    return _comparison(store, facts, statistic, sides, devices, window)


def compare_windows(
    store: ReadingStore,
    name: str,
    devices: Sequence[Device],
    field: str,
    windows: tuple[Window, Window],
    statistic: RankStatistic,
) -> Comparison:
    """Compare one device, site or the fleet over two windows; the difference is first minus second."""
    facts = _numeric(field)
    if statistic == "latest":
        raise BadArgumentError("Two windows cannot be compared by their latest value.", "Ask for the mean.")
    sides = tuple(
        Side(name=f"{name} {label}", figure=group_figure(store, devices, facts, window, statistic))
        for label, window in zip(("first window", "second window"), windows, strict=True)
    )
    return _comparison(store, facts, statistic, sides, devices, windows[0])


def rank(
    store: ReadingStore,
    groups: Sequence[tuple[str, Sequence[Device]]],
    field: str,
    window: Window | None,
    statistic: RankStatistic,
    order: Order,
    top: int | None,
    by: Literal["device", "site"],
) -> Ranking:
    """Order devices or sites by a figure.

    Args:
        top: how many places to give; all where None.
    """
    facts = _numeric(field)
    figures = [(name, group_figure(store, devices, facts, window, statistic)) for name, devices in groups]
    known = [(name, figure) for name, figure in figures if figure.value is not None]
    devices = [device for _, group in groups for device in group]
    if not known:
        raise NoDataError(
            f"There is no {facts.label} to rank by.", range_hint(store, [one.device_id for one in devices])
        )
    known.sort(key=lambda pair: (-1 if order == "highest" else 1) * (pair[1].value or 0))
    return Ranking(
        asked=_asked(store, devices, facts, window, [figure for _, figure in known]),
        field=facts.name,
        statistic=statistic,
        order=order,
        by=by,
        ranks=tuple(
            Rank(place=place, name=name, figure=figure) for place, (name, figure) in enumerate(known[:top], start=1)
        ),
        without_data=tuple(name for name, figure in figures if figure.value is None),
    )


def device_groups(devices: Sequence[Device]) -> list[tuple[str, Sequence[Device]]]:
    """Each device by itself."""
    return [(device.device_id, [device]) for device in devices]


def site_groups(sites: Sequence[Site], devices: Sequence[Device]) -> list[tuple[str, Sequence[Device]]]:
    """The devices of each site that has any."""
    groups = [(site.name, [one for one in devices if one.site_id == site.site_id]) for site in sites]
    return [(name, group) for name, group in groups if group]


def _numeric(field: str) -> FieldFacts:
    facts = field_facts(field)
    if not facts.is_numeric or not facts.has_rollup:
        raise BadArgumentError(
            f"{facts.label.capitalize()} is not a measured number, so it cannot be compared or ranked.",
            "Ask for a measured field, for example cell_temperature_c.",
        )
    return facts


def group_figure(
    store: ReadingStore,
    devices: Sequence[Device],
    facts: FieldFacts,
    window: Window | None,
    statistic: RankStatistic,
) -> Quantity:
    """One figure of a group: of a single device as it is, of several over all their readings."""
    if statistic == "latest" or window is None:
        return _latest_figure(store, devices, facts)
    figures = device_figures(store, devices, facts, window)
    if len(devices) == 1:
        device = devices[0]
        mine = figures.get(device.device_id, Figures(0, 0, None, None, None))
        return device_quantity(store, device, facts, window, _history_statistic(statistic), mine)
    together = add_figures(figures.values())
    by_name = {
        "mean": together.mean,
        "min": together.min,
        "max": together.max,
        "range": None if together.max is None or together.min is None else together.max - together.min,
    }
    return Quantity(
        value=by_name.get(statistic),
        unit=facts.unit,
        statistic=statistic,
        field=facts.name,
        site_id=devices[0].site_id if devices else None,
        window=window,
        rows=together.count,
    )


def _history_statistic(statistic: RankStatistic) -> HistoryStatistic:
    return "last" if statistic == "latest" else statistic


def _latest_figure(store: ReadingStore, devices: Sequence[Device], facts: FieldFacts) -> Quantity:
    """The latest value of a device; of several devices the mean of their latest values."""
    latest = [row for row in store.latest([facts.name], [device.device_id for device in devices]) if row.at]
    values = [float(row.value) for row in latest if isinstance(row.value, float)]
    statistic: Statistic = "latest" if len(devices) == 1 else "mean"
    return Quantity(
        value=sum(values) / len(values) if values else None,
        unit=facts.unit,
        statistic=statistic,
        field=facts.name,
        device_id=devices[0].device_id if len(devices) == 1 else None,
        site_id=devices[0].site_id if devices else None,
        at=latest[0].at if len(latest) == 1 else None,
        rows=len(values),
    )


def _comparison(
    store: ReadingStore,
    facts: FieldFacts,
    statistic: RankStatistic,
    sides: tuple[Side, ...],
    devices: Sequence[Device],
    window: Window | None,
) -> Comparison:
    known = [side for side in sides if side.figure.value is not None]
    if not known:
        raise NoDataError(
            f"There is no {facts.label} to compare.", range_hint(store, [one.device_id for one in devices])
        )
    values = [side.figure.value or 0.0 for side in known]
    pair = values if len(known) == len(sides) == 2 else None
    about = {"field": facts.name, "window": window}
    has_base = pair is not None and pair[1] != 0
    return Comparison(
        asked=_asked(store, devices, facts, window, [side.figure for side in known]),
        field=facts.name,
        statistic=statistic,
        sides=sides,
        difference=Quantity(value=pair[0] - pair[1], unit=facts.unit, statistic="difference", **about)
        if pair
        else None,
        ratio=Quantity(value=pair[0] / pair[1], statistic="ratio", **about) if pair and has_base else None,
        percent=Quantity(value=100 * (pair[0] - pair[1]) / abs(pair[1]), unit="%", statistic="percent", **about)
        if pair and has_base
        else None,
        spread=Quantity(value=max(values) - min(values), unit=facts.unit, statistic="range", **about)
        if len(known) > 2
        else None,
        highest=max(known, key=lambda side: side.figure.value or 0).name if len(known) > 1 else None,
        lowest=min(known, key=lambda side: side.figure.value or 0).name if len(known) > 1 else None,
    )


def _asked(
    store: ReadingStore,
    devices: Sequence[Device],
    facts: FieldFacts,
    window: Window | None,
    figures: Sequence[Quantity],
) -> Asked:
    newest = store.newest([device.device_id for device in devices])
    return Asked(
        devices=tuple(device.device_id for device in devices),
        fields=(facts.name,),
        window=window,
        rows=sum(figure.rows or 0 for figure in figures),
        newest=max(newest.values()) if newest else None,
    )
