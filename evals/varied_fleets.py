"""Simulated fleets of many different strings, for suites that measure estimates: climates, ages, loads, grids, makes.

No two strings follow the same laws, and none is known to follow the estimators': each range below is what the domain
notes' sources differ by, drawn evenly, while the estimators take one middle value and say how unsure they are of it.
"""

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
from tools.telemetry.laws import Laws
from tools.telemetry.simulated_fleet import SimulatedDevice, SimulatedFleet, SimulatedSite

DEVICES_A_SITE = 4
# The simulator's own ageing: design life, and degrees that halve it (the notes, section 3).
LIFE_YEARS, HALVED_BY_C = 12.0, 8.3
# What a commissioning measurement may be off by, as a share.
BASELINE_SD = 0.02


def varied_fleet(seed: int, devices: int, start: datetime) -> SimulatedFleet:
    """So many strings at sites of four; a third of the sites have a weak grid with long outages."""
    rng = np.random.default_rng([seed, 41])
    sites = tuple(_site(number, rng) for number in range(-(-devices // DEVICES_A_SITE)))
    makes = np.random.default_rng([seed, 47])
    places = [sites[number // DEVICES_A_SITE] for number in range(devices)]
    strings = tuple(of_its_make(_device(number, site, rng, start), site, makes) for number, site in enumerate(places))
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


def of_its_make(device: SimulatedDevice, site: SimulatedSite, rng: np.random.Generator) -> SimulatedDevice:
    """The string with laws, past and commissioning value of its own."""
    baseline = device.resistance_baseline_mohm
    off = float(rng.normal(1, BASELINE_SD))
    return device.model_copy(
        update={
            "laws": _laws(rng),
            "age_years": min(device.age_years * _pace(site, rng), 16.0),
            "resistance_baseline_mohm": None if baseline is None else baseline * off,
        }
    )


def _laws(rng: np.random.Generator) -> Laws:
    return Laws(
        # Rest voltages: PyBaMM spans 0.205 V a cell, the fitted cell 0.22; real cells differ by their acid.
        empty_v=float(rng.uniform(1.922, 1.938)),
        full_span_v=float(rng.uniform(0.207, 0.233)),
        # Capacity: IEC corrects by 0.6 % a degree, the notes by 0.7 %; the rate's power by plate.
        capacity_per_kelvin=float(rng.uniform(0.005, 0.009)),
        rate_power=float(rng.uniform(0.08, 0.16)),
        # At 80 % health the ohmic value is up by half "as a rule": here by 32 to 68 %.
        ohmic_rise=float(rng.uniform(0.65, 1.35)),
        polarisation=float(rng.uniform(0.75, 1.25)),
    )


def _pace(site: SimulatedSite, rng: np.random.Generator) -> float:
    """How much faster a string aged than the simulator's law says for its site as it is now."""
    over_c = site.mean_room_c + 1.0 - 25
    life, halved_by = float(rng.uniform(10, 15)), float(rng.uniform(7.5, 10))
    # The years before were warmer or cooler than the window, and not every string was made or treated alike.
    past_c = float(rng.normal(0, 2))
    made = float(np.exp(rng.normal(0, 0.1)))
    return float(made * LIFE_YEARS / life * 2 ** ((over_c + past_c) / halved_by - over_c / HALVED_BY_C))


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
