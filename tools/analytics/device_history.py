"""Everything one device recorded over a window, in the shape the judgements need."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

import pandas as pd

from tools.telemetry.fields import all_fields
from tools.telemetry.fleet import Device
from tools.telemetry.store import ReadingStore

# What the monitor itself concluded; a judgement of ours must not lean on it.
MONITOR_OPINIONS = frozenset(
    {
        "alarm_severity", "alarm_count", "alarm_bits", "voltage_state", "temperature_state", "current_state",
        "soc_state", "ohmic_state", "thermal_runaway_risk", "runtime_remaining_min",
    }
)  # fmt: skip
NOT_MEASURED = frozenset({"stale", "substituted"})


@dataclass(frozen=True)
class DeviceHistory:
    """Rows and cells of one device, indexed by time (UTC).

    `received` holds every row, `rows` those that were measured afresh. `voltages` (V), `temperatures` (°C) and
    `resistances` (mΩ) have one column a cell, and no rows where the device has no cell sensors. `until` is the moment
    up to which it was listened to, where that is later than its newest row and known.
    """

    device: Device
    received: pd.DataFrame
    rows: pd.DataFrame
    voltages: pd.DataFrame
    temperatures: pd.DataFrame
    resistances: pd.DataFrame
    until: datetime | None = None

    @cached_property
    def is_on_settled_float(self) -> pd.Series:
        """Rows on float for over a day (alarm table: "float > 24 h"): only then can cells be compared."""
        return is_calm(self.rows, timedelta(days=1))

    @property
    def poll(self) -> timedelta:
        return timedelta(seconds=self.device.poll_interval_s)


def read_history(store: ReadingStore, device: Device, start: datetime, end: datetime) -> DeviceHistory:
    """The history of a device over [start, end); its frames are empty where nothing was stored."""
    names = [name for name in all_fields() if name not in MONITOR_OPINIONS | {"device_id", "timestamp_utc"}]
    found = store.rows(names, [device.device_id], start, end)
    cells = store.cell_sets(device.device_id, start, end)
    return history_of(device, found, cells)


def history_of(device: Device, readings: pd.DataFrame, cells: pd.DataFrame) -> DeviceHistory:
    """The history in these rows of `battery_data` and `cell_readings` of one device."""
    received = readings.set_index(pd.DatetimeIndex(pd.to_datetime(readings["timestamp_utc"], utc=True), name="at"))
    received = received.drop(columns="timestamp_utc").sort_index()
    for name, facts in all_fields().items():
        if facts.is_numeric and name in received:
            received[name] = pd.to_numeric(received[name]).astype(float)
    fresh = received[~received["data_quality"].isin(NOT_MEASURED)]
    return DeviceHistory(
        device,
        received,
        fresh,
        _wide(cells, "voltage_v"),
        _wide(cells, "temperature_c"),
        _wide(cells, "resistance_mohm"),
    )


def _wide(cells: pd.DataFrame, column: str) -> pd.DataFrame:
    """One row a moment and one column a cell, of those that have any value."""
    if cells.empty:
        return pd.DataFrame()
    at = pd.DatetimeIndex(pd.to_datetime(cells["timestamp_utc"], utc=True), name="at")
    table = pd.to_numeric(cells[column]).astype(float).set_axis([at, cells["cell_no"]]).unstack()
    return table.dropna(how="all").dropna(axis="columns", how="all")


def is_on_battery(rows: pd.DataFrame) -> pd.Series:
    """Rows in discharge: beyond 2 % of C10 out of the string, or no mains."""
    return (rows["string_current_a"] < -0.02 * rows["rated_capacity_ah"]) | (rows["mains_state"] == "lost")


def is_calm(rows: pd.DataFrame, wait: timedelta) -> pd.Series:
    """Rows on float for longer than `wait`, so that what a recharge leaves behind has settled."""
    floating = (rows["charger_mode"] == "float") & rows["float_current_ma"].notna() & ~is_on_battery(rows)
    times = pd.Series(rows.index, index=rows.index)
    last_busy = times.where(~floating).ffill()
    begun = times.iloc[:1].reindex(rows.index).ffill() if len(rows) else times
    # The window may open on float; nothing says there was a discharge just before.
    return floating & (((times - last_busy) > pd.Timedelta(wait)) | (last_busy.isna() & (times >= begun)))
