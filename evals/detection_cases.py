"""The device-months of the detection suite: every fault at several strengths, and months in which nothing fails."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from tools.telemetry.faults import Fault, FaultKind
from tools.telemetry.simulated_fleet import SimulatedDevice, SimulatedFleet, SimulatedSite

START = datetime(2026, 3, 2, tzinfo=UTC)
DAYS = 30
# With these the fault reaches its mark within the month: R +30 % and more, joint +50 % and more.
STRENGTHS: dict[FaultKind, tuple[float, ...]] = {
    FaultKind.DRY_OUT: (0.35, 0.6, 1.0),
    FaultKind.SOFT_SHORT: (0.3, 0.6, 1.0),
    FaultKind.HARD_SHORT: (1.0, 1.0),
    FaultKind.HIGH_RESISTANCE_JOINT: (0.02, 0.1, 1.0),
    FaultKind.THERMAL_RUNAWAY: (0.6, 0.8, 1.0),
    FaultKind.CHARGER_OVER_VOLTAGE: (0.3, 0.6, 1.0),
    FaultKind.CHARGER_UNDER_VOLTAGE: (0.3, 0.6, 1.0),
    FaultKind.RECTIFIER_MODULES_LOST: (1 / 3, 2 / 3, 1.0),
    FaultKind.HVAC_FAILURE: (0.4, 0.7, 1.0),
    FaultKind.SENSOR_STUCK: (1.0, 1.0),
    FaultKind.SENSOR_DRIFT: (0.3, 0.6, 1.0),
    FaultKind.SENSOR_SPIKE: (0.3, 0.6, 1.0),
    FaultKind.SENSOR_OFFSET: (0.4, 0.7, 1.0),
    FaultKind.COMMS_LOSS: (1.0, 1.0),
    FaultKind.PHASE_LOSS: (1.0, 1.0),
    FaultKind.RIPPLE: (0.3, 0.6, 1.0),
    FaultKind.FUSE_OPEN: (1.0, 1.0),
    FaultKind.WRONG_TEMPERATURE_COMPENSATION: (0.5, 0.75, 1.0),
    FaultKind.CLOCK_SKEW: (0.3, 0.6, 1.0),
}
CELL_FAULTS = frozenset(
    {FaultKind.DRY_OUT, FaultKind.SOFT_SHORT, FaultKind.HARD_SHORT, FaultKind.HIGH_RESISTANCE_JOINT}
)
# These end again; the rest stays until the month is over.
PASSING_DAYS = {FaultKind.COMMS_LOSS: 1.0, FaultKind.SENSOR_STUCK: 3.0, FaultKind.PHASE_LOSS: 2.0}
FAULT_FREE = 20
BATCH = 10


@dataclass(frozen=True)
class Batch:
    """Devices that are simulated together, with what goes wrong on each."""

    fleet: SimulatedFleet
    faults: tuple[Fault, ...]
    seed: int


def make_batches(seed: int) -> list[Batch]:
    """All device-months, in batches of ten that can be simulated side by side."""
    rng = np.random.default_rng(seed)
    wrong: list[tuple[FaultKind, float] | None] = [
        (kind, strength) for kind, strengths in STRENGTHS.items() for strength in strengths
    ]
    months = [*wrong, *([None] * FAULT_FREE)]
    order = rng.permutation(len(months))
    batches = []
    for number, begin in enumerate(range(0, len(months), BATCH)):
        mine = [months[place] for place in order[begin : begin + BATCH]]
        batches.append(_batch(mine, seed * 1000 + number, rng))
    return batches


def _batch(months: list[tuple[FaultKind, float] | None], seed: int, rng: np.random.Generator) -> Batch:
    sites, devices, faults = [], [], []
    for number, month in enumerate(months, start=1):
        needs_three_phases = month is not None and month[0] == FaultKind.PHASE_LOSS
        sites.append(_site(f"S{number:02}", rng, three_phases=needs_three_phases))
        devices.append(_device(f"D{number:02}", f"S{number:02}", rng))
        if month is not None:
            faults.append(_fault(f"D{number:02}", *month, rng))
    return Batch(SimulatedFleet(sites=tuple(sites), devices=tuple(devices)), tuple(faults), seed)


def _site(site_id: str, rng: np.random.Generator, *, three_phases: bool) -> SimulatedSite:
    """A climate between a heated northern shelter and a hot room, a grid between firm and weak."""
    return SimulatedSite(
        site_id=site_id,
        name=site_id,
        longitude_deg=float(rng.uniform(-10, 30)),
        latitude_deg=float(rng.uniform(36, 62)),
        mean_room_c=float(rng.uniform(15, 29)),
        season_swing_c=float(rng.uniform(0, 4)),
        day_swing_c=float(rng.uniform(0.6, 2.0)),
        phases=3 if three_phases or rng.random() < 0.8 else 1,
        outages_per_month=float(rng.choice([0.5, 1.5, 3.0, 8.0])),
        brownouts_per_month=float(rng.choice([0.0, 2.0])),
        has_generator=bool(rng.random() < 0.3),
    )


def _device(device_id: str, site_id: str, rng: np.random.Generator) -> SimulatedDevice:
    rated, age = float(rng.choice([500, 600, 1000])), float(rng.uniform(0.3, 9))
    return SimulatedDevice(
        device_id=device_id,
        site_id=site_id,
        name=device_id,
        battery_model="AGM-500",
        cell_count=24,
        rated_capacity_ah=rated,
        install_date=(START - timedelta(days=365.25 * age)).date(),
        poll_interval_s=900,
        resistance_baseline_mohm=100 / rated + 0.025,
        joint_baseline_mohm=0.025,
        age_years=age,
        load_share_of_c10=float(rng.uniform(0.05, 0.09)),
    )


def _fault(device_id: str, kind: FaultKind, severity: float, rng: np.random.Generator) -> Fault:
    # Slow faults begin early enough to come to their mark within the month.
    latest = 7.0 if kind == FaultKind.DRY_OUT else 16.0
    onset = START + timedelta(days=float(rng.uniform(6, latest)))
    lasts = PASSING_DAYS.get(kind)
    return Fault(
        device_id,
        kind,
        onset,
        end=None if lasts is None else onset + timedelta(days=lasts),
        severity=severity,
        cell_no=int(rng.integers(1, 25)) if kind in CELL_FAULTS else None,
    )
