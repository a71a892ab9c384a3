"""How far each cell of a string stands out, graded by the steps that lower its health."""

from collections.abc import Mapping

from tools.analytics.cells import CellMeasure, CellState, DeviceCells
from tools.analytics.health_scale import Grade, IndicatorName, steps_of
from tools.quantity import Frozen, Quantity

_INDICATOR: Mapping[CellMeasure, IndicatorName] = {
    "voltage": "cell deviation", "resistance": "ohmic rise", "temperature": "temperature rise",
}  # fmt: skip


class GradedCell(Frozen):
    """A cell, what was measured, and how much worse than the median of its string that is."""

    cell: CellState
    measured: Quantity
    worse_by: Quantity
    grade: Grade


class GradedCells(Frozen):
    """The cells of a device in the order of their numbers; `steps` are the values of `worse_by` that are graded."""

    cells: tuple[GradedCell, ...]
    steps: tuple[tuple[Grade, Quantity], ...]


def grade_cells(cells: DeviceCells) -> GradedCells:
    """Each cell against the median: volts below it, resistance above it in percent, degrees above it."""
    steps = steps_of(_INDICATOR[cells.by])
    unit = "%" if cells.by == "resistance" else "mV" if cells.by == "voltage" else "°C"
    graded = [_graded(cell, cells, steps, unit) for cell in cells.cells]
    return GradedCells(
        cells=tuple(sorted(graded, key=lambda one: one.cell.cell_no)),
        steps=tuple(
            (grade, Quantity(value=value, unit=unit, statistic="deviation", field=cells.by))
            for grade, value in steps.items()
        ),
    )


def _graded(cell: CellState, cells: DeviceCells, steps: Mapping[Grade, float], unit: str) -> GradedCell:
    measured = {"voltage": cell.voltage, "resistance": cell.resistance, "temperature": cell.temperature}[cells.by]
    worse = _worse_by(cell, cells)
    reached = [grade for grade, value in steps.items() if worse is not None and worse > value]
    about = {"device_id": cell.device_id, "cell_no": cell.cell_no, "at": cells.taken}
    return GradedCell(
        cell=cell,
        measured=measured,
        worse_by=Quantity(value=worse, unit=unit, statistic="deviation", field=cells.by, **about),
        grade=reached[-1] if reached else "ok",
    )


def _worse_by(cell: CellState, cells: DeviceCells) -> float | None:
    deviation, median = cell.deviation.value, cells.median.value
    if deviation is None or median is None:
        return None
    if cells.by == "voltage":
        return -deviation
    if cells.by == "temperature":
        return deviation
    return 100 * deviation / median if median else None
