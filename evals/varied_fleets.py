"""Simulated fleets of many different strings, for suites that measure estimates: climates, ages, loads, grids."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from tools.database import Database, open_database, sqlite_url
from tools.telemetry.demo import make_demo
from tools.telemetry.demo_fleet import JOINT_MOHM, ohmic_baseline_mohm
from tools.telemetry.faults import Fault, FaultKind
from tools.telemetry.simulated_fleet import SimulatedDevice, SimulatedFleet, SimulatedSite

DEVICES_A_SITE = 4


def varied_fleet(seed: int, devices: int, start: datetime) -> SimulatedFleet:
    """So many strings at sites of four; a third of the sites have a weak grid with long outages."""
    rng = np.random.default_rng([seed, 41])
    sites = tuple(_site(number, rng) for number in range(-(-devices // DEVICES_A_SITE)))
    strings = tuple(_device(number, sites[number // DEVICES_A_SITE], rng, start) for number in range(devices))
    return SimulatedFleet(sites=sites, devices=strings)


def _site(number: int, rng: np.random.Generator) -> SimulatedSite:
    key = f"S{number + 1:03d}"
    return SimulatedSite(
        site_id=key,
        name=f"Site {number + 1}",
        latitude_deg=float(rng.uniform(35, 62)),
        longitude_deg=float(rng.uniform(-9, 28)),
        mean_room_c=float(rng.uniform(16, 29)),
        season_swing_c=float(rng.uniform(0.5, 4)),
        day_swing_c=float(rng.uniform(0.8, 3)),
        outages_per_month=float(rng.uniform(0.5, 5)),
        has_weak_grid=bool(rng.random() < 1 / 3),
    )


def _device(number: int, site: SimulatedSite, rng: np.random.Generator, start: datetime) -> SimulatedDevice:
    key, rated = f"D{number + 1:03d}", float(rng.choice([300, 500, 600, 1000]))
    age = float(rng.uniform(0.3, 11.5))
    return SimulatedDevice(
        device_id=key,
        site_id=site.site_id,
        name=key,
        battery_model="AGM-500",
        cell_count=24,
        rated_capacity_ah=rated,
        install_date=(start - timedelta(days=365.25 * age)).date(),
        poll_interval_s=900,
        # Many strings were never measured at commissioning.
        resistance_baseline_mohm=ohmic_baseline_mohm(rated) if rng.random() < 0.5 else None,
        joint_baseline_mohm=JOINT_MOHM,
        age_years=age,
        load_share_of_c10=float(rng.uniform(0.05, 0.12)),
    )


def varied_faults(seed: int, fleet: SimulatedFleet, start: datetime, end: datetime) -> tuple[Fault, ...]:
    """A dried-out cell or a loose joint on about a third of the strings, so that no signal is the truth in disguise."""
    rng = np.random.default_rng([seed, 43])
    kinds = (FaultKind.DRY_OUT, FaultKind.HIGH_RESISTANCE_JOINT)
    return tuple(
        Fault(
            device.device_id,
            kinds[int(rng.integers(2))],
            start + float(rng.uniform(0, 0.4)) * (end - start),
            cell_no=int(rng.integers(1, 25)),
            severity=float(rng.uniform(0.2, 0.8)),
        )
        for device in fleet.devices
        if rng.random() < 1 / 3
    )


@contextmanager
def varied_database(seed: int, devices: int, days: int, now: datetime) -> Iterator[Database]:
    """The readings of such a fleet up to `now`, in a database of its own that goes afterwards."""
    with TemporaryDirectory() as folder:
        database = open_database(sqlite_url(Path(folder) / "battery_monitoring.db"), create=True)
        try:
            start = now - timedelta(days=days)
            fleet = varied_fleet(seed, devices, start)
            faults = varied_faults(seed, fleet, start, now)
            make_demo(database, now=now, days=days, seed=seed, fleet=fleet, faults=faults)
            yield database
        finally:
            database.close()
