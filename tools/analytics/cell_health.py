"""How healthy one cell is, from 0 to 100, and what lowers its score: the string's scale on what a cell shows."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import pandas as pd

from tools.analytics.group_health import Band
from tools.analytics.health_scale import Driver, IndicatorName, driver_of, weigh, what_lowers, worst_first
from tools.quantity import Frozen, Quantity, Window
from tools.telemetry.fleet import Device
from tools.telemetry.store import ReadingStore

DAY = timedelta(days=1)
# With fewer sets of cell readings in a day than this, one odd set would be the judgement.
LEAST_SETS = 4
_MEANINGS: Mapping[IndicatorName, str] = {
    "ohmic rise": "its ohmic value is {:+.0f} % against the string's at commissioning",
    "cell deviation": "it stands {:.0f} mV below its string's median",
    "temperature rise": "its post is {:.1f} °C above the room",
}


class CellHealth(Frozen):
    """The score of one cell with its drivers, worst first; no score where the day's cell readings carry none."""

    cell_no: int
    score: Quantity
    band: Band
    capped_by: str | None = None
    drivers: tuple[Driver, ...] = ()
    why: str


def score_cell(store: ReadingStore, device: Device, cell_no: int, until: datetime) -> CellHealth:
    """Judge a cell by the cell readings of the day before a moment."""
    window = Window(start=until - DAY, end=until)
    sets = store.cell_sets(device.device_id, window.start, window.end)
    measured = _measure(store, device, cell_no, sets, window) if len(sets) else {}
    drivers = worst_first(
        [
            driver_of(device, name, value, window, _MEANINGS[name], cell_no)
            for name, value in measured.items()
            if value is not None
        ]
    )
    mine = sets[sets["cell_no"] == cell_no] if len(sets) else sets
    if len(mine) < LEAST_SETS or not drivers:
        return CellHealth(
            cell_no=cell_no,
            score=_score(device, cell_no, None, window, len(mine)),
            band="unknown",
            drivers=tuple(drivers),
            why="there are too few cell readings of the last day to judge by",
        )
    found = weigh(drivers)
    return CellHealth(
        cell_no=cell_no,
        score=_score(device, cell_no, found.score, window, len(mine)),
        band=found.band,
        capped_by=found.capped_by,
        drivers=tuple(drivers),
        why="; ".join(what_lowers(drivers)) or "nothing lowers the score",
    )


def _score(device: Device, cell_no: int, value: float | None, window: Window, rows: int) -> Quantity:
    return Quantity(
        value=value,
        statistic="score",
        field="health",
        device_id=device.device_id,
        site_id=device.site_id,
        cell_no=cell_no,
        window=window,
        rows=rows,
    )


def _measure(
    store: ReadingStore, device: Device, cell_no: int, sets: pd.DataFrame, window: Window
) -> dict[IndicatorName, float | None]:
    """What the day says of the cell; medians, so that one odd set does not count."""
    volts = sets.pivot_table(index="timestamp_utc", columns="cell_no", values="voltage_v")
    behind = volts.median(axis=1) - volts[cell_no] if cell_no in volts and volts.shape[1] >= 3 else None
    mine = sets[sets["cell_no"] == cell_no]
    ohmic, post = _median(mine["resistance_mohm"]), _median(mine["temperature_c"])
    baseline = device.resistance_baseline_mohm
    figures = store.figures("ambient_temperature_c", [device.device_id], window.start, window.end)
    room = figures[device.device_id].mean if device.device_id in figures else None
    return {
        "ohmic rise": 100 * (ohmic / baseline - 1) if ohmic is not None and baseline else None,
        "cell deviation": None if behind is None else max(0.0, 1000 * float(behind.median())),
        "temperature rise": None if post is None or room is None else max(0.0, post - room),
    }


def _median(values: pd.Series) -> float | None:
    known = pd.to_numeric(values).dropna()
    return float(known.median()) if len(known) else None
