"""What is installed where, how old it is, and how much of it there is."""

from collections.abc import Sequence
from datetime import date, datetime

from tools.quantity import Frozen, Quantity
from tools.telemetry.fleet import Device, Fleet, Site

DAYS_PER_YEAR = 365.25


class SiteEntry(Frozen):
    """A site and how many devices stand there."""

    site: Site
    devices: Quantity


class DeviceEntry(Frozen):
    """A device, its ratings and its age."""

    device_id: str
    name: str
    site_id: str
    site_name: str
    battery_model: str | None = None
    install_date: date | None = None
    cells: Quantity
    capacity: Quantity
    age: Quantity


class Inventory(Frozen):
    """Sites and devices asked about."""

    sites: tuple[SiteEntry, ...]
    devices: tuple[DeviceEntry, ...]
    site_count: Quantity
    device_count: Quantity


def list_inventory(fleet: Fleet, devices: Sequence[Device], now: datetime) -> Inventory:
    """The devices given and the sites they stand at."""
    names = {site.site_id: site.name for site in fleet.sites}
    site_ids = dict.fromkeys(device.site_id for device in devices)
    return Inventory(
        sites=tuple(
            SiteEntry(
                site=site,
                devices=Quantity(
                    value=sum(device.site_id == site.site_id for device in devices),
                    statistic="count",
                    field="devices",
                    site_id=site.site_id,
                ),
            )
            for site in fleet.sites
            if site.site_id in site_ids
        ),
        devices=tuple(_entry(device, names[device.site_id], now) for device in devices),
        site_count=Quantity(value=len(site_ids), statistic="count", field="sites"),
        device_count=Quantity(value=len(devices), statistic="count", field="devices"),
    )


def _entry(device: Device, site_name: str, now: datetime) -> DeviceEntry:
    about = {"device_id": device.device_id, "site_id": device.site_id}
    age = (now.date() - device.install_date).days / DAYS_PER_YEAR if device.install_date else None
    return DeviceEntry(
        device_id=device.device_id,
        name=device.name,
        site_id=device.site_id,
        site_name=site_name,
        battery_model=device.battery_model,
        install_date=device.install_date,
        cells=Quantity(value=device.cell_count, statistic="rated", field="cell_count", **about),
        capacity=Quantity(
            value=device.rated_capacity_ah, unit="Ah", statistic="rated", field="rated_capacity_ah", **about
        ),
        age=Quantity(
            value=None if age is None else round(age, 1),
            unit="years",
            statistic="age",
            field="install_date",
            at=now,
            **about,
        ),
    )
