"""The top of every dashboard page: the name, the way to the other pages, and the moment its figures are of."""

from datetime import datetime
from zoneinfo import ZoneInfo

from assistant.ui import wording
from assistant.ui.look import RANGES, Look
from assistant.ui.panels.parts import link, text
from tools.telemetry.fleet import Fleet


def top(page: str) -> str:
    """Name and menu; `page` is the address of this one."""
    links = "".join(
        f'<a href="{address}"{" aria-current=page" if address == page else ""}>{text(words)}</a>'
        for address, words in wording.PAGES.items()
    )
    return f'<h1>{wording.NAME}</h1><nav aria-label="{wording.MENU}">{links}</nav>'


def as_of(now: datetime, zone: str) -> str:
    """The moment the figures are of, on the viewer's clock."""
    local = now.astimezone(ZoneInfo(zone))
    return f'<p class="as-of" data-at="{now.timestamp():.0f}">{wording.AS_OF} {local:%H:%M:%S %Z}</p>'


def where(look: Look, fleet: Fleet) -> str:
    """Fleet, site and device as steps back, and the time range of every chart."""
    device = next((one for one in fleet.devices if one.device_id == look.device), None)
    site_id = device.site_id if device else look.site
    site = next((one for one in fleet.sites if one.site_id == site_id), None)
    steps = [(look.out().to(), wording.FLEET)]
    if site:
        steps.append((look.out().to(site=site.site_id), site.name))
    if device:
        steps.append((look.to(cell=None), device.device_id))
    trail = "".join(
        f"<li>{link(address, text(words), current=number == len(steps) - 1)}</li>"
        for number, (address, words) in enumerate(steps)
    )
    ranges = "".join(
        link(look.to(range_name=name), text(wording.RANGES[name]), current=name == look.range_name) for name in RANGES
    )
    return (
        f'<nav class="trail" aria-label="{wording.WHERE}"><ol>{trail}</ol></nav>'
        f'<div class="ranges" role="group" aria-label="{wording.TIME_RANGE}">{ranges}</div>'
    )
