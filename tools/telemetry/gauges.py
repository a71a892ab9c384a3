"""What the monitors' gauges show of the plant: every measured or estimated column of a row, with sensor errors.

Axes are moments, devices, and cells or phases; a device's own value has 1 in the last axis.
"""

from collections.abc import Sequence

import numpy as np

from tools.telemetry.faults import MODULES
from tools.telemetry.parameters import Parameters, SensorErrors
from tools.telemetry.physics import Array
from tools.telemetry.plant import LOST, MAINS_STATES, MODULE_SHARE_OF_C10, PHASE_LOSS
from tools.telemetry.plant_state import Snapshot
from tools.telemetry.simulated_fleet import SimulatedFleet

Rng = np.random.Generator
FLOAT_CLAMP_RANGE_MA = 20_000
# Share of rows in which a cell module does not answer.
SILENT_CELL_SHARE = 0.001


def stack(snapshots: Sequence[Snapshot], name: str) -> Array:
    """One value of all snapshots, moments first."""
    return np.stack([getattr(snapshot, name) for snapshot in snapshots])


def cell_voltages(volts: Array, errors: SensorErrors, rng: Rng) -> Array:
    """Cell voltages as the modules see them: 1 mV steps, never below 0."""
    seen = volts * (1 + errors.cell_voltage_gain) + rng.normal(0, 0.0005, volts.shape)
    return np.maximum(seen, 0).round(3)


def post_temperatures(degrees: Array, errors: SensorErrors, rng: Rng) -> Array:
    """Temperatures as the posts' sensors see them, °C."""
    posts: Array = degrees + errors.cell_temperature_c + rng.normal(0, 0.05, degrees.shape)
    return posts


class Gauges:
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
        return stack(self._snapshots, name)

    def _noisy(self, values: Array, share: float) -> Array:
        noisy: Array = values * self._rng.normal(1, share, values.shape)
        return noisy

    def string_columns(self) -> dict[str, Array]:
        """What is measured on the string and its cells."""
        errors, rng = self._errors, self._rng
        volts = self._take("voltage_v")
        cell_count = volts.shape[-1]
        cells = cell_voltages(volts, errors, rng)
        string_v = (volts.sum(axis=-1, keepdims=True) * (1 + errors.string_voltage_gain)).round(2)
        mean = (string_v / cell_count).round(4)
        posts = post_temperatures(self._take("temperature_c"), errors, rng)
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
