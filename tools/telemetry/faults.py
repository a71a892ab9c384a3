"""Everything that can be made to go wrong in the simulation, and what each fault changes.

A fault changes the model (cells, charger, room) or only the recorded rows. Severity 1 is the case measured in the
domain reference, section 3.2; 0.5 is half of it.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

import numpy as np

from tools.telemetry.physics import Array, Cells


class FaultKind(StrEnum):
    """What is wrong."""

    DRY_OUT = "dry_out"
    SOFT_SHORT = "soft_short"
    HARD_SHORT = "hard_short"
    HIGH_RESISTANCE_JOINT = "high_resistance_joint"
    THERMAL_RUNAWAY = "thermal_runaway"
    CHARGER_OVER_VOLTAGE = "charger_over_voltage"
    CHARGER_UNDER_VOLTAGE = "charger_under_voltage"
    RECTIFIER_MODULES_LOST = "rectifier_modules_lost"
    HVAC_FAILURE = "hvac_failure"
    SENSOR_STUCK = "sensor_stuck"
    SENSOR_DRIFT = "sensor_drift"
    SENSOR_SPIKE = "sensor_spike"
    SENSOR_OFFSET = "sensor_offset"
    COMMS_LOSS = "comms_loss"
    PHASE_LOSS = "phase_loss"
    RIPPLE = "ripple"
    FUSE_OPEN = "fuse_open"
    WRONG_TEMPERATURE_COMPENSATION = "wrong_temperature_compensation"
    CLOCK_SKEW = "clock_skew"


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong on one device from `onset` until `end` (None: it stays).

    `severity` 1 is the measured case. `cell_no` counts from 1 and is needed where a single cell or joint fails.
    """

    device_id: str
    kind: FaultKind
    onset: datetime
    end: datetime | None = None
    severity: float = 1.0
    cell_no: int | None = None

    def strength(self, moment: datetime) -> float:
        """How far the fault has come: 0 before and after it, growing to `severity` where it creeps in."""
        if moment < self.onset or (self.end is not None and moment >= self.end):
            return 0.0
        ramp = RAMPS.get(self.kind)
        return self.severity if ramp is None else self.severity * min((moment - self.onset) / ramp, 1.0)


# Faults that creep in, and how long they take to come to full strength.
RAMPS = {
    FaultKind.DRY_OUT: timedelta(days=25),
    FaultKind.HIGH_RESISTANCE_JOINT: timedelta(days=10),
    FaultKind.THERMAL_RUNAWAY: timedelta(days=6),
}
MODULES = 4
SKEW = timedelta(minutes=7)
DRIFT_C_PER_HOUR = 0.05
OFFSET_A = 0.5
# At first a lost link repeats its last frame, then its rows stay away.
STALE_FOR = timedelta(hours=2)


@dataclass
class Conditions:
    """What surrounds the cells at one moment, one value a device; faults change it."""

    room_rise_c: Array
    set_point_shift_v: Array
    compensation_v_per_k: Array
    modules_ok: Array
    ripple_factor: Array
    is_fuse_open: Array
    is_phase_lost: Array


def normal_conditions(devices: int) -> Conditions:
    """Nothing is wrong."""
    none = np.zeros((devices, 1))
    return Conditions(
        room_rise_c=none.copy(),
        set_point_shift_v=none.copy(),
        # -3 mV per °C and cell is what data sheets ask for in float.
        compensation_v_per_k=none + 0.003,
        modules_ok=none + MODULES,
        ripple_factor=none + 1,
        is_fuse_open=none.copy(),
        is_phase_lost=none.copy(),
    )


@dataclass
class Changed:
    """Cells and conditions with the faults of a moment in them."""

    cells: Cells
    conditions: Conditions
    active: list[tuple[int, Fault, float]] = field(default_factory=list)


def apply_faults(cells: Cells, faults: dict[int, list[Fault]], moment: datetime) -> Changed:
    """The cells and conditions as the faults of this moment leave them.

    Args:
        faults: by the device's place in the arrays.
    """
    conditions = normal_conditions(len(cells.rated_ah))
    active = [
        (place, fault, strength)
        for place, mine in faults.items()
        for fault in mine
        if (strength := fault.strength(moment)) > 0
    ]
    if not active:
        return Changed(cells, conditions)
    changed = Changed(_copy(cells), conditions, active)
    for place, fault, strength in active:
        if fault.cell_no is not None:
            _change_cell(changed.cells, (place, fault.cell_no - 1), fault.kind, strength)
        _change_device(changed, place, fault.kind, strength)
    return changed


def _copy(cells: Cells) -> Cells:
    return Cells(
        rated_ah=cells.rated_ah,
        capacity_factor=cells.capacity_factor.copy(),
        resistance_factor=cells.resistance_factor.copy(),
        float_factor=cells.float_factor.copy(),
        joint_ohm=cells.joint_ohm.copy(),
        shunt_siemens=cells.shunt_siemens.copy(),
        cooling_factor=cells.cooling_factor.copy(),
        is_shorted=cells.is_shorted.copy(),
        laws=cells.laws,
    )


def _change_cell(cells: Cells, at: tuple[int, int], kind: FaultKind, strength: float) -> None:
    match kind:
        case FaultKind.DRY_OUT:
            cells.resistance_factor[at] *= 1 + 1.2 * strength
            cells.capacity_factor[at] *= max(1 - 0.45 * strength, 0.05)
            # Three times the float current gives the measured 44 to 54 mV below the median; five times gives 85 mV.
            cells.float_factor[at] *= 1 + 2 * strength
        case FaultKind.SOFT_SHORT:
            cells.shunt_siemens[at] += strength / 2.0
        case FaultKind.HARD_SHORT:
            cells.is_shorted[at] = True
        case FaultKind.HIGH_RESISTANCE_JOINT:
            cells.joint_ohm[at] += 800e-6 * strength


def _change_device(changed: Changed, place: int, kind: FaultKind, strength: float) -> None:
    cells, conditions = changed.cells, changed.conditions
    match kind:
        case FaultKind.THERMAL_RUNAWAY:
            # Aged cells take more current in a hot room without air flow, and nothing turns the charger down.
            cells.float_factor[place] *= 1 + 14 * strength
            cells.cooling_factor[place] *= max(1 - 0.57 * strength, 0.1)
            conditions.room_rise_c[place] += 15 * strength
            conditions.set_point_shift_v[place] += 0.03 * strength
            conditions.compensation_v_per_k[place] = 0.0
        case FaultKind.CHARGER_OVER_VOLTAGE:
            conditions.set_point_shift_v[place] += 0.10 * strength
        case FaultKind.CHARGER_UNDER_VOLTAGE:
            conditions.set_point_shift_v[place] -= 0.10 * strength
        case FaultKind.RECTIFIER_MODULES_LOST:
            lost = min(round(3 * strength), MODULES)
            conditions.modules_ok[place] -= lost
        case FaultKind.HVAC_FAILURE:
            conditions.room_rise_c[place] += 20 * strength
        case FaultKind.PHASE_LOSS:
            conditions.is_phase_lost[place] = 1
        case FaultKind.RIPPLE:
            conditions.ripple_factor[place] *= 1 + 9 * strength
        case FaultKind.FUSE_OPEN:
            conditions.is_fuse_open[place] = 1
        case FaultKind.WRONG_TEMPERATURE_COMPENSATION:
            conditions.compensation_v_per_k[place] *= 1 - strength
