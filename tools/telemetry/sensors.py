"""What the gateways store of the plant: rows of 66 fields and cell readings, with sensor and link faults in them."""

from collections.abc import Callable, Sequence
from datetime import timedelta

import numpy as np
import pandas as pd

from tools.telemetry.alarms import raise_alarms
from tools.telemetry.faults import DRIFT_C_PER_HOUR, OFFSET_A, SKEW, STALE_FOR, Fault, FaultKind
from tools.telemetry.fields import all_fields
from tools.telemetry.gauges import Gauges, cell_voltages, post_temperatures, stack
from tools.telemetry.physics import Array, Mask
from tools.telemetry.plant import Plant
from tools.telemetry.plant_state import Snapshot
from tools.telemetry.simulated_fleet import SimulatedFleet

Rng = np.random.Generator
# Share of rows in which the gateway repeats the last frame.
REPEATED_SHARE = 0.002


class Recorder:
    """Turns snapshots of a plant into what its monitors would have stored.

    `held` are the values stuck sensors hold on to, by device and onset; they outlive a run.
    """

    def __init__(self, plant: Plant, held: dict[str, float]) -> None:
        self._fleet = plant.fleet
        self._faults = plant.faults
        self._parameters = plant.parameters
        self._errors = plant.parameters.sensors
        self._seed = plant.seed
        self.held = held

    def readings(self, snapshots: Sequence[Snapshot], step: timedelta) -> pd.DataFrame:
        """Rows of all 66 fields but the key, by time and device; rows that never arrived are missing."""
        rng = np.random.default_rng([self._seed, 1, int(snapshots[0].moment.timestamp() * 1000)])
        seen = Gauges(snapshots, self._fleet, self._parameters, rng)
        columns = seen.string_columns() | seen.charger_columns() | seen.monitor_columns()
        rows = pd.DataFrame({name: values.ravel() for name, values in columns.items()})
        rows = pd.concat([_installed(self._fleet, len(snapshots)), rows], axis=1)
        rows["timestamp_utc"] = np.repeat(_moments(snapshots), len(self._fleet.devices))
        lag = self._errors.lag_s * rng.uniform(0.5, 2.0, (len(snapshots), *self._errors.lag_s.shape))
        rows["received_utc"] = rows["timestamp_utc"] + pd.to_timedelta(lag.ravel().round(), unit="s")
        for fault in self._falling_on(snapshots):
            self._disturb(rows, fault, rng)
        rows = self._lose(rows, self._falling_on(snapshots), step, rng)
        return _finish(rows)

    def cells(self, snapshots: Sequence[Snapshot]) -> pd.DataFrame:
        """Voltage, post temperature and ohmic value of every cell at these moments."""
        rng = np.random.default_rng([self._seed, 2, int(snapshots[0].moment.timestamp() * 1000)])
        voltage = cell_voltages(stack(snapshots, "voltage_v"), self._errors, rng)
        posts = post_temperatures(stack(snapshots, "temperature_c"), self._errors, rng)
        frame = _by_cell(snapshots, self._fleet)
        frame["voltage_v"] = voltage.ravel()
        frame["temperature_c"] = posts.ravel().round(1)
        frame["resistance_mohm"] = stack(snapshots, "ohmic_mohm").ravel().round(3)
        return frame[~self._is_silent(frame)]

    def _falling_on(self, snapshots: Sequence[Snapshot]) -> list[Fault]:
        """Faults that are there at some time of the run."""
        first, last = snapshots[0].moment, snapshots[-1].moment
        return [fault for fault in self._faults if fault.onset <= last and (fault.end is None or fault.end > first)]

    def _is_silent(self, frame: pd.DataFrame) -> pd.Series:
        silent = pd.Series(False, index=frame.index)
        for fault in self._faults:
            if fault.kind == FaultKind.COMMS_LOSS:
                silent |= _during(frame, fault)
        return silent

    def _disturb(self, rows: pd.DataFrame, fault: Fault, rng: Rng) -> None:
        """Let a sensor fault change the rows it falls on."""
        is_hit = _during(rows, fault)
        if not is_hit.any():
            return
        strength = fault.severity
        match fault.kind:
            case FaultKind.SENSOR_STUCK:
                key = f"{fault.device_id} {fault.onset.isoformat()}"
                first = float(rows.loc[is_hit, "cell_temperature_c"].iloc[0])
                rows.loc[is_hit, "cell_temperature_c"] = self.held.setdefault(key, first)
            case FaultKind.SENSOR_DRIFT:
                hours = (rows.loc[is_hit, "timestamp_utc"] - fault.onset) / pd.Timedelta(hours=1)
                rows.loc[is_hit, "cell_temperature_c"] += (DRIFT_C_PER_HOUR * strength * hours).round(1)
            case FaultKind.SENSOR_SPIKE:
                spiking = is_hit & (rng.random(len(rows)) < 0.02)
                rows.loc[spiking, "string_voltage_v"] = (rows["string_voltage_v"] * (1 - 0.1 * strength)).round(2)
            case FaultKind.SENSOR_OFFSET:
                rows.loc[is_hit, "string_current_a"] += OFFSET_A * strength
            case FaultKind.CLOCK_SKEW:
                rows.loc[is_hit, "timestamp_utc"] -= SKEW * strength

    def _lose(self, rows: pd.DataFrame, faults: Sequence[Fault], step: timedelta, rng: Rng) -> pd.DataFrame:
        """Repeat or drop rows where the link fails; the newest row of a run always arrives."""
        devices = len(self._fleet.devices)
        count = len(rows) // devices
        repeats = rng.random((count, devices)) < REPEATED_SHARE
        repeats[0] = repeats[-1] = False
        missing = rng.random((count, devices)) < self._errors.missing_share[:, 0]
        missing[-1] = False
        age = np.where(repeats, step.total_seconds(), 0.0)
        for place, device in enumerate(self._fleet.devices):
            for fault in faults:
                if fault.device_id == device.device_id and fault.kind == FaultKind.COMMS_LOSS:
                    since = (rows["timestamp_utc"].iloc[place::devices] - fault.onset).dt.total_seconds().to_numpy()
                    is_hit = _during(rows.iloc[place::devices], fault).to_numpy()
                    missing[:, place] |= is_hit & (since > STALE_FOR.total_seconds())
                    repeats[:, place] |= is_hit
                    age[:, place] = np.where(is_hit, since + step.total_seconds(), age[:, place])
        shown = _last_fresh(repeats) * devices + np.arange(devices)
        rows = _repeated(rows, shown.ravel(), repeats.ravel(), age.ravel(), step.total_seconds())
        return rows[~missing.ravel()]


def _moments(snapshots: Sequence[Snapshot]) -> pd.DatetimeIndex:
    return pd.DatetimeIndex([snapshot.moment for snapshot in snapshots]).as_unit("us")


def _by_cell(snapshots: Sequence[Snapshot], fleet: SimulatedFleet) -> pd.DataFrame:
    """Keys of one row per moment, device and cell."""
    count = snapshots[0].voltage_v.shape[1]
    devices = [device.device_id for device in fleet.devices]
    return pd.DataFrame(
        {
            "device_id": np.tile(np.repeat(np.array(devices, dtype=object), count), len(snapshots)),
            "timestamp_utc": np.repeat(_moments(snapshots), len(devices) * count),
            "cell_no": np.tile(np.arange(1, count + 1), len(snapshots) * len(devices)),
        }
    )


def truth_of_cells(snapshots: Sequence[Snapshot], fleet: SimulatedFleet) -> pd.DataFrame:
    """The true state of every cell at these moments: charge and health from 0 to 1, °C, V."""
    frame = _by_cell(snapshots, fleet)
    for column, name in (
        ("soc_true", "charge"),
        ("soh_true", "soh"),
        ("temperature_true_c", "temperature_c"),
        ("voltage_true_v", "voltage_v"),
    ):
        frame[column] = stack(snapshots, name).ravel()
    return frame


def _installed(fleet: SimulatedFleet, moments: int) -> pd.DataFrame:
    """The fields that say which device a row is of."""
    sites = {site.site_id: site for site in fleet.sites}
    get: dict[str, Callable[[int], object]] = {
        "site_id": lambda at: fleet.devices[at].site_id,
        "site_latitude_deg": lambda at: sites[fleet.devices[at].site_id].latitude_deg,
        "site_longitude_deg": lambda at: sites[fleet.devices[at].site_id].longitude_deg,
        "site_region": lambda at: sites[fleet.devices[at].site_id].region,
        "device_id": lambda at: fleet.devices[at].device_id,
        "battery_model": lambda at: fleet.devices[at].battery_model,
        "cell_count": lambda at: fleet.devices[at].cell_count,
        "rated_capacity_ah": lambda at: fleet.devices[at].rated_capacity_ah,
        "install_date": lambda at: fleet.devices[at].install_date,
    }
    places = range(len(fleet.devices))
    one = pd.DataFrame({name: [value(place) for place in places] for name, value in get.items()})
    return one.iloc[np.tile(np.arange(len(one)), moments)].reset_index(drop=True)


def _during(rows: pd.DataFrame, fault: Fault) -> pd.Series:
    is_hit = (rows["device_id"] == fault.device_id) & (rows["timestamp_utc"] >= fault.onset)
    return is_hit if fault.end is None else is_hit & (rows["timestamp_utc"] < fault.end)


def _last_fresh(repeats: Mask) -> np.ndarray:
    """For each row the last one of its device that was not a repeat."""
    places = np.where(repeats, 0, np.arange(len(repeats))[:, None])
    return np.maximum.accumulate(places, axis=0)


def _repeated(rows: pd.DataFrame, shown: np.ndarray, repeats: Mask, age: Array, step_s: float) -> pd.DataFrame:
    """Rows in which a repeat shows the values of the last fresh row, marked as stale."""
    times = rows[["timestamp_utc", "received_utc"]]
    rows = rows.iloc[shown].reset_index(drop=True)
    rows[["timestamp_utc", "received_utc"]] = times
    # Degraded from two polls without a frame, lost from five (alarm COMM).
    status = np.select([age > 5 * step_s, age > 2 * step_s], ["lost", "degraded"], "ok")
    rows["bms_frame_age_s"] = np.where(repeats, age, rows["bms_frame_age_s"]).round()
    rows["data_quality"] = np.where(repeats, "stale", rows["data_quality"])
    rows["bms_comm_status"] = status.astype(object)
    return rows


def _finish(rows: pd.DataFrame) -> pd.DataFrame:
    """Add the flags the monitor derives from the row itself, and give each column its type."""
    rows = rows.reset_index(drop=True)
    per_cell = rows["string_voltage_v"] / rows["cell_count"]
    per_ah = rows["string_current_a"] / rows["rated_capacity_ah"]
    rise = rows["cell_temperature_max_c"] - rows["ambient_temperature_c"]
    float_per_ah = (rows["float_current_ma"] / rows["rated_capacity_ah"]).fillna(0)
    hottest = rows["cell_temperature_max_c"]
    flags = {
        "voltage_state": np.select([per_cell < 1.85, per_cell > 2.40], ["low", "high"], "normal"),
        "temperature_state": np.select([hottest < 5, hottest > 35], ["low", "high"], "normal"),
        "current_state": np.select([per_ah < -0.25, per_ah > 0.15], ["high_discharge", "high_charge"], "normal"),
        "soc_state": np.where(rows["soc_pct"] < 30, "low", "normal"),
        "thermal_runaway_risk": np.select(
            [(float_per_ah > 3) & (rise > 10), (float_per_ah > 1.5) & (rise > 5)], ["high", "watch"], "none"
        ),
    }
    for name, values in flags.items():
        rows[name] = values.astype(object)
    rows = pd.concat([rows, raise_alarms(rows)], axis=1)
    columns = {name: rows[name] for name in all_fields() if name != "record_id"}
    is_integer = {name: all_fields()[name].kind == "integer" for name in columns}
    return pd.DataFrame(
        {name: values.astype("Int64") if is_integer[name] else values for name, values in columns.items()}
    )
