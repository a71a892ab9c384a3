"""Finds sites and devices by what people call them, and names the nearest ones where there is none."""

import re
from collections.abc import Sequence

from rapidfuzz import fuzz, process

from tools.errors import UnknownDeviceError, UnknownSiteError
from tools.telemetry.fleet import Device, Fleet, Site


def plain(name: str) -> str:
    """A name without case, spaces and punctuation, for comparing."""
    return re.sub(r"[\W_]+", "", name.lower())


def find_site(fleet: Fleet, name: str) -> Site:
    """The site with this key or name.

    Raises:
        UnknownSiteError: with the nearest names.
    """
    for site in fleet.sites:
        if plain(name) in (plain(site.site_id), plain(site.name)):
            return site
    raise UnknownSiteError(
        f"No site {name!r}.", _nearest(name, [f"{site.name} ({site.site_id})" for site in fleet.sites])
    )


def find_device(fleet: Fleet, name: str) -> Device:
    """The device with this id or name.

    Raises:
        UnknownDeviceError: with the nearest names.
    """
    for device in fleet.devices:
        if plain(name) in (plain(device.device_id), plain(device.name)):
            return device
    raise UnknownDeviceError(f"No device {name!r}.", _nearest(name, [device.device_id for device in fleet.devices]))


def chosen_devices(
    fleet: Fleet, device_names: Sequence[str] | None, site_names: Sequence[str] | None
) -> list[Device]:
    """The devices named, those of the sites named, or the whole fleet when nothing is named.

    Raises:
        UnknownDeviceError, UnknownSiteError: with the nearest names.
    """
    if not device_names and not site_names:
        return list(fleet.devices)
    named = [find_device(fleet, name) for name in device_names or ()]
    sites = {find_site(fleet, name).site_id for name in site_names or ()}
    wanted = {device.device_id for device in named}
    return [device for device in fleet.devices if device.device_id in wanted or device.site_id in sites]


def _nearest(name: str, known: Sequence[str]) -> str:
    if not known:
        return "There are none yet: import a file or make the demo fleet."
    if len(known) <= 12:
        return f"Known: {', '.join(known)}."
    matches = process.extract(name, known, scorer=fuzz.WRatio, limit=3)
    return f"Nearest: {', '.join(match for match, _, _ in matches)}."
