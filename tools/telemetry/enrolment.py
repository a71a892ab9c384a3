"""Finds the site and the device an import is for, or makes them known; says so where the facts contradict."""

import re
from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from tools.errors import ImportFileError
from tools.telemetry.fleet import Device, Site
from tools.telemetry.ingest import add_device, add_site
from tools.telemetry.names import plain
from tools.telemetry.schema import battery_data, devices, latest_readings, sites

_TOKEN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,15}")
# Bounds of a lead-acid cell at rest or on float: what a median string voltage says of the number of cells.
_CELL_VOLTS = (1.95, 2.35)
_USUAL_CELLS = (1, 2, 3, 6, 12, 18, 24, 30, 36, 48, 54, 55, 60, 108, 110, 120, 180, 192, 240)


def find_or_add_site(connection: Connection, name: str) -> Site:
    """The site with this name or key, new if need be."""
    _check_name(name, "--site")
    known = [Site(**row) for row in connection.execute(sa.select(sites)).mappings()]
    for site in known:
        if plain(name) in (plain(site.site_id), plain(site.name)):
            return site
    site = Site(site_id=_key(name, "S", (site.site_id for site in known)), name=name.strip())
    add_site(connection, site)
    return site


def find_or_add_device(
    connection: Connection,
    name: str,
    site: Site,
    *,
    cells: int | None,
    capacity_ah: float | None,
    poll_interval_s: int | None,
    median_voltage_v: float | None,
) -> Device:
    """The device with this name or key at the site, new if need be.

    Args:
        poll_interval_s: spacing of the rows, for a new device.
        median_voltage_v: of the string, to suggest a number of cells where none is said.

    Raises:
        ImportFileError: the device stands at another site, has other cells or capacity, or its cells are not known.
    """
    _check_name(name, "--device")
    _check_facts(cells, capacity_ah)
    known = [Device(**row) for row in connection.execute(sa.select(devices)).mappings()]
    found = [device for device in known if plain(name) in (plain(device.device_id), plain(device.name))]
    if found:
        here = next((device for device in found if device.site_id == site.site_id), found[0])
        return _checked(connection, here, site, cells, capacity_ah)
    if cells is None:
        raise ImportFileError(
            f"{name} is a new device: how many 2 V cells are in series?", _suggest(median_voltage_v)
        )
    device = Device(
        device_id=_key(name, "D", (device.device_id for device in known)),
        site_id=site.site_id,
        name=name.strip(),
        cell_count=cells,
        rated_capacity_ah=capacity_ah,
        **({} if poll_interval_s is None else {"poll_interval_s": poll_interval_s}),
    )
    add_device(connection, device)
    return device


def _checked(
    connection: Connection, device: Device, site: Site, cells: int | None, capacity_ah: float | None
) -> Device:
    if device.site_id != site.site_id:
        raise ImportFileError(
            f"{device.name} stands at the site {device.site_id}, not at {site.name}.",
            f"Say --site {device.site_id}, or give the device another name.",
        )
    if cells is not None and cells != device.cell_count:
        raise ImportFileError(
            f"{device.name} has {device.cell_count} cells, not {cells}.", "Leave --cells out, or name another device."
        )
    if capacity_ah is None or capacity_ah == device.rated_capacity_ah:
        return device
    if device.rated_capacity_ah is not None:
        raise ImportFileError(
            f"{device.name} has a rated capacity of {device.rated_capacity_ah:g} Ah, not {capacity_ah:g} Ah.",
            "Leave --capacity out, or name another device.",
        )
    return _with_capacity(connection, device, capacity_ah)


def _with_capacity(connection: Connection, device: Device, capacity_ah: float) -> Device:
    """The device with the capacity that was not known until now, on its stored rows too."""
    complete = device.model_copy(update={"rated_capacity_ah": capacity_ah})
    add_device(connection, complete)
    for table in (battery_data, latest_readings):
        connection.execute(
            sa.update(table).where(table.c.device_id == device.device_id).values(rated_capacity_ah=capacity_ah)
        )
    return complete


def _check_name(name: str, option: str) -> None:
    if not plain(name):
        raise ImportFileError(f"{option} needs a name, not {name!r}.", f"For example {option} Northgate.")


def _check_facts(cells: int | None, capacity_ah: float | None) -> None:
    if cells is not None and not 1 <= cells <= 240:
        raise ImportFileError(f"A string has 1 to 240 cells, not {cells}.", "A 12 V battery has 6, a 48 V one 24.")
    if capacity_ah is not None and not 0 < capacity_ah <= 3000:
        raise ImportFileError(
            f"A rated capacity is above 0 and at most 3000 Ah, not {capacity_ah:g}.", "Say it as --capacity 100."
        )


def _suggest(median_voltage_v: float | None) -> str:
    plainly = "Say --cells N: a 12 V battery has 6, a 48 V one 24."
    if median_voltage_v is None:
        return plainly
    low, high = _CELL_VOLTS
    fitting = [cells for cells in _USUAL_CELLS if low <= median_voltage_v / cells <= high]
    if not fitting:
        return plainly
    return f"A median of {median_voltage_v:.1f} V suggests --cells {' or '.join(str(cells) for cells in fitting)}."


def _key(name: str, letter: str, taken: Iterable[str]) -> str:
    """The name itself where it can be a key, otherwise the next number."""
    if _TOKEN.fullmatch(name.strip()):
        return name.strip()
    numbers = [int(key[1:]) for key in taken if key[:1] == letter and key[1:].isdigit()]
    return f"{letter}{max(numbers, default=0) + 1:02d}"
