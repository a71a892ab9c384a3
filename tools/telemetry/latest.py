"""The newest value of each field asked about, each with its own time."""

from collections.abc import Sequence
from datetime import datetime

from tools.quantity import Asked, Frozen, Quantity
from tools.telemetry.fields import field_facts
from tools.telemetry.fleet import Device
from tools.telemetry.store import ReadingStore

# What a person on shift looks at first.
SUMMARY_FIELDS = (
    "string_voltage_v",
    "string_current_a",
    "cell_temperature_c",
    "soc_pct",
    "charger_mode",
    "mains_state",
    "alarm_severity",
)
# A plain "voltage" or "temperature" of a device is the string's, with these beside it (domain conventions).
BESIDE = {"string_voltage_v": "cell_voltage_v"}


class LatestReport(Frozen):
    """One figure a device and field, in the order asked; no data is a figure without a value."""

    asked: Asked
    figures: tuple[Quantity, ...]
    beside: tuple[Quantity, ...] = ()
    limits: tuple[Quantity, ...] = ()
    stale: tuple[str, ...] = ()


def latest_readings(
    store: ReadingStore, devices: Sequence[Device], fields: Sequence[str], now: datetime
) -> LatestReport:
    """The newest value of each field of each device; a device unheard for two polls is named as stale."""
    ids = [device.device_id for device in devices]
    names = [field_facts(field).name for field in fields] or list(SUMMARY_FIELDS)
    companions = [BESIDE[name] for name in names if name in BESIDE and BESIDE[name] not in names]
    newest = store.newest(ids)
    return LatestReport(
        asked=Asked(
            devices=tuple(ids), fields=tuple(names), newest=max(newest.values()) if newest else None, rows=len(newest)
        ),
        figures=_figures(store, devices, names),
        beside=_figures(store, devices, companions) if len(devices) == 1 else (),
        stale=tuple(
            device.device_id
            for device in devices
            if device.device_id in newest
            and (now - newest[device.device_id]).total_seconds() > 2 * device.poll_interval_s
        ),
    )


def _figures(store: ReadingStore, devices: Sequence[Device], fields: Sequence[str]) -> tuple[Quantity, ...]:
    sites = {device.device_id: device.site_id for device in devices}
    return tuple(
        Quantity(
            value=found.value if isinstance(found.value, float) else None,
            text=found.value if isinstance(found.value, str) else None,
            unit=field_facts(found.field).unit,
            statistic="latest",
            field=found.field,
            device_id=found.device_id,
            site_id=sites[found.device_id],
            at=found.at,
        )
        for found in store.latest(fields, list(sites))
    )
