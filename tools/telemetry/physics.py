"""How lead-acid cells behave: voltage, charge, float current, heat and ageing of all cells of all strings at once.

Arrays are devices x cells, a device's own values devices x 1. A current above 0 charges. Equations and numbers
are those of the domain reference, section 3.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tools.telemetry.laws import FleetLaws, Laws, laws_of

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

REFERENCE_C = 25.0
END_OF_DISCHARGE_V = 1.80
# Slope of the float current over voltage and temperature (Schiffer et al. 2007): doubles every 10.7 °C.
GASSING_PER_VOLT = 11.0
GASSING_PER_KELVIN = 0.065
GASSING_REFERENCE_V = 2.23
# A shorted cell is a few milliohms without any voltage of its own.
SHORT_OHM = 0.003
FAST_S, SLOW_S = 435.0, 3500.0
FAST_GAIN, SLOW_GAIN = 0.10, 0.08
DESIGN_LIFE_S = 12 * 365.25 * 86400.0
FULL_CYCLES_OF_LIFE = 600.0
LIFE_LOST_TO_80_PCT = 0.20
HEAT_CAPACITY_J_PER_K = 28_000.0
COOLING_W_PER_K = 0.35
# Heat capacity and cooling are those of a 500 Ah cell; both grow with its size.
THERMAL_REFERENCE_AH = 500.0
# A dried-out cell no longer conducts well above this; it also keeps the model inside the sensor's range.
HOTTEST_C = 88.0
VOLTAGE_TOLERANCE = 1e-7
LARGEST_STEP_V = 0.08


@dataclass
class Cells:
    """What the cells are made of, faults included. `rated_ah` is the device's C10, devices x 1."""

    rated_ah: Array
    capacity_factor: Array
    resistance_factor: Array
    float_factor: Array
    joint_ohm: Array
    shunt_siemens: Array
    cooling_factor: Array
    is_shorted: Mask
    laws: FleetLaws = field(default_factory=lambda: laws_of([Laws()]))


@dataclass
class CellState:
    """Where the cells stand: charge removed, polarisation, temperature and state of health (1 is new)."""

    deficit_ah: Array
    fast_v: Array
    slow_v: Array
    temperature_c: Array
    soh: Array


class Circuit(NamedTuple):
    """The cells as sources and resistors during one step."""

    source_v: Array
    charge_ohm: Array
    discharge_ohm: Array
    gassing_a: Array
    shunt_siemens: Array


class Operating(NamedTuple):
    """Cell voltages and string current that fit each other."""

    voltage_v: Array
    current_a: Array


def open_circuit_voltage(laws: FleetLaws, charge: Array) -> Array:
    """Rest voltage in V of a cell at this share of its available capacity."""
    return laws.empty_v + laws.full_span_v * charge


def available_capacity(cells: Cells, state: CellState, discharge_a: Array) -> Array:
    """Capacity in Ah at this temperature and rate; beyond the ten-hour rate less can be drawn."""
    ten_hour_a = cells.rated_ah / 10
    rate = (ten_hour_a / np.maximum(discharge_a, ten_hour_a)) ** cells.laws.rate_power
    warmth = np.maximum(1 + cells.laws.capacity_per_kelvin * (state.temperature_c - REFERENCE_C), 0.3)
    return cells.rated_ah * cells.capacity_factor * state.soh * warmth * rate


def charge_share(cells: Cells, state: CellState) -> Array:
    """State of charge from 0 to 1 of what the cell can still hold; a shorted cell holds nothing."""
    rest = np.zeros_like(cells.rated_ah)
    share = np.clip(1 - state.deficit_ah / available_capacity(cells, state, rest), 0, 1)
    return np.where(cells.is_shorted, 0.0, share)


def ohmic_resistance(cells: Cells, state: CellState) -> Array:
    """Ohmic resistance of the cells in Ω without their joints; half as much again at 80 % health."""
    lost = np.maximum(1 - state.soh, 0)
    warmth = np.maximum(1 - 0.004 * (state.temperature_c - REFERENCE_C), 0.5)
    wear: Array = 1 + cells.laws.ohmic_rise * (1.5 * lost + 5 * lost**2)
    return 0.10 / cells.rated_ah * wear * warmth * cells.resistance_factor


def coup_de_fouet(seconds: Array, discharge_a: Array, rated_ah: Array, soh: Array) -> Array:
    """The dip in V in the first minutes of a discharge from full; deeper in aged cells."""
    depth = 0.03 * np.sqrt(np.maximum(discharge_a, 0) / (rated_ah / 10)) * (1 + 2 * np.maximum(1 - soh, 0))
    dip: Array = -depth * seconds / 90 * np.exp(1 - seconds / 90)
    return dip


def circuit(cells: Cells, state: CellState, discharge_a: Array, dip_v: Array) -> Circuit:
    """Sources and resistors of the cells while `discharge_a` (0 on charge) is drawn."""
    rated = cells.rated_ah
    capacity = available_capacity(cells, state, discharge_a)
    used = state.deficit_ah / capacity
    charge = np.clip(1 - used, 0, 1)
    # Below empty the voltage collapses; without this a slow discharge would never end.
    collapse = -2.0 * np.maximum(used - 1, 0)
    source = open_circuit_voltage(cells.laws, charge) + collapse + state.fast_v + state.slow_v + dip_v
    ohmic = ohmic_resistance(cells, state) + cells.joint_ohm
    rate = np.sqrt(rated / 10 / np.maximum(discharge_a, rated / 10))
    discharge = ohmic + cells.laws.polarisation * rate * (0.15 + 1.2 * np.exp(-charge / 0.084)) / rated
    acceptance = ohmic + 0.36 / (rated * (1 - charge + 0.001))
    gassing = cells.float_factor * rated * 2.0e-4 * np.exp(GASSING_PER_KELVIN * (state.temperature_c - REFERENCE_C))
    return Circuit(
        source_v=np.where(cells.is_shorted, 0.0, source),
        charge_ohm=np.where(cells.is_shorted, SHORT_OHM, acceptance),
        discharge_ohm=np.where(cells.is_shorted, SHORT_OHM, discharge),
        gassing_a=np.where(cells.is_shorted, 0.0, gassing),
        shunt_siemens=cells.shunt_siemens,
    )


def _cell_current(parts: Circuit, voltage: Array) -> tuple[Array, Array]:
    """Current through each cell at a voltage, and its slope in A/V; both rise with voltage."""
    above = voltage - parts.source_v
    conductance = 1 / np.where(above > 0, parts.charge_ohm, parts.discharge_ohm)
    gassing = parts.gassing_a * np.exp(GASSING_PER_VOLT * (voltage - GASSING_REFERENCE_V))
    current = above * conductance + gassing + voltage * parts.shunt_siemens
    return current, conductance + GASSING_PER_VOLT * gassing + parts.shunt_siemens


def settle(parts: Circuit, guess_v: Array, set_voltage: Array, lowest_a: Array, highest_a: Array) -> Operating:
    """Cell voltages and current with the string at its set voltage, or at a current limit where that binds.

    Args:
        guess_v: cell voltages to start from.
        set_voltage: of the string in V, devices x 1.
        lowest_a, highest_a: the current stays between; equal where the current is given.
    """
    voltage = guess_v.copy()
    moved = np.ones_like(set_voltage)
    current_a = lowest_a
    for _ in range(14):
        current, slope = _cell_current(parts, voltage)
        yielding = 1 / slope
        wanted = (set_voltage - (voltage - current * yielding).sum(axis=1, keepdims=True)) / yielding.sum(
            axis=1, keepdims=True
        )
        current_a = np.minimum(np.maximum(wanted, lowest_a), highest_a)
        change = np.clip((current_a - current) * yielding, -LARGEST_STEP_V, LARGEST_STEP_V)
        voltage = voltage + change
        moved = np.abs(change).max(axis=1, keepdims=True)
        if moved.max() < VOLTAGE_TOLERANCE:
            return Operating(voltage, current_a)
    # Newton's steps can circle around the kink between charge and discharge; halving an interval cannot.
    is_open = moved >= VOLTAGE_TOLERANCE
    sure = _settle_by_halving(parts, set_voltage, lowest_a, highest_a)
    return Operating(
        np.where(is_open, sure.voltage_v, voltage),
        np.where(is_open, sure.current_a, current_a),
    )


def _settle_by_halving(parts: Circuit, set_voltage: Array, lowest_a: Array, highest_a: Array) -> Operating:
    low, high = lowest_a.copy(), np.maximum(highest_a, lowest_a)
    for _ in range(40):
        middle = (low + high) / 2
        is_above = _voltages_at(parts, middle).sum(axis=1, keepdims=True) > set_voltage
        low, high = np.where(is_above, low, middle), np.where(is_above, middle, high)
    current = (low + high) / 2
    return Operating(_voltages_at(parts, current), current)


def _voltages_at(parts: Circuit, current_a: Array) -> Array:
    low, high = np.full_like(parts.source_v, -8.0), np.full_like(parts.source_v, 4.0)
    for _ in range(44):
        middle = (low + high) / 2
        is_above = _cell_current(parts, middle)[0] > current_a
        low, high = np.where(is_above, low, middle), np.where(is_above, middle, high)
    return (low + high) / 2


def advance(cells: Cells, state: CellState, parts: Circuit, at: Operating, ambient_c: Array, seconds: float) -> None:
    """Move the cells on by some seconds at this operating point."""
    voltage = at.voltage_v
    gassing = parts.gassing_a * np.exp(GASSING_PER_VOLT * (voltage - GASSING_REFERENCE_V))
    leak = voltage * parts.shunt_siemens
    main = at.current_a - gassing - leak
    rest_v = np.where(
        cells.is_shorted,
        0.0,
        open_circuit_voltage(
            cells.laws, np.clip(1 - state.deficit_ah / available_capacity(cells, state, -at.current_a), 0, 1)
        ),
    )
    heat = 0.8 * np.abs(main) * np.abs(voltage - rest_v) + gassing * voltage + leak * voltage
    _move_charge(cells, state, main, seconds)
    _move_temperature(cells, state, heat, ambient_c, seconds)
    _age(cells, state, voltage, np.maximum(-at.current_a, 0), seconds)


def _move_charge(cells: Cells, state: CellState, main_a: Array, seconds: float) -> None:
    moved = np.maximum(state.deficit_ah - main_a * seconds / 3600, 0)
    state.deficit_ah = np.where(cells.is_shorted, state.deficit_ah, moved)
    drawn = np.minimum(main_a, 0)
    rate = np.sqrt(cells.rated_ah / 10 / np.maximum(-drawn, cells.rated_ah / 10))
    aim = drawn * rate / cells.rated_ah
    state.fast_v = aim * FAST_GAIN + (state.fast_v - aim * FAST_GAIN) * np.exp(-seconds / FAST_S)
    state.slow_v = aim * SLOW_GAIN + (state.slow_v - aim * SLOW_GAIN) * np.exp(-seconds / SLOW_S)


def _move_temperature(cells: Cells, state: CellState, heat_w: Array, ambient_c: Array, seconds: float) -> None:
    size = cells.rated_ah / THERMAL_REFERENCE_AH
    cooling = COOLING_W_PER_K * size * cells.cooling_factor
    change = (heat_w - cooling * (state.temperature_c - ambient_c)) * seconds / (HEAT_CAPACITY_J_PER_K * size)
    state.temperature_c = np.minimum(state.temperature_c + change, HOTTEST_C)


def _age(cells: Cells, state: CellState, voltage: Array, drawn_a: Array, seconds: float) -> None:
    """Life halves every 8.3 °C above the reference (IEEE 1188 as quoted) and shortens above 2.30 V a cell."""
    corrosion = 2 ** ((state.temperature_c - REFERENCE_C) / 8.3) * np.maximum(1, 1 + 20 * (voltage - 2.30))
    calendar = LIFE_LOST_TO_80_PCT / DESIGN_LIFE_S * corrosion * seconds
    cycling = LIFE_LOST_TO_80_PCT / FULL_CYCLES_OF_LIFE * drawn_a * seconds / 3600 / cells.rated_ah
    state.soh = np.maximum(state.soh - calendar - cycling, 0.05)
