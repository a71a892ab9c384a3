"""The main page: the fleet at a glance, down to site, device and cell; refreshed as data comes in."""

from datetime import UTC, datetime, timedelta
from typing import Any

import gradio as gr

from assistant.dashboards.board import ALL, Board, Chosen
from assistant.ui import wording
from assistant.ui.look import Look, read_look
from assistant.ui.panels import alerts, device, devices, summary, top
from assistant.ui.panels.charts_row import chart_title, figure
from assistant.ui.panels.parts import loading, panel, quiet
from assistant.ui.refreshing import EVERY, Refresh, Updates
from assistant.ui.visitor import board_of, known_zone, may_act
from assistant.wiring import Assistant
from tools.errors import BatteryError
from tools.quantity import ChartSpec
from tools.telemetry.rollups import floor_hour

AT_ONCE = 16
FIELDS = ("cell_voltage_v", "cell_temperature_c", "soc_pct", "string_current_a")
# Where a browser has not been here before, a shift.
SHIFT = timedelta(hours=8)
HERE_JS = "(address, zone, visit, shown) => [location.search, battery.zone(), battery.lastVisit(), shown]"


class DashboardPage:
    """The components of the main page and how they are filled."""

    def __init__(self, assistant: Assistant, site: gr.Blocks) -> None:
        self._assistant = assistant
        with gr.Column(elem_id="board", elem_classes="board"):
            gr.HTML(top.top("/"), elem_id="board-top", padding=False)
            self._as_of = gr.HTML("", elem_id="board-as-of", padding=False)
            self._where = gr.HTML("", elem_id="board-where", padding=False)
            with gr.Row(elem_id="board-summary"):
                self._summary = gr.HTML(loading(wording.HEALTH), elem_id="board-tiles", padding=False)
                self._changes = gr.HTML(loading(wording.CHANGES), elem_id="board-changes", padding=False)
            self._device = gr.HTML("", elem_id="board-device", padding=False, visible=False)
            self._cells = gr.HTML("", elem_id="board-cells", padding=False, visible=False)
            with gr.Column(elem_id="board-cell", elem_classes="chart-place", visible=False) as self._cell:
                self._cell_title = gr.HTML("", elem_id="board-cell-title", padding=False)
                self._cell_plot = gr.Plot(elem_id="board-cell-plot", show_label=False)
            self._alerts = gr.HTML(loading(wording.STANDING), elem_id="board-alerts", padding=False)
            self._devices = gr.HTML(loading(wording.DEVICES), elem_id="board-devices", padding=False)
            with gr.Row(elem_id="board-charts"):
                self._charts = [self._chart_place(number) for number in range(len(FIELDS))]
            self._shown = gr.State({})
            # Filled by JavaScript with what the browser knows: address, time zone, last visit.
            self._here = [gr.Textbox(visible=False) for _ in range(3)]
            self._look = gr.Button(wording.LOOK, elem_id="look", visible="hidden")
        self._connect(site)

    def _chart_place(self, number: int) -> tuple[gr.HTML, gr.Plot]:
        with gr.Column(elem_classes="chart-place", min_width=0):
            title = gr.HTML(quiet(wording.LOADING), elem_id=f"board-chart-title-{number}", padding=False)
            plot = gr.Plot(elem_id=f"board-chart-{number}", show_label=False)
        return title, plot

    def _connect(self, site: gr.Blocks) -> None:
        filled = [
            self._shown, self._as_of, self._where, self._summary, self._changes, self._device, self._cells,
            self._cell, self._cell_title, self._cell_plot, self._alerts, self._devices,
            *(one for pair in self._charts for one in pair),
        ]  # fmt: skip
        quietly: Any = {"api_visibility": "private", "show_progress": "hidden", "concurrency_limit": AT_ONCE}
        asked = [*self._here, self._shown]
        # What the browser holds after a load is nothing, whatever the session remembers.
        site.load(self._load, asked, filled, js=HERE_JS, **quietly)
        tick = gr.Timer(EVERY).tick(self._show, asked, filled, js=HERE_JS, **quietly)
        # A refresh that began before would show where somebody looked before.
        self._look.click(self._show, asked, filled, js=HERE_JS, cancels=[tick], **quietly)

    def _load(self, query: str, zone: str, visit: str, _: dict[str, str], request: gr.Request) -> Updates:
        return self._show(query, zone, visit, {}, request)

    def _show(self, query: str, zone: str, visit: str, shown: dict[str, str], request: gr.Request) -> Updates:
        """Everything that is not on the visitor's screen yet."""
        board, look, refresh = board_of(self._assistant, request), read_look(query), Refresh(shown)
        may_acknowledge = may_act(self._assistant, request)
        self._fill(board, look, known_zone(zone), _visit(visit, board.now()), refresh, may_acknowledge)
        return refresh.updates | {self._shown: refresh.shown}

    def _fill(
        self, board: Board, look: Look, zone: str, visit: datetime, refresh: Refresh, may_acknowledge: bool
    ) -> None:
        now, fleet = board.now(), board.fleet()
        names = {site.site_id: site.name for site in fleet.sites}
        known = {one.device_id: one for one in fleet.devices}
        chosen = Chosen((look.device,)) if look.device else Chosen(sites=(look.site,)) if look.site else ALL
        refresh.html(self._as_of, top.as_of(now, zone))
        refresh.html(self._where, top.where(look, fleet))
        refresh.panel(self._summary, wording.HEALTH, lambda: summary.summary(board.overview(), look))
        refresh.panel(self._changes, wording.CHANGES, lambda: summary.changes(board.changes(visit), look, zone, now))
        shown = alerts.Shown(look, names, zone, now, may_acknowledge)
        refresh.panel(self._alerts, wording.STANDING, lambda: alerts.alerts(board.standing_alerts(chosen), shown))
        if look.device:
            refresh.html(self._devices, "", visible=False)
            if look.device in known:
                refresh.panel(
                    self._device, wording.HEALTH,
                    lambda: device.device_health(known[look.device], board.health(chosen).devices[0]),
                )  # fmt: skip
                refresh.panel(self._cells, wording.CELLS, lambda: _cells(board, look, zone, now))
            else:
                refresh.html(self._device, panel(wording.HEALTH, quiet(wording.NO_SUCH_DEVICE)))
                refresh.html(self._cells, "", visible=False)
        else:
            refresh.panel(self._devices, wording.DEVICES, lambda: devices.devices(board.overview(), look, zone, now))
            refresh.html(self._device, "", visible=False)
            refresh.html(self._cells, "", visible=False)
        self._fill_cell(board, look, zone, refresh)
        self._fill_charts(board, look, chosen, zone, refresh)

    def _fill_cell(self, board: Board, look: Look, zone: str, refresh: Refresh) -> None:
        """The chart of the cell that was clicked on."""
        refresh.visible(self._cell, bool(look.device and look.cell))
        if not look.device or look.cell is None:
            return
        try:
            found = board.cell(look.device, look.cell, look.measure, look.length)
        except BatteryError as error:
            self._say((self._cell_title, self._cell_plot), error, refresh)
            return
        if found.chart is not None:
            spec = found.chart.model_copy(update={"window": board.last(look.length)})
            question = wording.ask_cell(look.measure, look.cell, look.device, look.range_name)
            self._draw((self._cell_title, self._cell_plot), spec, question, zone, refresh)

    def _fill_charts(self, board: Board, look: Look, chosen: Chosen, zone: str, refresh: Refresh) -> None:
        try:
            trends = board.trends(chosen, FIELDS, look.length, time_zone=zone)
        except BatteryError as error:
            for place in self._charts:
                self._say(place, error, refresh)
            return
        site = next((one.name for one in board.fleet().sites if one.site_id == look.site), "")
        more = quiet(wording.lines_left_out(len(trends.left_out))) if trends.left_out else ""
        for place, spec in zip(self._charts, trends.charts, strict=True):
            question = wording.ask_chart(spec.title, look.device or site, look.range_name)
            self._draw(place, spec, question, zone, refresh, more)

    def _say(self, place: tuple[gr.HTML, gr.Plot], error: BatteryError, refresh: Refresh) -> None:
        """Say in place of a chart why there is none."""
        refresh.html(place[0], quiet(error.message))
        refresh.plot(place[1], "", lambda: None)

    def _draw(
        self,
        place: tuple[gr.HTML, gr.Plot],
        spec: ChartSpec,
        question: str,
        zone: str,
        refresh: Refresh,
        more: str = "",
    ) -> None:
        refresh.html(place[0], chart_title(spec, question) + more)
        refresh.plot(place[1], f"{zone}{spec.model_dump_json()}", lambda: figure(spec, zone))


def _cells(board: Board, look: Look, zone: str, now: datetime) -> str:
    return device.cell_map(board.cells(look.device, look.measure), look, zone, now)


def _visit(moment: str, now: datetime) -> datetime:
    """The last visit as the browser remembers it; a shift ago where it does not."""
    if not (moment.isascii() and moment.isdigit() and len(moment) < 12):
        # By the hour, since a moment that moves would make everything new at each refresh.
        return floor_hour(now - SHIFT)
    return min(datetime.fromtimestamp(int(moment), UTC), now)
