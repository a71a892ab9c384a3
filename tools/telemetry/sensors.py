"""What the monitors make of the plant: rows of 66 fields and cell readings, with sensor errors and sensor faults.

Tables are built for all moments of a run at once: axes are moments, devices, cells.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta

import numpy as np
import pandas as pd

from tools.telemetry.alarms import raise_alarms
from tools.telemetry.faults import (
    DRIFT_C_PER_HOUR,
    MODULES,
    OFFSET_A,
    SKEW,
    STALE_FOR,
    Fault,
    FaultKind,
)
from tools.telemetry.fields import all_fields
from tools.telemetry.parameters import Parameters, SensorErrors
from tools.telemetry.physics import Array, Mask
from tools.telemetry.plant import LOST, MAINS_STATES, MODULE_SHARE_OF_C10, PHASE_LOSS, Plant, Snapshot
from tools.telemetry.simulated_fleet import SimulatedFleet

Rng = np.random.Generator
FLOAT_CLAMP_RANGE_MA = 20_000
# Share of rows in which the gateway repeats the last frame, and in which a cell module does not answer.
REPEATED_SHARE, SILENT_CELL_SHARE = 0.002, 0.001


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
        seen = _Seen(snapshots, self._fleet, self._parameters, rng)
        columns = seen.string_columns() | seen.charger_columns() | seen.monitor_columns()
        rows = pd.DataFrame({name: values.ravel() for name, values in columns.items()})
        rows = pd.concat([_installed(self._fleet, len(snapshots)), rows], axis=1)
        rows["timestamp_utc"] = np.repeat(_moments(snapshots), len(self._fleet.devices))
        lag = self._errors.lag_s * rng.uniform(0.5, 2.0, (len(snapshots), *self._errors.lag_s.shape))
        rows["received_utc"] = rows["timestamp_utc"] + pd.to_timedelta(lag.ravel().round(), unit="s")
        for fault in self._faults:
            self._disturb(rows, fault, rng)
        rows = self._lose(rows, step, rng)
        return _finish(rows)

    def cells(self, snapshots: Sequence[Snapshot]) -> pd.DataFrame:
        """Voltage, post temperature and ohmic value of every cell at these moments."""
        rng = np.random.default_rng([self._seed, 2, int(snapshots[0].moment.timestamp() * 1000)])
        voltage = _cell_voltages(_stack(snapshots, "voltage_v"), self._errors, rng)
        posts = _posts(_stack(snapshots, "temperature_c"), self._errors, rng)
        frame = _by_cell(snapshots, self._fleet)
        frame["voltage_v"] = voltage.ravel()
        frame["temperature_c"] = posts.ravel().round(1)
        frame["resistance_mohm"] = _stack(snapshots, "ohmic_mohm").ravel().round(3)
        return frame[~self._is_silent(frame)]

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

    def _lose(self, rows: pd.DataFrame, step: timedelta, rng: Rng) -> pd.DataFrame:
        """Repeat or drop rows where the link fails; the newest row of a run always arrives."""
        devices = len(self._fleet.devices)
        count = len(rows) // devices
        repeats = rng.random((count, devices)) < REPEATED_SHARE
        repeats[0] = repeats[-1] = False
        missing = rng.random((count, devices)) < self._errors.missing_share[:, 0]
        missing[-1] = False
        age = np.where(repeats, step.total_seconds(), 0.0)
        for place, device in enumerate(self._fleet.devices):
            for fault in self._faults:
                if fault.device_id == device.device_id and fault.kind == FaultKind.COMMS_LOSS:
                    since = (rows["timestamp_utc"].iloc[place::devices] - fault.onset).dt.total_seconds().to_numpy()
                    is_hit = _during(rows.iloc[place::devices], fault).to_numpy()
                    missing[:, place] |= is_hit & (since > STALE_FOR.total_seconds())
                    repeats[:, place] |= is_hit
                    age[:, place] = np.where(is_hit, since + step.total_seconds(), age[:, place])
        shown = _last_fresh(repeats) * devices + np.arange(devices)
        rows = _repeated(rows, shown.ravel(), repeats.ravel(), age.ravel(), step.total_seconds())
        return rows[~missing.ravel()]


class _Seen:
    """The columns of one run of rows, with the errors of the sensors."""

    def __init__(self, snapshots: Sequence[Snapshot], fleet: SimulatedFleet, drawn: Parameters, rng: Rng) -> None:
        self._snapshots, self._errors, self._rng = snapshots, drawn.sensors, rng
        self._phases = np.array([[fleet.sites[place].phases] for place in fleet.site_places()])
        self._rated = np.array([[device.rated_capacity_ah or 0.0] for device in fleet.devices])
        # Each cell is judged against its own value at commissioning.
        self._cell_baseline = 1000 * (0.1 / self._rated * drawn.cells.resistance_factor + drawn.cells.joint_ohm)
        self._mains = self._take("mains")
        self._has_ac = self._mains != LOST
        self._is_full = self._take("is_full") > 0
        self._is_open = self._take("is_open") > 0
        self._load = np.maximum(self._noisy(self._take("load_a"), 0.003), 0).round(1)
        self._current = self._take("current_a")
        self._rectifier_a = np.where(
            self._has_ac, np.maximum(self._noisy(self._take("load_a") + self._current, 0.002), 0), 0.0
        ).round(1)
        self._bus = self._noisy(self._take("bus_v"), 0.0003).round(2)

    def _take(self, name: str) -> Array:
        return _stack(self._snapshots, name)

    def _noisy(self, values: Array, share: float) -> Array:
        noisy: Array = values * self._rng.normal(1, share, values.shape)
        return noisy

    def string_columns(self) -> dict[str, Array]:
        """What is measured on the string and its cells."""
        errors, rng = self._errors, self._rng
        volts = self._take("voltage_v")
        cell_count = volts.shape[-1]
        cells = _cell_voltages(volts, errors, rng)
        string_v = (volts.sum(axis=-1, keepdims=True) * (1 + errors.string_voltage_gain)).round(2)
        mean = (string_v / cell_count).round(4)
        posts = _posts(self._take("temperature_c"), errors, rng)
        current = self._current * (1 + errors.current_gain) + errors.current_offset_a
        current = np.where(self._is_open, errors.current_offset_a, current) + rng.normal(0, 0.05, current.shape)
        float_ma = self._current * 1000 * (1 + errors.float_gain) + rng.normal(0, 2, current.shape)
        is_float = self._has_ac & self._is_full & (self._take("is_boosting") == 0)
        ohmic, joints = self._take("ohmic_mohm"), self._take("joint_mohm")
        half = cell_count // 2
        room = self._take("room_c") + errors.ambient_c + rng.normal(0, 0.05, current.shape)
        return {
            "cell_voltage_v": mean,
            "cell_voltage_min_v": np.minimum(cells.min(axis=-1, keepdims=True), mean),
            "cell_voltage_max_v": np.maximum(cells.max(axis=-1, keepdims=True), mean),
            "cell_min_index": cells.argmin(axis=-1, keepdims=True) + 1.0,
            "cell_max_index": cells.argmax(axis=-1, keepdims=True) + 1.0,
            "string_voltage_v": string_v,
            "midpoint_deviation_v": (cells[..., half:].sum(-1) - cells[..., :half].sum(-1)).clip(-6, 6).round(3),
            "string_current_a": current.round(1),
            "float_current_ma": np.where(is_float, float_ma.clip(0, FLOAT_CLAMP_RANGE_MA).round(), np.nan),
            "ripple_current_a": self._ripple_a(ohmic),
            "cell_temperature_c": posts.mean(axis=-1, keepdims=True).round(1),
            "cell_temperature_max_c": posts.max(axis=-1, keepdims=True).round(1),
            "ambient_temperature_c": room.round(1),
            "internal_resistance_mohm": ohmic.mean(axis=-1, keepdims=True).round(3),
            "internal_resistance_max_mohm": ohmic.max(axis=-1, keepdims=True).round(3),
            "joint_resistance_max_mohm": joints.max(axis=-1, keepdims=True).round(3),
            "ah_since_full_ah": self._take("removed_ah").round(1),
        }

    def _ripple_v(self) -> Array:
        share = self._rectifier_a / (MODULES * MODULE_SHARE_OF_C10 * self._rated)
        charging = self._errors.ripple_mv * (0.7 + 0.6 * share) * self._take("ripple_factor")
        return np.where(self._has_ac, charging, np.where(self._is_open, 0.0, 4.0))

    def _ripple_a(self, ohmic_mohm: Array) -> Array:
        """The ripple voltage drives a current through the string's ohmic resistance."""
        current = self._ripple_v() / ohmic_mohm.sum(axis=-1, keepdims=True)
        return np.where(self._is_open, 0.0, np.minimum(self._noisy(current, 0.03), 0.49 * self._rated)).round(2)

    def charger_columns(self) -> dict[str, Array]:
        """What is measured on mains, rectifiers and load."""
        share = self._rectifier_a / (MODULES * MODULE_SHARE_OF_C10 * self._rated)
        efficiency = (0.965 - 0.06 * (share - 0.5) ** 2).clip(0.90, 0.97)
        power_kw = np.where(self._has_ac, self._bus * self._rectifier_a / efficiency / 1000, 0.0)
        factor = np.where(self._has_ac, (0.992 - 0.03 * np.exp(-share / 0.15)).round(3), np.nan)
        volts = self._phase_volts()
        amps = self._phase_amps(power_kw, factor, volts)
        frequency = 50 + self._rng.normal(0, 0.02, self._mains.shape)
        columns = {
            "ac_frequency_hz": np.where(self._has_ac, frequency.round(2), np.nan),
            "ac_power_kw": self._noisy(power_kw, 0.002).round(3),
            "power_factor": factor,
            "charger_set_voltage_v": self._take("set_voltage_v").round(2),
            "rectifier_voltage_v": self._bus,
            "rectifier_current_a": self._rectifier_a,
            "rectifier_modules_ok": self._take("modules_ok"),
            "dc_load_current_a": self._load,
            "dc_ripple_voltage_mv": self._noisy(self._ripple_v(), 0.04).round(1),
        }
        for number in (1, 2, 3):
            columns[f"ac_voltage_l{number}_v"] = volts[..., number - 1 : number].round(1)
            columns[f"ac_current_l{number}_a"] = amps[..., number - 1 : number].round(2)
        return columns | self._charger_states()

    def _phase_volts(self) -> Array:
        """Phase voltages; phases a site does not have are no data."""
        volts = self._take("phase_v")
        volts = np.where(self._mains == MAINS_STATES.index("generator"), 231 + 0.3 * (volts - 230), volts)
        volts = np.where(self._mains == MAINS_STATES.index("brownout"), 0.82 * volts, volts)
        is_short = (self._mains == PHASE_LOSS) | (self._take("is_phase_lost") > 0)
        is_second = np.array([False, True, False])
        residue = np.abs(self._rng.normal(0, 1.0, volts.shape))
        volts = np.where((is_short & is_second & (self._phases == 3)) | ~self._has_ac, residue, volts)
        return np.where((self._phases == 1) & np.array([False, True, True]), np.nan, volts)

    def _phase_amps(self, power_kw: Array, factor: Array, volts: Array) -> Array:
        """Phase currents that carry the power, near evenly, over the phases that are alive."""
        is_alive = np.nan_to_num(volts) > 100
        weight = is_alive * self._rng.normal(1, 0.01, volts.shape)
        total = np.maximum(weight.sum(axis=-1, keepdims=True), 1e-9)
        amps = 1000 * power_kw * weight / total / np.where(is_alive, volts, 1.0) / np.where(self._has_ac, factor, 1.0)
        return np.where(np.isnan(volts), np.nan, amps)

    def _charger_states(self) -> dict[str, Array]:
        is_short = (self._take("is_phase_lost") > 0) & self._has_ac & (self._phases == 3)
        mains = np.where(is_short & (self._mains == 0), PHASE_LOSS, self._mains).astype(int)
        is_boosting = self._take("is_boosting") > 0
        mode = np.where(
            self._has_ac, np.where(is_boosting, "boost", "float"), np.where(self._is_open, "off", "discharge")
        )
        bus = self._take("bus_v") / self._snapshots[0].voltage_v.shape[1]
        is_low = self._has_ac & self._is_full & (bus < 2.19)
        fault = np.select(
            [self._is_open & self._has_ac, self._take("modules_ok") < MODULES, bus > 2.43, is_low],
            [8.0, 1.0, 2.0, 3.0],
            0.0,
        )
        return {
            "mains_state": np.array(MAINS_STATES, dtype=object)[mains],
            "charger_mode": mode.astype(object),
            "charger_fault_code": fault,
        }

    def monitor_columns(self) -> dict[str, Array]:
        """What the monitor reports of itself and estimates, from its own counters and not from the truth."""
        errors, rng = self._errors, self._rng
        shape = self._mains.shape
        health = self._take("soh_reported_pct").clip(1, 119)
        usable = self._rated * health / 100
        left = (1 - self._take("removed_ah") / usable).clip(0, 1)
        soc = (100 * left - np.where(left > 0.9, errors.soc_bias_pct, 0.0)).clip(0, 100)
        load = np.maximum(self._load, 1.0)
        rate = np.minimum(self._rated / 10 / load, 1.0) ** 0.12
        minutes = (usable * left * rate / load * 60 * errors.runtime_gain).clip(0, 6000)
        worst = (self._take("ohmic_mohm") / self._cell_baseline).max(axis=-1, keepdims=True)
        ohmic = np.select([worst > 1.5, worst > 1.2], ["alarm", "warning"], "normal")
        is_silent = rng.random(shape) < SILENT_CELL_SHARE
        return {
            "soc_pct": soc.round(1),
            "soh_pct": health.round(1),
            "capacity_test_pct": np.broadcast_to(errors.capacity_test_pct.round(1), shape),
            "runtime_remaining_min": np.where(self._load < 1.0, np.nan, minutes.round()),
            "discharge_cycle_count": self._take("cycles"),
            "ohmic_state": ohmic.astype(object),
            "bms_comm_status": np.full(shape, "ok", dtype=object),
            "bms_frame_age_s": rng.integers(1, 20, shape).astype(float),
            "cell_sensors_missing": is_silent.astype(float),
            "crc_error_count": self._take("crc_errors"),
            "data_quality": np.where(is_silent, "suspect", "good").astype(object),
        }


def _stack(snapshots: Sequence[Snapshot], name: str) -> Array:
    return np.stack([getattr(snapshot, name) for snapshot in snapshots])


def _moments(snapshots: Sequence[Snapshot]) -> pd.DatetimeIndex:
    return pd.DatetimeIndex([snapshot.moment for snapshot in snapshots]).as_unit("us")


def _cell_voltages(volts: Array, errors: SensorErrors, rng: Rng) -> Array:
    """Cell voltages as the modules see them: 1 mV steps, never below 0."""
    seen = volts * (1 + errors.cell_voltage_gain) + rng.normal(0, 0.0005, volts.shape)
    return np.maximum(seen, 0).round(3)


def _posts(degrees: Array, errors: SensorErrors, rng: Rng) -> Array:
    posts: Array = degrees + errors.cell_temperature_c + rng.normal(0, 0.05, degrees.shape)
    return posts


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
        frame[column] = _stack(snapshots, name).ravel()
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
