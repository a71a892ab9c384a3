"""Regions compared: how many sites and devices, how healthy, how many alerts, who is silent."""

from collections.abc import Sequence

from tools.analytics.group_health import GroupHealth, score_group
from tools.analytics.overview import DeviceNeed, Overview
from tools.quantity import Frozen, Quantity
from tools.telemetry.fleet import Fleet, Site


class RegionSummary(Frozen):
    """One region; `region` None are the sites without one."""

    region: str | None = None
    sites: tuple[str, ...]
    device_count: Quantity
    health: GroupHealth
    alert_count: Quantity
    stale_count: Quantity


def compare_regions(fleet: Fleet, overview: Overview) -> tuple[RegionSummary, ...]:
    """Every region of a fleet, the least healthy first, from the overview of the same fleet."""
    regions: dict[str | None, list[Site]] = {}
    for site in fleet.sites:
        regions.setdefault(site.region, []).append(site)
    found = [_summary(region, sites, overview.devices) for region, sites in regions.items()]
    return tuple(sorted(found, key=lambda one: (one.health.score.value is None, one.health.score.value or 0)))


def _summary(region: str | None, sites: Sequence[Site], devices: Sequence[DeviceNeed]) -> RegionSummary:
    ids = {site.site_id for site in sites}
    mine = [one for one in devices if one.site_id in ids]
    return RegionSummary(
        region=region,
        sites=tuple(site.name for site in sites),
        device_count=_count(len(mine), "devices"),
        health=score_group(None, [one.health for one in mine]),
        alert_count=_count(int(sum(one.alert_count.value or 0 for one in mine)), "alerts"),
        stale_count=_count(sum(one.is_stale for one in mine), "silent devices"),
    )


def _count(value: int, field: str) -> Quantity:
    return Quantity(value=value, statistic="count", field=field)
