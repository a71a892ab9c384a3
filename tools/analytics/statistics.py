"""Mean, lowest and highest value of fields per device over a window, from hourly rollups."""

from collections.abc import Sequence

from tools.errors import BadArgumentError
from tools.quantity import Asked, Frozen, Quantity, Window
from tools.telemetry.fields import FieldFacts, field_facts, rollup_fields
from tools.telemetry.fleet import Device
from tools.telemetry.rollups import NO_FIGURES, Figures
from tools.telemetry.store import PHASE_VOLTAGES, ReadingStore

USUAL_FIELDS = ("cell_voltage_v", "string_voltage_v", "string_current_a", "cell_temperature_c", "soc_pct")


class FieldStatistics(Frozen):
    """One field of one device over a window; figures without a value where it delivered none."""

    device_id: str
    site_id: str
    field: str
    label: str
    unit: str
    mean: Quantity
    lowest: Quantity
    highest: Quantity
    count: Quantity


class StatisticsReport(Frozen):
    """Statistics of every device and field asked about, in the order asked."""

    asked: Asked
    statistics: tuple[FieldStatistics, ...]


def find_statistics(
    store: ReadingStore, devices: Sequence[Device], fields: Sequence[str], window: Window
) -> StatisticsReport:
    """Statistics over [start, end): full hours from rollups, what lies beside them from its rows.

    Raises:
        UnknownFieldError: no field has that name.
        BadArgumentError: a field is not kept by the hour.
    """
    facts = [kept_by_hour(name) for name in fields or USUAL_FIELDS]
    ids = [device.device_id for device in devices]
    found = [store.figures(one.name, ids, window.start, window.end) for one in facts]
    rows = store.row_counts(ids, window.start, window.end)
    newest = store.newest(ids)
    return StatisticsReport(
        asked=Asked(
            devices=tuple(ids),
            fields=tuple(one.name for one in facts),
            window=window,
            rows=sum(count for count, _ in rows.values()),
            rows_not_good=sum(not_good for _, not_good in rows.values()),
            newest=max(newest.values()) if newest else None,
        ),
        statistics=tuple(
            _statistics(device, one, figures.get(device.device_id, NO_FIGURES), window)
            for device in devices
            for one, figures in zip(facts, found, strict=True)
        ),
    )


def kept_by_hour(name: str) -> FieldFacts:
    """The facts of a field that dashboards may draw and sum up without reading every row.

    Raises:
        UnknownFieldError: no field has that name.
        BadArgumentError: it is not kept by the hour, or its rollups would mix outages in.
    """
    facts = field_facts(name)
    if not facts.has_rollup or name in PHASE_VOLTAGES:
        known = ", ".join(field for field in rollup_fields() if field not in PHASE_VOLTAGES)
        raise BadArgumentError(f"{name} is not kept by the hour.", f"Kept by the hour: {known}.")
    return facts


def settled(value: float | None) -> float | None:
    """A mean without its last digits: they depend on the order in which a database adds."""
    return None if value is None else float(f"{value:.10g}")


def _statistics(device: Device, facts: FieldFacts, figures: Figures, window: Window) -> FieldStatistics:
    about = {
        "field": facts.name, "device_id": device.device_id, "site_id": device.site_id, "window": window,
        "rows": figures.count,
    }  # fmt: skip
    return FieldStatistics(
        device_id=device.device_id,
        site_id=device.site_id,
        field=facts.name,
        label=facts.label,
        unit=facts.unit,
        mean=Quantity(value=settled(figures.mean), unit=facts.unit, statistic="mean", **about),
        lowest=Quantity(value=figures.min, unit=facts.unit, statistic="min", **about),
        highest=Quantity(value=figures.max, unit=facts.unit, statistic="max", **about),
        count=Quantity(value=figures.count, statistic="count", **about),
    )
