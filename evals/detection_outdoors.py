"""False alarms on ten days of a real 12 V battery in the field, where nothing is known to have failed."""

from pathlib import Path

import pandas as pd

from tools.analytics.anomalies import device_anomalies
from tools.analytics.device_history import history_of
from tools.telemetry.fields import all_fields
from tools.telemetry.fleet import Device

FOLDER = Path(__file__).parents[2] / "shared" / "data" / "bboxx"
CELLS = 6
WEEK = pd.Timedelta(days=7)


def bboxx_false_alarms_per_week() -> float | None:
    """Findings a week on the recorded battery; None where the recording is not there.

    It has voltage, current and temperature only and is cycled daily, so most judgements have nothing to go by.
    """
    files = sorted(FOLDER.glob("*.csv"))
    if not files:
        return None
    raw = pd.read_csv(files[0], parse_dates=["time"]).set_index("time").sort_index()
    raw.index = pd.DatetimeIndex(raw.index).tz_localize("UTC")
    rows = raw.resample("15min").mean().dropna(how="all")
    frame = pd.DataFrame({name: None for name in all_fields() if name != "record_id"}, index=rows.index)
    frame = frame.assign(
        timestamp_utc=rows.index,
        received_utc=rows.index,
        cell_count=CELLS,
        string_voltage_v=rows["voltage"],
        cell_voltage_v=rows["voltage"] / CELLS,
        string_current_a=rows["current"],
        cell_temperature_c=rows["temperature"],
        data_quality="good",
    )
    device = Device(device_id="X01", site_id="X", name="X01", cell_count=CELLS, poll_interval_s=900)
    history = history_of(device, frame.reset_index(drop=True), pd.DataFrame())
    found = device_anomalies(history)
    weeks = float((rows.index[-1] - rows.index[0]) / WEEK)
    return round(len(found) / weeks, 2)
