"""Which cells of a string stand out, from the newest full set of cell readings."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import pandas as pd

from tools.analytics.cell_health import CellHealth, score_cell
from tools.errors import NoDataError, UnknownCellError
from tools.quantity import Asked, ChartSpec, Frozen, Point, Quantity, Series, Statistic, Window
from tools.telemetry.fleet import Device
from tools.telemetry.store import ReadingStore, by_device
from tools.telemetry.windows import range_hint

CellMeasure = Literal["voltage", "resistance", "temperature"]
_COLUMNS = {
    "voltage": ("voltage_v", "V"),
    "resistance": ("resistance_mohm", "mΩ"),
    "temperature": ("temperature_c", "°C"),
}


class CellState(Frozen):
    """One cell: its values, and how far the asked one lies from the median of its string."""

    device_id: str
    cell_no: int
    voltage: Quantity
    resistance: Quantity
    temperature: Quantity
    deviation: Quantity


class DeviceCells(Frozen):
    """The cells of one device, worst first."""

    device_id: str
    site_id: str
    taken: datetime
    source: Literal["cell readings", "lowest and highest cell of the latest reading"]
    by: CellMeasure
    cells: tuple[CellState, ...]
    median: Quantity
    spread: Quantity
    chart: ChartSpec | None = None


class WorstCells(Frozen):
    """The worst cells of each device asked about, and the worst of all."""

    asked: Asked
    by: CellMeasure
    worst: CellState
    devices: tuple[DeviceCells, ...]
    without_data: tuple[str, ...]


class CellHistory(Frozen):
    """One cell over a window, where it stands in its string, and its health on the window's last day."""

    asked: Asked
    measure: CellMeasure
    cell_no: int
    latest: Quantity
    mean: Quantity
    lowest: Quantity
    highest: Quantity
    string_median: Quantity | None = None
    deviation: Quantity | None = None
    health: CellHealth | None = None
    chart: ChartSpec | None = None


def find_worst_cells(
    store: ReadingStore, devices: Sequence[Device], now: datetime, by: CellMeasure, top: int
) -> WorstCells:
    """Cells by distance from the median of their string: low voltage, high resistance or high temperature.

    Raises:
        NoDataError: no device asked about has cell readings.
    """
    found = [cells for device in devices if (cells := _device_cells(store, device, now, by, top))]
    if not found:
        raise NoDataError(
            "There are no cell readings for that.",
            "Cell readings arrive hourly from monitors with cell sensors; an import may hold none.",
        )
    worst = max((cells.cells[0] for cells in found), key=lambda cell: _badness(cell, by))
    known = {cells.device_id for cells in found}
    return WorstCells(
        asked=Asked(
            devices=tuple(device.device_id for device in devices),
            rows=sum(len(cells.cells) for cells in found),
            newest=max(cells.taken for cells in found),
        ),
        by=by,
        worst=worst,
        devices=tuple(found),
        without_data=tuple(device.device_id for device in devices if device.device_id not in known),
    )


def cell_history(
    store: ReadingStore, device: Device, cell_no: int, measure: CellMeasure, window: Window
) -> CellHistory:
    """One cell over a window, beside its string's newest median.

    Raises:
        UnknownCellError: the string has no such cell.
        NoDataError: no readings of it in the window.
    """
    if not 1 <= cell_no <= device.cell_count:
        raise UnknownCellError(
            f"{device.device_id} has no cell {cell_no}.", f"Its cells are numbered 1 to {device.cell_count}."
        )
    column, unit = _COLUMNS[measure]
    frame = store.cell_history(device.device_id, cell_no, window.start, window.end)
    frame = frame[frame[column].notna()] if not frame.empty else frame
    if frame.empty:
        raise NoDataError(
            f"There are no readings of cell {cell_no} of {device.device_id} in that window.",
            range_hint(store, [device.device_id]),
        )
    newest = _device_cells(store, device, window.end, measure, device.cell_count)
    mine = next((cell for cell in newest.cells if cell.cell_no == cell_no), None) if newest else None
    about = {"unit": unit, "field": column, "device_id": device.device_id, "site_id": device.site_id,
             "cell_no": cell_no}  # fmt: skip
    values, times = frame[column].astype(float), [at.to_pydatetime() for at in frame["timestamp_utc"]]
    # The set taken at this very moment is the newest one, though the window ends before it.
    last = _cell_value(mine, measure) or Quantity(
        value=float(values.iloc[-1]), statistic="latest", at=times[-1], **about
    )
    over = {
        name: Quantity(value=float(getattr(values, name)()), statistic=name, window=window, rows=len(values), **about)
        for name in ("mean", "min", "max")
    }
    return CellHistory(
        asked=Asked(devices=(device.device_id,), window=window, rows=len(values), newest=times[-1]),
        measure=measure,
        cell_no=cell_no,
        latest=last,
        mean=over["mean"],
        lowest=over["min"],
        highest=over["max"],
        string_median=newest.median if newest else None,
        deviation=mine.deviation if mine else None,
        health=score_cell(store, device, cell_no, window.end),
        chart=_history_chart(device, cell_no, measure, times, values.tolist(), window),
    )


def _cell_value(cell: CellState | None, measure: CellMeasure) -> Quantity | None:
    return None if cell is None else {
        "voltage": cell.voltage, "resistance": cell.resistance, "temperature": cell.temperature
    }[measure]  # fmt: skip


def _history_chart(
    device: Device, cell_no: int, measure: CellMeasure, times: list[datetime], values: list[float], window: Window
) -> ChartSpec:
    column, unit = _COLUMNS[measure]
    name = f"{device.device_id} cell {cell_no}"
    line = Series(
        name=name,
        device_id=device.device_id,
        site_id=device.site_id,
        field=column,
        unit=unit,
        statistic="raw",
        points=tuple(Point(at=at, value=value) for at, value in zip(times, values, strict=True)),
    )
    return ChartSpec(title=f"{name} {measure}", kind="line", unit=unit, series=(line,), window=window)


def _badness(cell: CellState, by: CellMeasure) -> float:
    deviation = cell.deviation.value or 0.0
    # On float a bad cell is usually low; a high one is only the mirror of the low ones.
    return -deviation if by == "voltage" else deviation


def _device_cells(
    store: ReadingStore, device: Device, now: datetime, by: CellMeasure, top: int
) -> DeviceCells | None:
    frame = store.newest_cells(device.device_id, now)
    column, unit = _COLUMNS[by]
    frame = frame[frame[column].notna()] if not frame.empty else frame
    if frame.empty:
        return _from_latest(store, device) if by == "voltage" else None
    median = float(frame[column].median())
    taken = frame["timestamp_utc"].iloc[0].to_pydatetime()
    states = [_cell_state(device, row, column, unit, median, taken) for _, row in frame.iterrows()]
    states.sort(key=lambda cell: -_badness(cell, by))
    about = {"device_id": device.device_id, "site_id": device.site_id, "at": taken, "unit": unit}
    return DeviceCells(
        device_id=device.device_id,
        site_id=device.site_id,
        taken=taken,
        source="cell readings",
        by=by,
        cells=tuple(states[:top]),
        median=Quantity(value=median, statistic="median", rows=len(frame), **about),
        spread=Quantity(
            value=float(frame[column].max() - frame[column].min()),
            statistic="range",
            rows=len(frame),
            **about,
        ),
        chart=ChartSpec(
            title=f"Cells of {device.device_id} by {by}",
            kind="bar",
            unit=unit,
            series=(
                Series(
                    name=device.device_id,
                    device_id=device.device_id,
                    site_id=device.site_id,
                    field=column,
                    unit=unit,
                    statistic="latest",
                    points=tuple(
                        Point(label=str(number), value=float(value))
                        for number, value in zip(frame["cell_no"], frame[column], strict=True)
                    ),
                ),
            ),
        ),
    )


def _cell_state(device: Device, row: pd.Series, column: str, unit: str, median: float, taken: datetime) -> CellState:
    about = {
        "device_id": device.device_id,
        "site_id": device.site_id,
        "cell_no": int(row["cell_no"]),
        "at": taken,
    }

    def measured(name: str, unit: str) -> Quantity:
        value = None if pd.isna(row[name]) else float(row[name])
        latest: Statistic = "latest"
        return Quantity(value=value, unit=unit, statistic=latest, field=name, **about)

    # Millivolts are how people speak of cell deviations.
    factor, shown_unit = (1000.0, "mV") if unit == "V" else (1.0, unit)
    return CellState(
        device_id=device.device_id,
        cell_no=int(row["cell_no"]),
        voltage=measured("voltage_v", "V"),
        resistance=measured("resistance_mohm", "mΩ"),
        temperature=measured("temperature_c", "°C"),
        deviation=Quantity(
            value=factor * (float(row[column]) - median),
            unit=shown_unit,
            statistic="deviation",
            field=column,
            **about,
        ),
    )


def _from_latest(store: ReadingStore, device: Device) -> DeviceCells | None:
    """The lowest cell the monitor names in its latest row, where there are no cell readings."""
    names = ["cell_min_index", "cell_voltage_min_v", "cell_voltage_max_v", "cell_voltage_v"]
    latest = by_device(store.latest(names, [device.device_id]))[device.device_id]
    index, low, high, mean = (latest[name] for name in names)
    if not (
        isinstance(index.value, float) and isinstance(low.value, float) and low.at and isinstance(mean.value, float)
    ):
        return None
    about = {"device_id": device.device_id, "site_id": device.site_id, "at": low.at}
    cell = {"cell_no": int(index.value), **about}
    nothing = Quantity(statistic="latest", **cell)
    spread = high.value - low.value if isinstance(high.value, float) else None
    return DeviceCells(
        device_id=device.device_id,
        site_id=device.site_id,
        taken=low.at,
        source="lowest and highest cell of the latest reading",
        by="voltage",
        cells=(
            CellState(
                device_id=device.device_id,
                cell_no=int(index.value),
                voltage=Quantity(value=low.value, unit="V", statistic="latest", field="voltage_v", **cell),
                resistance=nothing,
                temperature=nothing,
                deviation=Quantity(value=1000 * (low.value - mean.value), unit="mV", statistic="deviation", **cell),
            ),
        ),
        median=Quantity(value=mean.value, unit="V", statistic="median", **about),
        spread=Quantity(value=spread, unit="V", statistic="range", **about),
        chart=None,
    )
