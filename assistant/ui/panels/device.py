"""One device: what its health is made of, and its cells as a heat map to click on."""

from datetime import datetime

from assistant.ui import wording
from assistant.ui.look import MEASURES, Look
from assistant.ui.panels.parts import amount, ask_link, link, mark, moment, number, panel, table, text
from tools.analytics.cell_grades import GradedCell, GradedCells, grade_cells
from tools.analytics.cells import DeviceCells
from tools.analytics.health import DeviceHealth
from tools.telemetry.fleet import Device


def device_health(device: Device, health: DeviceHealth) -> str:
    """The score and each indicator behind it, worst first."""
    rows = [
        [
            f"{mark(one.grade, wording.GRADES[one.grade])}",
            text(wording.INDICATORS[one.name]),
            number(one.measured),
            f'<span class="why">{text(one.means)}</span>',
        ]
        for one in health.drivers
    ]
    facts = " · ".join(
        part
        for part in (
            text(device.name),
            text(device.battery_model or ""),
            text(wording.cells_of(device.cell_count)),
            text(f"{device.rated_capacity_ah:g} Ah") if device.rated_capacity_ah else "",
            text(wording.installed(f"{device.install_date:%Y}")) if device.install_date else "",
        )
        if part
    )
    unknown = f'<p class="quiet">{text(wording.not_judged(health.unknown))}</p>' if health.unknown else ""
    big = (
        f'<p class="big">{number(health.score)} {mark(health.band, wording.BANDS[health.band])} '
        f"{ask_link(wording.ask_health(device.device_id))}</p>"
    )
    headings = ["", wording.INDICATOR, wording.VALUE, wording.MEANS]
    title = wording.device_title(device.device_id)
    return panel(title, big + table(headings, rows, title) + unknown, note=facts, kind="drivers")


def cell_map(cells: DeviceCells, look: Look, zone: str, now: datetime) -> str:
    """A square a cell, its colour how much worse than the median of the string it is."""
    graded = grade_cells(cells)
    squares = "".join(_square(one, look) for one in graded.cells)
    choices = "".join(
        link(
            look.to(measure=measure, cell=look.cell), text(wording.MEASURES[measure]), current=measure == look.measure
        )
        for measure in MEASURES
    )
    taken = f"{wording.TAKEN} {moment(cells.taken, zone, now)}"
    median = f"{wording.MEDIAN} {number(cells.median)}"
    return panel(
        wording.CELLS,
        f'<div class="ranges" role="group" aria-label="{wording.MEASURE}">{choices}</div>'
        f'<ol class="cells">{squares}</ol><p class="legend">{_legend(graded)}</p>',
        note=f"{median} · {taken}",
        kind="cell-map",
    )  # fmt: skip


def _square(one: GradedCell, look: Look) -> str:
    number_in_string = one.cell.cell_no
    shown = amount(one.measured)
    inside = f"<b>{number_in_string}</b><span>{shown}</span>"
    name = wording.cell_name(number_in_string, f"{shown} {one.measured.unit}", wording.GRADES[one.grade])
    place = link(look.to(cell=number_in_string), inside, name=name, current=look.cell == number_in_string)
    return f'<li class="cell {one.grade}">{place}</li>'


def _legend(graded: GradedCells) -> str:
    return " ".join(
        mark(grade, wording.worse_by(f"{step.value:g} {step.unit}")) for grade, step in graded.steps if step.value
    )
