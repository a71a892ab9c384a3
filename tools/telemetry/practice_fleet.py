"""Fleets to practise on: strings in many climates, ages and loads, each with at most one thing that goes wrong.

Models of the condition learn from such fleets and are judged on others of them; the fleet that is served is none.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from tools.telemetry.faults import RAMPS, Fault, FaultKind
from tools.telemetry.simulated_fleet import SimulatedDevice, SimulatedFleet, SimulatedSite

START = datetime(2026, 3, 2, tzinfo=UTC)
DAYS = 28
END = START + timedelta(days=DAYS)
# From something weaker than the rules are tuned for to the measured case; what has no degree is 1.
STRENGTHS: dict[FaultKind, tuple[float, float]] = {
    FaultKind.DRY_OUT: (0.2, 1.0),
    FaultKind.SOFT_SHORT: (0.15, 1.0),
    FaultKind.HARD_SHORT: (1.0, 1.0),
    FaultKind.HIGH_RESISTANCE_JOINT: (0.01, 1.0),
    FaultKind.THERMAL_RUNAWAY: (0.4, 1.0),
    FaultKind.HVAC_FAILURE: (0.25, 1.0),
    FaultKind.CHARGER_OVER_VOLTAGE: (0.15, 1.0),
    FaultKind.CHARGER_UNDER_VOLTAGE: (0.15, 1.0),
    FaultKind.RECTIFIER_MODULES_LOST: (1 / 3, 1.0),
    FaultKind.RIPPLE: (0.1, 1.0),
    FaultKind.FUSE_OPEN: (1.0, 1.0),
    FaultKind.WRONG_TEMPERATURE_COMPENSATION: (0.3, 1.0),
    FaultKind.PHASE_LOSS: (1.0, 1.0),
    FaultKind.SENSOR_STUCK: (1.0, 1.0),
    FaultKind.SENSOR_DRIFT: (0.15, 1.0),
    FaultKind.SENSOR_SPIKE: (0.15, 1.0),
    FaultKind.SENSOR_OFFSET: (0.2, 1.0),
    FaultKind.COMMS_LOSS: (1.0, 1.0),
    FaultKind.CLOCK_SKEW: (0.2, 1.0),
}
_OF_A_CELL = frozenset(
    {FaultKind.DRY_OUT, FaultKind.SOFT_SHORT, FaultKind.HARD_SHORT, FaultKind.HIGH_RESISTANCE_JOINT}
)
# These end again; the rest stays.
_PASSING_DAYS = {FaultKind.COMMS_LOSS: 1.0, FaultKind.SENSOR_STUCK: 3.0, FaultKind.PHASE_LOSS: 2.0}
# Faults that began before the first reading: nothing of the device's own past shows them.
_STANDING_SHARE = 0.25


@dataclass(frozen=True)
class PracticeFleet:
    """Strings that are simulated together, and what goes wrong on each of them."""

    fleet: SimulatedFleet
    faults: tuple[Fault, ...]
    seed: int


def practice_fleet(seed: int, kinds: Sequence[FaultKind | None]) -> PracticeFleet:
    """One string a kind, each at a site of its own; None stays healthy."""
    rng = np.random.default_rng([seed, 71])
    sites = [_site(f"S{number:04}", rng, kind) for number, kind in enumerate(kinds, start=1)]
    devices = [_device(f"D{number:04}", f"S{number:04}", rng) for number in range(1, len(kinds) + 1)]
    faults = [_fault(device.device_id, kind, rng) for device, kind in zip(devices, kinds, strict=True) if kind]
    return PracticeFleet(SimulatedFleet(sites=tuple(sites), devices=tuple(devices)), tuple(faults), seed)


def _site(site_id: str, rng: np.random.Generator, kind: FaultKind | None) -> SimulatedSite:
    """A climate between a cool northern shelter and a hot room, a grid between firm and weak."""
    return SimulatedSite(
        site_id=site_id,
        name=site_id,
        longitude_deg=float(rng.uniform(-10, 30)),
        latitude_deg=float(rng.uniform(36, 62)),
        mean_room_c=float(rng.uniform(15, 29)),
        season_swing_c=float(rng.uniform(0, 4)),
        day_swing_c=float(rng.uniform(0.6, 2.5)),
        phases=3 if rng.random() < 0.8 or kind == FaultKind.PHASE_LOSS else 1,
        outages_per_month=float(rng.choice([0.5, 1.5, 3.0, 8.0])),
        brownouts_per_month=float(rng.choice([0.0, 2.0])),
        has_generator=bool(rng.random() < 0.3),
    )


def _device(device_id: str, site_id: str, rng: np.random.Generator) -> SimulatedDevice:
    model, rated = [("AGM-300", 300.0), ("AGM-500", 500.0), ("AGM-600", 600.0), ("AGM-1000", 1000.0)][
        int(rng.integers(4))
    ]
    age = float(rng.uniform(0.3, 10))
    return SimulatedDevice(
        device_id=device_id,
        site_id=site_id,
        name=device_id,
        battery_model=model,
        cell_count=24,
        rated_capacity_ah=rated,
        install_date=(START - timedelta(days=365.25 * age)).date(),
        poll_interval_s=900,
        # Some strings were never measured at commissioning.
        resistance_baseline_mohm=100 / rated + 0.025 if rng.random() < 0.8 else None,
        joint_baseline_mohm=0.025 if rng.random() < 0.8 else None,
        age_years=age,
        load_share_of_c10=float(rng.uniform(0.05, 0.10)),
    )


def _fault(device_id: str, kind: FaultKind, rng: np.random.Generator) -> Fault:
    weakest, strongest = STRENGTHS[kind]
    # Even over orders of magnitude: a loose joint may be a hundred times another.
    severity = float(np.exp(rng.uniform(np.log(weakest), np.log(strongest))))
    lasts = _PASSING_DAYS.get(kind)
    is_standing = lasts is None and rng.random() < _STANDING_SHARE
    latest = 14.0 if kind in RAMPS else 24.0
    day = -float(rng.uniform(1, 20)) if is_standing else float(rng.uniform(6, latest))
    onset = START + timedelta(days=day)
    return Fault(
        device_id,
        kind,
        onset,
        end=None if lasts is None else onset + timedelta(days=lasts),
        severity=severity,
        cell_no=int(rng.integers(1, 25)) if kind in _OF_A_CELL else None,
    )
