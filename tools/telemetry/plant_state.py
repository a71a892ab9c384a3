"""What is known of a plant at one moment: all it needs to go on, and all there is to measure."""

from dataclasses import dataclass
from datetime import datetime

from tools.telemetry.physics import Array


@dataclass
class PlantState:
    """Where everything stands: one row a device, cells or phases in columns; flags are 0 or 1."""

    voltage_v: Array
    current_a: Array
    deficit_ah: Array
    fast_v: Array
    slow_v: Array
    temperature_c: Array
    soh: Array
    room_noise_c: Array
    phase_noise_v: Array
    load_noise: Array
    discharging_s: Array
    since_mains_s: Array
    boost_left_s: Array
    removed_ah: Array
    is_full: Array
    is_disconnected: Array
    is_cycle_counted: Array
    cycles: Array
    crc_errors: Array
    ohmic_mohm: Array
    joint_mohm: Array
    tested_day: Array
    soh_reported_pct: Array
    has_mains: Array
    is_boosting: Array


@dataclass(frozen=True)
class Snapshot:
    """All there is to measure at one moment, without sensor errors; one row a device."""

    moment: datetime
    voltage_v: Array
    temperature_c: Array
    charge: Array
    soh: Array
    current_a: Array
    room_c: Array
    set_voltage_v: Array
    load_a: Array
    bus_v: Array
    mains: Array
    phase_v: Array
    is_phase_lost: Array
    is_boosting: Array
    is_full: Array
    is_open: Array
    modules_ok: Array
    ripple_factor: Array
    removed_ah: Array
    cycles: Array
    crc_errors: Array
    ohmic_mohm: Array
    joint_mohm: Array
    soh_reported_pct: Array
