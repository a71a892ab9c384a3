"""The map page: where the sites are and how they are, and the regions compared."""

from typing import Any

import gradio as gr

from assistant.ui import wording
from assistant.ui.look import read_look
from assistant.ui.panels import regions, top
from assistant.ui.panels.map_drawing import draw_map
from assistant.ui.panels.parts import loading, panel, text
from assistant.ui.refreshing import EVERY, Refresh, Updates
from assistant.ui.visitor import board_of, known_zone
from assistant.wiring import Assistant
from tools.telemetry.fleet import Site

AT_ONCE = 16


class GeoPage:
    """The components of the map page and how they are filled."""

    def __init__(self, assistant: Assistant, site: gr.Blocks) -> None:
        self._assistant = assistant
        with gr.Column(elem_id="geo", elem_classes="board"):
            gr.HTML(top.top("/geo-dashboard"), elem_id="geo-top", padding=False)
            self._as_of = gr.HTML("", elem_id="geo-as-of", padding=False)
            self._map = gr.HTML(loading(wording.MAP), elem_id="geo-map", padding=False)
            self._regions = gr.HTML(loading(wording.REGIONS), elem_id="geo-regions", padding=False)
            self._sites = gr.HTML(loading(wording.SITES), elem_id="geo-sites", padding=False)
            self._shown = gr.State({})
            # Filled by JavaScript with what the browser knows: address and time zone.
            self._here = [gr.Textbox(visible=False) for _ in range(2)]
        filled = [self._shown, self._as_of, self._map, self._regions, self._sites]
        quietly: Any = {"api_visibility": "private", "show_progress": "hidden", "concurrency_limit": AT_ONCE}
        asked = [*self._here, self._shown]
        js = "(address, zone, shown) => [location.search, battery.zone(), shown]"
        site.load(self._load, asked, filled, js=js, **quietly)
        gr.Timer(EVERY).tick(self._show, asked, filled, js=js, **quietly)

    def _load(self, query: str, zone: str, _: dict[str, str], request: gr.Request) -> Updates:
        return self._show(query, zone, {}, request)

    def _show(self, query: str, zone: str, shown: dict[str, str], request: gr.Request) -> Updates:
        board, look, refresh = board_of(self._assistant, request), read_look(query), Refresh(shown)
        fleet = board.fleet()
        refresh.html(self._as_of, top.as_of(board.now(), known_zone(zone)))
        refresh.panel(
            self._map, wording.MAP,
            lambda: panel(wording.MAP, draw_map(fleet.sites, board.overview(), look) + _without_place(fleet.sites)),
        )  # fmt: skip
        refresh.panel(self._regions, wording.REGIONS, lambda: regions.regions(board.regions()))
        refresh.panel(self._sites, wording.SITES, lambda: regions.sites(fleet.sites, board.overview(), look))
        return refresh.updates | {self._shown: refresh.shown}


def _without_place(sites: tuple[Site, ...]) -> str:
    names = [site.name for site in sites if site.longitude_deg is None or site.latitude_deg is None]
    return f'<p class="quiet">{wording.NOT_ON_MAP} {text(", ".join(names))}</p>' if names else ""
