"""The cell model against measured cells: capacity by rate, voltages, float current, heat and ageing."""

from typing import NamedTuple

import numpy as np
import pytest

from tools.telemetry.physics import (
    Array,
    Cells,
    CellState,
    Operating,
    advance,
    charge_share,
    circuit,
    coup_de_fouet,
    ohmic_resistance,
    settle,
)

C10 = 500.0
COUNT = 24


def _each(value: float) -> Array:
    return np.full((1, 1), value)


def _cells(float_factor: Array | None = None) -> Cells:
    ones = np.ones((1, COUNT))
    return Cells(
        rated_ah=_each(C10),
        capacity_factor=ones,
        resistance_factor=ones,
        float_factor=0.65 * ones if float_factor is None else float_factor,
        joint_ohm=25e-6 * ones,
        shunt_siemens=0 * ones,
        cooling_factor=ones,
        is_shorted=ones > 1,
    )


def _state(temperature_c: float = 25.0, soh: float = 1.0) -> CellState:
    none = np.zeros((1, COUNT))
    return CellState(none, none, none, none + temperature_c, none + soh)


class _Discharge(NamedTuple):
    hours: float
    mean_v: list[float]

    def capacity(self, amperes: float) -> float:
        return self.hours * amperes / C10


def _discharge(amperes: float, *, soh: float = 1.0) -> _Discharge:
    """Discharge full cells at constant current to 1.80 V a cell, every half minute."""
    cells, state = _cells(), _state(soh=soh)
    at = Operating(np.full((1, COUNT), 2.15), _each(0.0))
    means: list[float] = []
    while not means or means[-1] >= 1.80:
        parts = circuit(cells, state, _each(amperes), _each(0.0))
        at = settle(parts, at.voltage_v, _each(0.0), _each(-amperes), _each(-amperes))
        means.append(float(at.voltage_v.mean()))
        advance(cells, state, parts, at, _each(25.0), 30.0)
    return _Discharge((len(means) - 1) / 120, means)


class _Float(NamedTuple):
    current_ma_per_ah: float
    rise_c: float
    soh_lost_pct: float
    voltage_v: Array


def _float(ambient_c: float, *, days: int = 30, cells: Cells | None = None) -> _Float:
    """Keep full cells on compensated float for some days."""
    mine, state = cells or _cells(), _state(ambient_c)
    at = Operating(np.full((1, COUNT), 2.27), _each(0.0))
    for _ in range(96 * days):
        warmth = state.temperature_c.mean() - 25
        parts = circuit(mine, state, _each(0.0), _each(0.0))
        at = settle(parts, at.voltage_v, _each(COUNT * (2.27 - 0.003 * warmth)), _each(-40.0), _each(60.0))
        advance(mine, state, parts, at, _each(ambient_c), 900.0)
    return _Float(
        float(at.current_a[0, 0]) / C10 * 1000,
        float(state.temperature_c.mean() - ambient_c),
        100 * float(1 - state.soh.mean()),
        at.voltage_v,
    )


@pytest.fixture(scope="module")
def ten_hours() -> _Discharge:
    return _discharge(50)


@pytest.fixture(scope="module")
def at_25() -> _Float:
    return _float(25)


def test_the_ten_hour_discharge_gives_the_rated_capacity(ten_hours: _Discharge) -> None:
    assert 0.95 <= ten_hours.capacity(50) <= 1.05


@pytest.mark.parametrize(("amperes", "low", "high"), [(125, 0.75, 0.85), (250, 0.60, 0.72), (500, 0.48, 0.58)])
def test_faster_discharges_give_less(amperes: float, low: float, high: float) -> None:
    assert low <= _discharge(amperes).capacity(amperes) <= high


def test_voltages_of_the_ten_hour_discharge_are_those_of_a_real_cell(ten_hours: _Discharge) -> None:
    assert ten_hours.mean_v[2] == pytest.approx(2.101, abs=0.025)
    assert ten_hours.mean_v[len(ten_hours.mean_v) // 2] == pytest.approx(2.001, abs=0.025)


def test_an_aged_string_empties_sooner(ten_hours: _Discharge) -> None:
    assert _discharge(50, soh=0.8).hours == pytest.approx(0.8 * ten_hours.hours, rel=0.05)


@pytest.mark.parametrize("ambient_c", [15, 35, 45])
def test_the_compensated_float_current_is_flat_over_temperature(ambient_c: float, at_25: _Float) -> None:
    found = _float(ambient_c, days=5).current_ma_per_ah
    assert 0.4 <= found <= 0.75
    assert found == pytest.approx(at_25.current_ma_per_ah, rel=0.2)


def test_cells_on_float_are_a_little_warmer_than_the_room(at_25: _Float) -> None:
    assert 0.4 <= at_25.rise_c <= 1.5


def test_a_month_at_25_degrees_costs_the_share_of_a_twelve_year_life(at_25: _Float) -> None:
    assert at_25.soh_lost_pct == pytest.approx(0.137, abs=0.02)


def test_a_month_at_45_degrees_ages_several_times_as_fast(at_25: _Float) -> None:
    assert 4 <= _float(45).soh_lost_pct / at_25.soh_lost_pct <= 7


def test_float_voltages_add_up_to_the_set_point_and_spread_little() -> None:
    spread = 0.65 * np.exp(np.random.default_rng(1).normal(0, 0.25, (1, COUNT)))
    found = _float(25, days=3, cells=_cells(float_factor=spread))
    assert found.voltage_v.sum() == pytest.approx(COUNT * (2.27 - 0.003 * found.rise_c), abs=0.01)
    assert 0.006 <= found.voltage_v.std() <= 0.020


def test_ohmic_resistance_is_half_as_high_again_at_the_end_of_life() -> None:
    new, old = ohmic_resistance(_cells(), _state()), ohmic_resistance(_cells(), _state(soh=0.8))
    assert new[0, 0] == pytest.approx(0.2e-3)
    assert old[0, 0] / new[0, 0] == pytest.approx(1.5)


def test_the_coup_de_fouet_is_deepest_after_a_minute_and_a_half_and_deeper_in_old_cells() -> None:
    times = np.linspace(0, 600, 601).reshape(-1, 1)
    dip = coup_de_fouet(times, _each(50.0), _each(C10), _each(1.0))
    assert int(dip.argmin()) == 90
    assert dip.min() == pytest.approx(-0.03)
    assert coup_de_fouet(_each(90.0), _each(50.0), _each(C10), _each(0.8)).min() < dip.min()


@pytest.mark.parametrize("guess_v", [0.0, 1.5, 2.27, 4.0])
def test_the_string_settles_from_any_guess(guess_v: float) -> None:
    parts = circuit(_cells(), _state(), _each(0.0), _each(0.0))
    at = settle(parts, np.full((1, COUNT), guess_v), _each(54.48), _each(-40.0), _each(60.0))
    assert at.voltage_v.sum() == pytest.approx(54.48, abs=1e-4)


def test_an_empty_string_charges_at_the_current_limit_below_the_set_point() -> None:
    state = _state()
    state.deficit_ah = state.deficit_ah + 400
    parts = circuit(_cells(), state, _each(0.0), _each(0.0))
    at = settle(parts, np.full((1, COUNT), 2.27), _each(56.4), _each(-40.0), _each(60.0))
    assert at.current_a[0, 0] == 60.0
    assert at.voltage_v.sum() < 56.4


def test_a_charge_removed_shows_as_state_of_charge_of_the_aged_capacity() -> None:
    state = _state(soh=0.8)
    state.deficit_ah = state.deficit_ah + 200
    assert charge_share(_cells(), state)[0, 0] == pytest.approx(0.5)
