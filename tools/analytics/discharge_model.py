"""How the voltage of a lead-acid string falls in a discharge, and how much it gives at a load.

A Shepherd-type model with a Peukert-type rate factor, of the mean cell. Equations and numbers are those of the
domain notes, section 3: rest voltage 1.93 + 0.22 s, polarisation and time constants fitted to a real 100 Ah
discharge (2.6 mV a cell).
"""

from dataclasses import dataclass

import numpy as np

from tools.analytics.good_rows import Array

EMPTY_V, FULL_SPAN_V = 1.93, 0.22
DISCONNECT_V = 1.80
# Share of capacity per °C and per power of the rate beyond the ten-hour current.
PER_KELVIN, RATE_POWER = 0.007, 0.12
COLLAPSE_V = 2.0
FAST_S, SLOW_S, FAST_GAIN, SLOW_GAIN = 435.0, 3500.0, 0.10, 0.08
STEP_H = 1 / 60


@dataclass(frozen=True)
class StringModel:
    """What one string is made of: C10 in Ah, mean cell at post temperature in °C, ohmic value with joint in Ω at 25 °C,
    state of health (1 is new)."""

    rated_ah: float
    temperature_c: float
    ohmic_ohm: float
    soh: float

    def capacity_ah(self, load_a: float) -> float:
        """What can be drawn at this load and temperature, Ah."""
        warmth = max(1 + PER_KELVIN * (self.temperature_c - 25), 0.3)
        rate = float(min(self.rated_ah / 10 / max(load_a, 1e-9), 1.0) ** RATE_POWER)
        return self.rated_ah * self.soh * warmth * rate

    def used(self, drawn_ah: Array, load_a: Array) -> Array:
        """Share of what can be drawn at each load that is drawn; above 1 the string is past empty."""
        warmth = max(1 + PER_KELVIN * (self.temperature_c - 25), 0.3)
        used: Array = drawn_ah / (self.rated_ah * self.soh * warmth * self._rate(load_a) ** RATE_POWER)
        return used

    def voltage(self, drawn_ah: Array, load_a: Array, slow_v: Array) -> Array:
        """Voltage of the mean cell, V, after this charge was drawn, at this load and with this slow polarisation."""
        used = self.used(drawn_ah, load_a)
        rest = EMPTY_V + FULL_SPAN_V * np.clip(1 - used, 0, 1) - COLLAPSE_V * np.maximum(used - 1, 0)
        ohmic = self.ohmic_ohm * max(1 - 0.004 * (self.temperature_c - 25), 0.5)
        volts: Array = rest - load_a * ohmic - self.polarised_v(used, load_a) - slow_v
        return volts

    def polarised_v(self, used: Array, load_a: Array) -> Array:
        """What the plates themselves lose at once, V; steeply more near the end."""
        charge = np.clip(1 - used, 0, 1)
        lost: Array = load_a * np.sqrt(self._rate(load_a)) * (0.15 + 1.2 * np.exp(-charge / 0.084)) / self.rated_ah
        return lost

    def _rate(self, load_a: Array) -> Array:
        return np.minimum(self.rated_ah / 10 / np.maximum(load_a, 1e-9), 1.0)


def typical_ohmic(rated_ah: float, soh: float) -> float:
    """Ohmic value of cell and joint, Ω, where none is measured: half as much again at 80 % health."""
    lost = max(1 - soh, 0.0)
    return 0.10 / rated_ah * (1 + 1.5 * lost + 5 * lost**2) + 25e-6


def polarisation(hours: Array, load_a: Array, rated_ah: float) -> Array:
    """Slow polarisation in V at each moment of a discharge that began at hour 0."""
    levels = np.zeros((2, len(hours)))
    before, now = 0.0, np.zeros(2)
    taus, gains = np.array([FAST_S, SLOW_S]) / 3600, np.array([FAST_GAIN, SLOW_GAIN])
    for place, (hour, load) in enumerate(zip(hours, load_a, strict=True)):
        rate = np.sqrt(min(rated_ah / 10 / max(load, 1e-9), 1.0))
        aim = gains * load * rate / rated_ah
        now = aim + (now - aim) * np.exp(-(hour - before) / taus)
        levels[:, place], before = now, hour
    total: Array = levels.sum(axis=0)
    return total


def hours_to_disconnect(
    model: StringModel, load_a: float, drawn_ah: float, polarised_v: float, shift_v: float, lowest_v: float
) -> float:
    """Hours until the mean cell reaches `lowest_v` at a steady load; 0 where it is already there.

    Args:
        drawn_ah: charge already drawn since full, Ah.
        polarised_v: slow polarisation there is already, V.
        shift_v: how much higher this string was found to stand than the model, V.
    """
    longest = 1.3 * model.capacity_ah(load_a) / load_a + STEP_H
    hours = np.arange(0, longest, STEP_H)
    rate = np.sqrt(min(model.rated_ah / 10 / load_a, 1.0))
    aim = (FAST_GAIN + SLOW_GAIN) * load_a * rate / model.rated_ah
    # Both time constants as one, of the slower: the faster is over before it matters.
    slow = aim + (polarised_v - aim) * np.exp(-hours * 3600 / SLOW_S)
    volts = model.voltage(drawn_ah + load_a * hours, np.full_like(hours, load_a), slow) + shift_v
    below = np.flatnonzero(volts < lowest_v)
    return float(hours[below[0]]) if below.size else float(hours[-1])
