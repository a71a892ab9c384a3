"""The simulated fleet in motion: charger, mains, room and cells of all devices, moved on from moment to moment.

A plant is a pure function of fleet, faults, seed and its state, and the state is plain numbers that fit in JSON, so
that a simulation can be put down and taken up again.
"""

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta

import numpy as np

from tools.telemetry.environment import Surroundings, Wander, still_air, wander_on
from tools.telemetry.faults import Changed, Fault, apply_faults
from tools.telemetry.mains import MainsCalendar
from tools.telemetry.parameters import draw_parameters
from tools.telemetry.physics import (
    END_OF_DISCHARGE_V,
    REFERENCE_C,
    Array,
    CellState,
    Mask,
    advance,
    charge_share,
    circuit,
    coup_de_fouet,
    ohmic_resistance,
    settle,
)
from tools.telemetry.plant_state import PlantState, Snapshot
from tools.telemetry.simulated_fleet import SimulatedFleet

FLOAT_V, BOOST_V = 2.27, 2.35
BOOST_S = 8 * 3600.0
MODULE_SHARE_OF_C10 = 0.09
CHARGE_LIMIT_OF_C10 = 0.12
# A boost follows a discharge deeper than this share of C10, and such a discharge counts as a cycle.
DEEP_SHARE = 0.05
# Below this current in float the monitor takes the string for full; a day after the mains came back below the other,
# since a hot string floats higher.
FULL_BELOW_PER_AH, FULL_IN_A_DAY_BELOW_PER_AH = 0.0009, 0.003
DAY_S = 86_400.0
OHMIC_TEST_HOUR = 3
OHMIC_REPEATABILITY = 0.02
SOH_UPDATE_DAYS = 14
QUICK_S, CHARGING_S = 60.0, 300.0
MAINS_STATES = ("ok", "phase_loss", "brownout", "lost", "generator")
PHASE_LOSS, BROWNOUT, LOST = 1, 2, 3


class Plant:
    """A fleet at a moment; `advance` moves it on."""

    def __init__(self, fleet: SimulatedFleet, faults: Sequence[Fault], seed: int, start: datetime) -> None:
        self.fleet, self.faults, self.seed = fleet, tuple(faults), seed
        self.moment = start
        self.parameters = draw_parameters(fleet, seed)
        self._surroundings = Surroundings(fleet)
        self._calendars = [MainsCalendar(site, seed) for site in fleet.sites]
        self._at_site = fleet.site_places()
        places = {device.device_id: place for place, device in enumerate(fleet.devices)}
        self._faults: dict[int, list[Fault]] = {}
        for fault in faults:
            self._faults.setdefault(places[fault.device_id], []).append(fault)
        self._cell_count = self.parameters.soh_at_start.shape[1]
        self.state = self._fresh_state()

    def _fresh_state(self) -> PlantState:
        """Fully charged, on float, in balance with the room."""
        soh = self.parameters.soh_at_start.copy()
        sensors = self.parameters.sensors
        none, each = np.zeros_like(soh), np.zeros((len(soh), 1))
        still = still_air(self.fleet)
        room = self._surroundings.room_c(self.moment, still)
        cells = CellState(none, none, none, none + REFERENCE_C, soh)
        joint = self.parameters.cells.joint_ohm
        return PlantState(
            voltage_v=none + FLOAT_V,
            current_a=each.copy(),
            deficit_ah=none.copy(),
            fast_v=none.copy(),
            slow_v=none.copy(),
            temperature_c=room + 1.0 + none,
            soh=soh,
            room_noise_c=still.room_c,
            phase_noise_v=still.phase_v,
            load_noise=still.load_share,
            discharging_s=each.copy(),
            since_mains_s=each + 10 * DAY_S,
            boost_left_s=each.copy(),
            removed_ah=each.copy(),
            is_full=each + 1,
            is_disconnected=each.copy(),
            is_cycle_counted=each.copy(),
            cycles=sensors.cycles_before.copy(),
            crc_errors=np.floor(sensors.crc_per_day * 200),
            ohmic_mohm=1000 * (ohmic_resistance(self.parameters.cells, cells) + joint),
            joint_mohm=1000 * joint,
            tested_day=each - 1,
            soh_reported_pct=100 * soh.mean(axis=1, keepdims=True) + sensors.soh_bias_pct,
            has_mains=each + 1,
            is_boosting=each.copy(),
        )

    def advance(self, until: datetime) -> Snapshot:
        """Move on to a moment and give what could be measured then."""
        span = (until - self.moment).total_seconds()
        rng = np.random.default_rng([self.seed, int(until.timestamp() * 1000)])
        wander = Wander(self.state.room_noise_c, self.state.phase_noise_v, self.state.load_noise)
        wander_on(wander, span, rng)
        self.state.room_noise_c, self.state.phase_noise_v = wander.room_c, wander.phase_v
        self.state.load_noise = wander.load_share
        changed = apply_faults(self.parameters.cells, self._faults, until)
        room = self._surroundings.room_c(until, wander) + changed.conditions.room_rise_c
        load = self._surroundings.load_a(until, wander)
        edges = {edge for calendar in self._calendars for edge in calendar.changes_between(self.moment, until)}
        while self.moment < until:
            end = min((edge for edge in edges if edge > self.moment), default=until)
            self._run(end, changed, room, load)
        self._count(span, until, changed, rng)
        return self._snapshot(until, changed, wander, room, load)

    def _run(self, end: datetime, changed: Changed, room: Array, load: Array) -> None:
        """Move on through a stretch in which the mains does not change."""
        mains = self._mains(self.moment)
        while self.moment < end:
            left = (end - self.moment).total_seconds()
            seconds = min(left, self._longest_step(mains, left))
            self._step(seconds, mains, changed, room, load)
            self.moment = end if seconds >= left else self.moment + timedelta(seconds=seconds)

    def _mains(self, moment: datetime) -> Array:
        states = [MAINS_STATES.index(calendar.state_at(moment)) for calendar in self._calendars]
        return np.array([[states[place]] for place in self._at_site], dtype=float)

    def _longest_step(self, mains: Array, left: float) -> float:
        """Seconds to move at once: fine while voltages move quickly, coarse on float."""
        state = self.state
        is_moving = ((mains == LOST) & (state.is_disconnected == 0)) | ((mains != LOST) & (state.since_mains_s < 600))
        if is_moving.any():
            return QUICK_S
        boosting = state.boost_left_s[state.boost_left_s > 0]
        left = min(left, float(boosting.min())) if boosting.size else left
        is_charging = np.abs(state.current_a) > 0.02 * self.parameters.cells.rated_ah
        return min(left, CHARGING_S) if is_charging.any() else left

    def _step(self, seconds: float, mains: Array, changed: Changed, room: Array, load: Array) -> None:
        state, cells, conditions = self.state, changed.cells, changed.conditions
        rated = cells.rated_ah
        has_ac = mains != LOST
        self._switch(has_ac)
        is_open = (conditions.is_fuse_open > 0) | (state.is_disconnected > 0)
        headroom = (
            conditions.modules_ok * MODULE_SHARE_OF_C10 * rated * _derating(mains, conditions.is_phase_lost) - load
        )
        highest = np.where(has_ac, np.minimum(headroom, CHARGE_LIMIT_OF_C10 * rated), -load)
        highest = np.where(is_open, 0.0, highest)
        lowest = np.where(is_open, 0.0, np.minimum(-load, highest))
        drawn = np.where(is_open, 0.0, np.maximum(-highest, 0))
        dip = coup_de_fouet(state.discharging_s, drawn, rated, state.soh.mean(axis=1, keepdims=True))
        held = self._cell_state()
        parts = circuit(cells, held, drawn, dip)
        at = settle(parts, state.voltage_v, self._set_voltage(changed), lowest, highest)
        advance(cells, held, parts, at, room + self.parameters.post_rise_c, seconds)
        self._keep(held)
        state.voltage_v, state.current_a = at.voltage_v, at.current_a
        # A charger at its current limit is still filling the string, however small the current.
        self._count_charge(seconds, has_ac, is_limited=(at.current_a >= highest) & ~is_open)
        string_v = at.voltage_v.sum(axis=1, keepdims=True)
        is_empty = ~has_ac & (string_v < END_OF_DISCHARGE_V * self._cell_count)
        state.is_disconnected = np.where(is_empty, 1.0, state.is_disconnected)

    def _switch(self, has_ac: Mask) -> None:
        """What the charger does when the mains goes or comes back."""
        state = self.state
        returns = has_ac & (state.has_mains == 0)
        deep = state.removed_ah > DEEP_SHARE * self.parameters.cells.rated_ah
        state.boost_left_s = np.where(returns & deep, BOOST_S, np.where(has_ac, state.boost_left_s, 0.0))
        state.since_mains_s = np.where(returns | ~has_ac, 0.0, state.since_mains_s)
        state.is_disconnected = np.where(has_ac, 0.0, state.is_disconnected)
        state.has_mains = has_ac.astype(float)
        state.is_boosting = (state.boost_left_s > 0).astype(float)

    def _set_voltage(self, changed: Changed) -> Array:
        conditions, state = changed.conditions, self.state
        per_cell = np.where(state.is_boosting > 0, BOOST_V, FLOAT_V) + conditions.set_point_shift_v
        warmth = state.temperature_c.mean(axis=1, keepdims=True) - REFERENCE_C
        volts: Array = self._cell_count * (per_cell - conditions.compensation_v_per_k * warmth)
        return volts

    def _count_charge(self, seconds: float, has_ac: Mask, *, is_limited: Mask) -> None:
        """The monitor's own counters, from its own imperfect current sensor."""
        state, sensors = self.state, self.parameters.sensors
        rated = self.parameters.cells.rated_ah
        seen = state.current_a * (1 + sensors.current_gain) + sensors.current_offset_a
        is_drawing = state.current_a < -0.005 * rated
        state.discharging_s = np.where(is_drawing, state.discharging_s + seconds, 0.0)
        state.since_mains_s = np.where(has_ac, state.since_mains_s + seconds, 0.0)
        state.boost_left_s = np.maximum(state.boost_left_s - seconds, 0.0)
        is_float = has_ac & (state.is_boosting == 0) & ~is_drawing
        limit = np.where(state.since_mains_s > DAY_S, FULL_IN_A_DAY_BELOW_PER_AH, FULL_BELOW_PER_AH)
        is_quiet = (np.abs(state.current_a) < limit * rated) & ~is_limited
        is_full = (is_float & is_quiet) | ((state.is_full > 0) & is_float)
        state.is_full = is_full.astype(float)
        removed = np.clip(state.removed_ah - seen * seconds / 3600, 0, 2 * rated)
        state.removed_ah = np.where(is_full, 0.0, removed)
        is_deep = (state.removed_ah > DEEP_SHARE * rated) & is_drawing
        state.cycles = state.cycles + (is_deep & (state.is_cycle_counted == 0))
        state.is_cycle_counted = np.where(is_full, 0.0, np.where(is_deep, 1.0, state.is_cycle_counted))

    def _count(self, span: float, until: datetime, changed: Changed, rng: np.random.Generator) -> None:
        """Bad frames, the daily ohmic test, and now and then a new estimate of the state of health."""
        state, sensors = self.state, self.parameters.sensors
        state.crc_errors = state.crc_errors + rng.poisson(sensors.crc_per_day * span / DAY_S)
        day = (until - timedelta(hours=OHMIC_TEST_HOUR) - datetime(2020, 1, 1, tzinfo=UTC)).days
        if (state.tested_day == day).all():
            return
        # The monitor corrects its ohmic test to 25 °C, so that seasons do not look like ageing.
        held = replace(self._cell_state(), temperature_c=np.full_like(state.soh, REFERENCE_C))
        spread = rng.normal(1, OHMIC_REPEATABILITY / 2, state.voltage_v.shape)
        state.ohmic_mohm = 1000 * (ohmic_resistance(changed.cells, held) + changed.cells.joint_ohm) * spread
        state.joint_mohm = 1000 * changed.cells.joint_ohm * rng.normal(1, OHMIC_REPEATABILITY / 2, spread.shape)
        if day % SOH_UPDATE_DAYS == 0:
            whole = (changed.cells.capacity_factor * state.soh).mean(axis=1, keepdims=True)
            state.soh_reported_pct = 100 * whole + sensors.soh_bias_pct
        state.tested_day = np.full_like(state.tested_day, float(day))

    def _snapshot(self, until: datetime, changed: Changed, wander: Wander, room: Array, load: Array) -> Snapshot:
        state, conditions = self.state, changed.conditions
        mains = self._mains(until - timedelta(microseconds=1))
        set_v = self._set_voltage(changed)
        is_lost = mains == LOST
        is_open = (conditions.is_fuse_open > 0) | (state.is_disconnected > 0)
        is_dark = is_lost & is_open
        bus = np.where(is_dark, 0.0, np.where(is_open, set_v, state.voltage_v.sum(axis=1, keepdims=True)))
        held = self._cell_state()
        return Snapshot(
            moment=until,
            voltage_v=state.voltage_v,
            temperature_c=state.temperature_c,
            charge=charge_share(changed.cells, held),
            soh=state.soh * changed.cells.capacity_factor,
            current_a=state.current_a,
            room_c=room,
            set_voltage_v=set_v,
            load_a=np.where(is_dark, 0.0, load),
            bus_v=bus,
            mains=mains,
            phase_v=self._surroundings.phase_v(until, wander),
            is_phase_lost=conditions.is_phase_lost,
            is_boosting=state.is_boosting,
            is_full=state.is_full,
            is_open=is_open.astype(float),
            modules_ok=conditions.modules_ok,
            ripple_factor=conditions.ripple_factor,
            removed_ah=state.removed_ah,
            cycles=state.cycles,
            crc_errors=state.crc_errors,
            ohmic_mohm=state.ohmic_mohm,
            joint_mohm=state.joint_mohm,
            soh_reported_pct=state.soh_reported_pct,
        )

    def _cell_state(self) -> CellState:
        state = self.state
        return CellState(state.deficit_ah, state.fast_v, state.slow_v, state.temperature_c, state.soh)

    def _keep(self, held: CellState) -> None:
        state = self.state
        state.deficit_ah, state.fast_v, state.slow_v = held.deficit_ah, held.fast_v, held.slow_v
        state.temperature_c, state.soh = held.temperature_c, held.soh

    def state_numbers(self) -> dict[str, list[list[float]]]:
        """The state as plain numbers, for JSON."""
        return {field.name: getattr(self.state, field.name).tolist() for field in fields(PlantState)}

    def take_up(self, numbers: dict[str, list[list[float]]], moment: datetime) -> None:
        """Continue from a state that was put down at a moment."""
        self.state = PlantState(
            **{field.name: np.array(numbers[field.name], dtype=float) for field in fields(PlantState)}
        )
        self.moment = moment


def _derating(mains: Array, is_phase_lost: Array) -> Array:
    """Share of the rectifiers' power that an unsound mains still gives."""
    is_short = (mains == PHASE_LOSS) | (is_phase_lost > 0)
    share: Array = np.where(is_short, 2 / 3, np.where(mains == BROWNOUT, 0.85, 1.0))
    return share
