"""The fleet at a glance: health, standing alerts, freshness, and the devices in the order in which they need a person."""

from collections import defaultdict
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
    alerts: dict[str, list[Alert]] = defaultdict(list)
    for alert in standing.alerts:
        alerts[alert.device_id].append(alert)
    figures: dict[str, list[Quantity]] = defaultdict(list)
    for figure in latest.figures:
        figures[str(figure.device_id)].append(figure)
    needs = [
        DeviceNeed(
            device_id=device.device_id,
            name=device.name,
            site_id=device.site_id,
            site_name=sites[device.site_id],
            health=by_device[device.device_id],
            worst_alert=worst_severity(alerts[device.device_id]),
            alert_count=_alert_count(device, len(alerts[device.device_id])),
            latest=tuple(figures[device.device_id]),
            last_heard=heard.get(device.device_id),
            age=_age(device, heard.get(device.device_id), now),
            is_stale=is_stale(device, heard.get(device.device_id), now),
        )
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


def _alert_count(device: Device, count: int) -> Quantity:
    about = {"device_id": device.device_id, "site_id": device.site_id}
    return Quantity(value=count, statistic="count", field="alerts", **about)


def _age(device: Device, last: datetime | None, now: datetime) -> Quantity:
    """Seconds since a device was last heard."""
    return Quantity(
        value=None if last is None else round((now - last).total_seconds()),
        unit="s",
        statistic="age",
        field="last heard",
        at=last,
        device_id=device.device_id,
        site_id=device.site_id,
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
