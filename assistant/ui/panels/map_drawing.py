"""The map as a drawing in the page: outlines of countries, a mark a site coloured by health and sized by devices."""

import json
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from assistant.ui import wording
from assistant.ui.look import Look
from assistant.ui.panels.parts import text
from tools.analytics.group_health import GroupHealth
from tools.analytics.overview import Overview
from tools.telemetry.fleet import Site

_OUTLINES = Path(__file__).parents[1] / "outlines" / "countries.json"
WIDTH, HEIGHT = 960, 560
# Degrees around the outermost sites, at least; a single site is shown with the country around it.
_LEAST_MARGIN, _MARGIN_SHARE, _LEAST_SPAN = 2.5, 0.18, 10.0
_SMALLEST, _LARGEST = 7.0, 22.0
# Lines of longitude and latitude so many degrees apart, the first that leaves few enough of them.
_GRID_STEPS, _MOST_LINES = (1, 2, 5, 10, 20, 30), 8


@dataclass(frozen=True)
class View:
    """The part of the world that is drawn, in degrees, and where a place lies in the drawing."""

    west: float
    south: float
    east: float
    north: float

    def at(self, longitude: float, latitude: float) -> tuple[float, float]:
        """Place in the drawing; longitudes are shortened as they are in the middle of it."""
        x = (longitude - self.west) / (self.east - self.west) * WIDTH
        y = (self.north - latitude) / (self.north - self.south) * HEIGHT
        return round(x, 1), round(y, 1)

    def touches(self, ring: Sequence[int]) -> bool:
        """Whether an outline may be seen."""
        longitudes, latitudes = ring[::2], ring[1::2]
        return (
            min(longitudes) <= 100 * self.east
            and max(longitudes) >= 100 * self.west
            and min(latitudes) <= 100 * self.north
            and max(latitudes) >= 100 * self.south
        )


@cache
def outlines() -> tuple[tuple[int, ...], ...]:
    """Rings of longitudes and latitudes in hundredths of a degree."""
    return tuple(_unwrapped(ring) for ring in json.loads(_OUTLINES.read_text(encoding="utf-8")))


def _unwrapped(ring: Sequence[int]) -> tuple[int, ...]:
    """A ring that goes on beyond 180° instead of jumping to the other edge of the world."""
    found = list(ring)
    for place in range(2, len(found), 2):
        turns = round((found[place - 2] - found[place]) / 36_000)
        found[place] += turns * 36_000
    return tuple(found)


def view_of(places: Sequence[tuple[float, float]]) -> View:
    """The view that holds some places (longitude, latitude) with room around them, in the shape of the drawing."""
    west, east = min(x for x, _ in places), max(x for x, _ in places)
    south, north = min(y for _, y in places), max(y for _, y in places)
    middle_x, middle_y = (west + east) / 2, (south + north) / 2
    squeeze = max(0.2, math.cos(math.radians(middle_y)))
    margin_x = max(_LEAST_MARGIN, _MARGIN_SHARE * (east - west))
    margin_y = max(_LEAST_MARGIN, _MARGIN_SHARE * (north - south))
    height = max(north - south + 2 * margin_y, (east - west + 2 * margin_x) * squeeze * HEIGHT / WIDTH, _LEAST_SPAN)
    width = height * WIDTH / HEIGHT / squeeze
    return View(middle_x - width / 2, middle_y - height / 2, middle_x + width / 2, middle_y + height / 2)


def draw_map(sites: Sequence[Site], overview: Overview, look: Look) -> str:
    """The map of the sites that have coordinates, as SVG; each mark is a link to the site."""
    placed = [
        (site, (site.longitude_deg, site.latitude_deg))
        for site in sites
        if site.longitude_deg is not None and site.latitude_deg is not None
    ]
    if not placed:
        return f'<p class="quiet">{wording.NO_PLACES}</p>'
    view = view_of([place for _, place in placed])
    health = {one.site_id: one for one in overview.sites}
    devices = Counter(one.site_id for one in overview.devices)
    alerts: Counter[str] = Counter()
    for one in overview.devices:
        alerts[one.site_id] += int(one.alert_count.value or 0)
    most = max(devices.values(), default=1)
    marks = ""
    for site, place in placed:
        count = devices[site.site_id]
        radius = _SMALLEST + (_LARGEST - _SMALLEST) * math.sqrt(count / most)
        band = health[site.site_id].band if site.site_id in health else "unknown"
        name = wording.site_name(site.name, count, wording.BANDS[band], alerts[site.site_id])
        marks += _mark(site, view.at(*place), radius, health.get(site.site_id), name, look)
    land = " ".join(_path(ring, view) for ring in outlines() if view.touches(ring))
    return (
        f'<svg class="map" viewBox="0 0 {WIDTH} {HEIGHT}" role="group" aria-label="{wording.MAP}">'
        f'<rect class="sea" width="{WIDTH}" height="{HEIGHT}"/><path class="grid" d="{_grid(view)}"/>'
        f'<path class="land" d="{land}"/>{marks}</svg>'
    )


def _path(ring: Sequence[int], view: View) -> str:
    points = [view.at(x / 100, y / 100) for x, y in zip(ring[::2], ring[1::2], strict=True)]
    return "M" + "L".join(f"{x:g},{y:g}" for x, y in points) + "Z"


def _grid(view: View) -> str:
    step = next((one for one in _GRID_STEPS if (view.east - view.west) / one <= _MOST_LINES), _GRID_STEPS[-1])
    meridians = range(math.ceil(view.west / step) * step, math.floor(view.east) + 1, step)
    parallels = range(math.ceil(view.south / step) * step, math.floor(view.north) + 1, step)
    lines = [f"M{view.at(x, 0)[0]:g},0V{HEIGHT}" for x in meridians]
    return "".join([*lines, *(f"M0,{view.at(0, y)[1]:g}H{WIDTH}" for y in parallels)])


def _mark(
    site: Site, at: tuple[float, float], radius: float, health: GroupHealth | None, name: str, look: Look
) -> str:
    # A name that would run out of the drawing stands on the other side of its mark.
    is_right = at[0] > WIDTH - 160
    x = at[0] - radius - 6 if is_right else at[0] + radius + 6
    score = "" if health is None or health.score.value is None else f" {health.score.value:.0f}"
    return (
        f'<a class="site {health.band if health else "unknown"}" href="{text(look.out().to(site=site.site_id))}" '
        f'data-key="map {text(site.site_id)}" aria-label="{text(name)}"><title>{text(name)}</title>'
        f'<circle cx="{at[0]}" cy="{at[1]}" r="{radius:.1f}"/>'
        f'<text x="{x:.1f}" y="{at[1] + 5:.1f}" text-anchor="{"end" if is_right else "start"}">'
        f"{text(site.name)}<tspan>{score}</tspan></text></a>"
    )
