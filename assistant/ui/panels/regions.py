"""Regions and sites side by side, for those who would rather read than look at a map."""

from collections.abc import Sequence

from assistant.ui import wording
from assistant.ui.look import Look
from assistant.ui.panels.parts import ask_link, count, link, mark, number, panel, quiet, table, text
from tools.analytics.overview import Overview
from tools.analytics.regions import RegionSummary
from tools.telemetry.fleet import Site


def regions(found: Sequence[RegionSummary]) -> str:
    """A row a region, the least healthy first."""
    if not found:
        return panel(wording.REGIONS, quiet(wording.NO_FLEET))
    headings = [
        wording.REGION,
        wording.HEALTH,
        wording.DEVICE_COUNT,
        wording.ALERTS,
        wording.SILENT_COUNT,
        wording.SITES,
        wording.WHY,
    ]
    rows = [
        [
            text(one.region or wording.NO_REGION),
            f"{number(one.health.score)} {mark(one.health.band, wording.BANDS[one.health.band])}",
            count(one.device_count),
            count(one.alert_count),
            count(one.stale_count),
            text(", ".join(one.sites)),
            f'<span class="why">{text(one.health.why)}</span>',
        ]
        for one in found
    ]
    return panel(wording.REGIONS, table(headings, rows, wording.REGIONS))


def sites(all_sites: Sequence[Site], overview: Overview, look: Look) -> str:
    """A row a site, with the way to it."""
    health = {one.site_id: one for one in overview.sites}
    rows = []
    for site in all_sites:
        mine = [one for one in overview.devices if one.site_id == site.site_id]
        score = health.get(site.site_id)
        shown = f"{number(score.score)} {mark(score.band, wording.BANDS[score.band])}" if score else wording.NO_DATA
        rows.append(
            [
                link(look.out().to(site=site.site_id), text(site.name), name=wording.look_at(site.name)),
                shown,
                str(len(mine)),
                f"{sum(one.alert_count.value or 0 for one in mine):.0f}",
                text(site.region or wording.NO_REGION),
                text(site.address or ""),
                ask_link(wording.ask_site(site.name)),
            ]
        )
    headings = [
        wording.SITE, wording.HEALTH, wording.DEVICE_COUNT, wording.ALERTS, wording.REGION, wording.ADDRESS, "",
    ]  # fmt: skip
    return panel(wording.SITES, table(headings, rows, wording.SITES) if rows else quiet(wording.NO_FLEET))
