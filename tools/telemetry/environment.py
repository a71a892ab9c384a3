"""Room temperature, load and mains voltage around the strings: season, time of day, and noise that wanders."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from tools.telemetry.physics import Array
from tools.telemetry.simulated_fleet import SimulatedFleet

QUARTER_HOUR_S = 900.0
# Wandering noise keeps this share of itself over a quarter of an hour: half is forgotten in about six hours.
PERSISTENCE = 0.97
LOAD_DAY_SWING = 0.15


@dataclass
class Wander:
    """Noise with a memory: room (°C, one a site), phases (V, three a site), load (share, one a device)."""

    room_c: Array
    phase_v: Array
    load_share: Array


def still_air(fleet: SimulatedFleet) -> Wander:
    """No deviation yet."""
    sites, devices = len(fleet.sites), len(fleet.devices)
    return Wander(np.zeros((sites, 1)), np.zeros((sites, 3)), np.zeros((devices, 1)))


def wander_on(wander: Wander, seconds: float, rng: np.random.Generator) -> None:
    """Let the noise wander for some seconds; its spread does not depend on how finely time is cut."""
    wander.room_c = _next(wander.room_c, 0.45, seconds, rng)
    wander.phase_v = _next(wander.phase_v, 2.0, seconds, rng)
    wander.load_share = _next(wander.load_share, 0.02, seconds, rng)


def _next(value: Array, spread: float, seconds: float, rng: np.random.Generator) -> Array:
    keep = PERSISTENCE ** (seconds / QUARTER_HOUR_S)
    fresh = spread * np.sqrt(1 - keep**2) * rng.standard_normal(value.shape)
    moved: Array = value * keep + fresh
    return moved


class Surroundings:
    """Room, load and phases of a fleet at any moment."""

    def __init__(self, fleet: SimulatedFleet) -> None:
        sites, devices = fleet.sites, fleet.devices
        self._mean = _column([site.mean_room_c for site in sites])
        self._season = _column([site.season_swing_c for site in sites])
        self._swing = _column([site.day_swing_c for site in sites])
        self._longitude = _column([site.longitude_deg or 0.0 for site in sites])
        self._sag_v = _column([14.0 if site.has_weak_grid else 6.0 for site in sites])
        self._load_a = _column([(device.rated_capacity_ah or 0.0) * device.load_share_of_c10 for device in devices])
        self._at_site = np.array(fleet.site_places())

    def room_c(self, moment: datetime, wander: Wander) -> Array:
        """Air temperature in °C, devices x 1; warmest in mid-July and at three in the afternoon, sun time."""
        day = moment.timetuple().tm_yday
        season = self._season * np.cos(2 * np.pi * (day - 197) / 365.25)
        hour = self._sun_hour(moment)
        room: Array = self._mean + season + self._swing * np.sin(2 * np.pi * (hour - 9) / 24)
        # What is beyond three spreads would be a fault of the air conditioning, and that is injected.
        room += np.clip(wander.room_c, -1.0, 1.0)
        return _of_devices(room, self._at_site)

    def load_a(self, moment: datetime, wander: Wander) -> Array:
        """Load in A, devices x 1: telecom traffic is highest in the evening and lowest before dawn."""
        hour = self._sun_hour(moment)[self._at_site]
        traffic = 1 + LOAD_DAY_SWING * np.sin(2 * np.pi * (hour - 13) / 24) + wander.load_share
        load: Array = self._load_a * traffic
        return load

    def phase_v(self, moment: datetime, wander: Wander) -> Array:
        """Phase voltages in V of a sound mains, devices x 3: lower when the neighbourhood uses power."""
        hour = self._sun_hour(moment)
        phases: Array = 232 - self._sag_v * np.maximum(np.sin(2 * np.pi * (hour - 13) / 24), 0) + wander.phase_v
        return _of_devices(phases, self._at_site)

    def _sun_hour(self, moment: datetime) -> Array:
        hour: Array = moment.hour + moment.minute / 60 + moment.second / 3600 + self._longitude / 15
        return hour


def _column(values: list[float]) -> Array:
    return np.array(values, dtype=float).reshape(-1, 1)


def _of_devices(of_sites: Array, at_site: NDArray[np.intp]) -> Array:
    mine: Array = of_sites[at_site]
    return mine
