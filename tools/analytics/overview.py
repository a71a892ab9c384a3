"""The fleet at a glance: health, standing alerts, freshness, and the devices in the order in which they need a person."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from tools.analytics.alert_rules import SEVERITIES, AlertSeverity
from tools.analytics.alerts import Alert, AlertReport
from tools.analytics.group_health import Band, GroupHealth, score_group
from tools.analytics.health import DeviceHealth, HealthReport
from tools.clock import Utc
from tools.quantity import Asked, Frozen, Quantity
from tools.telemetry.fields import field_facts
from tools.telemetry.fleet import Device, Fleet
from tools.telemetry.latest import LatestReport

# What a row of the fleet shows of a device right now.
SHOWN_FIELDS = ("string_voltage_v", "string_current_a", "cell_temperature_max_c", "soc_pct")
# A device without a score is looked at before those that are known to be well.
_NEED: Mapping[Band, int] = {"act": 0, "plan": 1, "unknown": 2, "watch": 3, "healthy": 4}


class DeviceNeed(Frozen):
    """One device: its health, the worst alert that stands, what it shows, and when it was last heard."""

    device_id: str
    name: str
    site_id: str
    site_name: str
    health: DeviceHealth
    worst_alert: AlertSeverity | None = None
    alert_count: Quantity
    latest: tuple[Quantity, ...]
    last_heard: Utc | None = None
    age: Quantity
    is_stale: bool


class Freshness(Frozen):
    """How many devices were heard within two of their poll intervals, and which were not."""

    heard: Quantity
    devices: Quantity
    stale: tuple[str, ...]
    newest: Utc | None = None


class Overview(Frozen):
    """Everything of the fleet that fits one look; devices that need a person come first."""

    asked: Asked
    health: GroupHealth
    sites: tuple[GroupHealth, ...]
    bands: tuple[Quantity, ...]
    alert_count: Quantity
    alerts_by_severity: tuple[Quantity, ...]
    freshness: Freshness
    devices: tuple[DeviceNeed, ...]


def make_overview(
    fleet: Fleet,
    health: HealthReport,
    standing: AlertReport,
    latest: LatestReport,
    heard: Mapping[str, datetime],
    now: datetime,
) -> Overview:
    """The overview of a fleet from its judgements.

    Args:
        health: of every device of the fleet.
        standing: the alerts that stand.
        latest: the newest values of `SHOWN_FIELDS`.
        heard: when each device was last heard.
    """  # fmt: skip
    by_device = {one.device_id: one for one in health.devices}
    sites = {site.site_id: site.name for site in fleet.sites}
    needs = [
        _need(device, sites[device.site_id], by_device[device.device_id], standing, latest, heard, now)
        for device in fleet.devices
    ]
    needs.sort(key=_order)
    return Overview(
        asked=health.asked,
        health=health.together or score_group(None, health.devices),
        sites=health.sites,
        bands=tuple(_band_count(band, health.devices) for band in _NEED),
        alert_count=_count(len(standing.alerts), "standing"),
        alerts_by_severity=tuple(
            _count(sum(one.severity == severity for one in standing.alerts), severity)
            for severity in reversed(SEVERITIES)
        ),
        freshness=find_freshness(fleet.devices, heard, now),
        devices=tuple(needs),
    )


def find_freshness(devices: Sequence[Device], heard: Mapping[str, datetime], now: datetime) -> Freshness:
    """Which devices were heard lately, against the poll interval of each."""
    stale = tuple(device.device_id for device in devices if is_stale(device, heard.get(device.device_id), now))
    return Freshness(
        heard=Quantity(value=len(devices) - len(stale), statistic="count", field="devices heard"),
        devices=Quantity(value=len(devices), statistic="count", field="devices"),
        stale=stale,
        newest=max(heard.values()) if heard else None,
    )


def is_stale(device: Device, last: datetime | None, now: datetime) -> bool:
    """Whether a device has missed two polls, or was never heard."""
    return last is None or now - last > 2 * timedelta(seconds=device.poll_interval_s)


def _need(
    device: Device, site_name: str, health: DeviceHealth, standing: AlertReport, latest: LatestReport,
    heard: Mapping[str, datetime], now: datetime,
) -> DeviceNeed:  # fmt: skip
    mine = [one for one in standing.alerts if one.device_id == device.device_id]
    last = heard.get(device.device_id)
    about = {"device_id": device.device_id, "site_id": device.site_id}
    return DeviceNeed(
        device_id=device.device_id,
        name=device.name,
        site_id=device.site_id,
        site_name=site_name,
        health=health,
        worst_alert=worst_severity(mine),
        alert_count=Quantity(value=len(mine), statistic="count", field="alerts", **about),
        latest=tuple(one for one in latest.figures if one.device_id == device.device_id),
        last_heard=last,
        age=Quantity(
            value=None if last is None else round((now - last).total_seconds()),
            unit="s",
            statistic="age",
            field="last heard",
            at=last,
            **about,
        ),
        is_stale=is_stale(device, last, now),
    )


def worst_severity(alerts: Sequence[Alert]) -> AlertSeverity | None:
    """The most serious of some alerts; None without any."""
    return max((one.severity for one in alerts), key=SEVERITIES.index, default=None)


def _order(one: DeviceNeed) -> tuple[float, ...]:
    """The worst standing alert comes first, then health, then silence."""
    severity = -1 if one.worst_alert is None else SEVERITIES.index(one.worst_alert)
    score = one.health.score.value
    return (-severity, _NEED[one.health.band], 0 if score is None else score, not one.is_stale)


def _band_count(band: Band, devices: Sequence[DeviceHealth]) -> Quantity:
    return _count(sum(one.band == band for one in devices), band, "devices")


def _count(value: int, text: str, field: str = "alerts") -> Quantity:
    return Quantity(value=value, text=text, statistic="count", field=field)


def figure_of(one: DeviceNeed, field: str) -> Quantity:
    """What a device shows of a field; a figure without a value where it shows none."""
    nothing = Quantity(statistic="latest", field=field, unit=field_facts(field).unit, device_id=one.device_id)
    return next((figure for figure in one.latest if figure.field == field), nothing)
