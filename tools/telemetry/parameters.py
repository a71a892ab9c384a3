"""How one string differs from the next: cell spreads, past wear and sensor errors, drawn once from the seed."""

import zlib
from dataclasses import dataclass

import numpy as np

from tools.telemetry.laws import laws_of
from tools.telemetry.physics import Array, Cells
from tools.telemetry.simulated_fleet import SimulatedDevice, SimulatedFleet, SimulatedSite

DESIGN_LIFE_YEARS = 12.0
JOINT_OHM = 25e-6


@dataclass(frozen=True)
class SensorErrors:
    """What the monitor of each device gets wrong, the same all the time. One a device unless it says cells."""

    cell_voltage_gain: Array
    cell_temperature_c: Array
    string_voltage_gain: Array
    current_gain: Array
    current_offset_a: Array
    float_gain: Array
    ambient_c: Array
    soh_bias_pct: Array
    soc_bias_pct: Array
    runtime_gain: Array
    missing_share: Array
    lag_s: Array
    crc_per_day: Array
    ripple_mv: Array
    capacity_test_pct: Array
    cycles_before: Array


@dataclass(frozen=True)
class Parameters:
    """Everything about a fleet that is drawn once. `post_rise_c` is a cell's place in the rack, °C."""

    cells: Cells
    soh_at_start: Array
    post_rise_c: Array
    sensors: SensorErrors


@dataclass(frozen=True)
class _OfDevice:
    resistance: Array
    float_factor: Array
    joint: Array
    cooling: Array
    soh: Array
    post_rise: Array
    sensors: dict[str, Array]


def draw_parameters(fleet: SimulatedFleet, seed: int) -> Parameters:
    """The parameters of a fleet; a device's do not depend on which others there are."""
    places = fleet.site_places()
    drawn = [
        _draw(device, fleet.sites[place], np.random.default_rng([seed, zlib.crc32(device.device_id.encode())]))
        for device, place in zip(fleet.devices, places, strict=True)
    ]
    ones = np.ones_like(np.stack([one.soh for one in drawn]))
    cells = Cells(
        rated_ah=np.array([[device.rated_capacity_ah or 0.0] for device in fleet.devices], dtype=float),
        capacity_factor=ones.copy(),
        resistance_factor=np.stack([one.resistance for one in drawn]),
        float_factor=np.stack([one.float_factor for one in drawn]),
        joint_ohm=np.stack([one.joint for one in drawn]),
        shunt_siemens=0 * ones,
        cooling_factor=np.stack([one.cooling for one in drawn]),
        is_shorted=ones > 1,
        laws=laws_of([device.laws for device in fleet.devices]),
    )
    names = list(drawn[0].sensors)
    return Parameters(
        cells=cells,
        soh_at_start=np.stack([one.soh for one in drawn]),
        post_rise_c=np.stack([one.post_rise for one in drawn]),
        sensors=SensorErrors(**{name: np.stack([one.sensors[name] for one in drawn]) for name in names}),
    )


def past_wear(site: SimulatedSite, years: float) -> float:
    """Health lost in these first years: 20 % in the design life at 25 °C, twice as fast 8.3 °C above (IEEE 1188)."""
    warmth = 2 ** ((site.mean_room_c + 1.0 - 25) / 8.3)
    cycles = site.outages_per_month * 12 * years * 0.1
    return 0.20 * years / DESIGN_LIFE_YEARS * float(warmth) + 0.20 * cycles / 600


def _draw(device: SimulatedDevice, site: SimulatedSite, rng: np.random.Generator) -> _OfDevice:
    count = device.cell_count
    wear = past_wear(site, device.age_years)
    # Old cells drift apart.
    soh = 1.0 - wear + rng.normal(0, 0.008 + 0.05 * wear, count)
    resistance = rng.normal(1, 0.04, count).clip(0.91, 1.09)
    float_median = rng.uniform(0.55, 0.75)
    return _OfDevice(
        # The baseline at commissioning is the mean of the string, so the spread keeps it.
        resistance=resistance / resistance.mean(),
        float_factor=float_median * np.exp(rng.normal(0, 0.25, count).clip(-0.6, 0.6)),
        joint=JOINT_OHM * rng.normal(1, 0.03, count).clip(0.92, 1.08),
        cooling=rng.normal(1, 0.05, count).clip(0.85, 1.15) * rng.uniform(0.9, 1.1),
        soh=soh.clip(0.3, 1.04),
        post_rise=0.25 * np.sin(np.linspace(0, np.pi, count)) + rng.normal(0, 0.05, count),
        sensors=_draw_sensors(device, site, rng),
    )


def _draw_sensors(device: SimulatedDevice, site: SimulatedSite, rng: np.random.Generator) -> dict[str, Array]:
    count = device.cell_count

    def one(value: float) -> Array:
        return np.array([value], dtype=float)

    tested = np.nan
    if device.years_since_capacity_test is not None:
        then = past_wear(site, device.age_years - device.years_since_capacity_test)
        tested = 100 * (1 - then) + rng.normal(0, 1.5)
    return {
        "cell_voltage_gain": rng.normal(0, 0.0004, count).clip(-0.001, 0.001),
        "cell_temperature_c": rng.normal(0, 0.2, count).clip(-0.5, 0.5),
        "string_voltage_gain": one(rng.normal(0, 0.0003)),
        "current_gain": one(rng.uniform(-0.005, 0.005)),
        "current_offset_a": one(rng.uniform(-0.3, 0.3)),
        "float_gain": one(rng.normal(0, 0.003)),
        "ambient_c": rng.normal(0, 0.2, 1).clip(-0.4, 0.4),
        "soh_bias_pct": rng.normal(0, 2.5, 1).clip(-5, 5),
        "soc_bias_pct": one(rng.uniform(0, 1.5)),
        "runtime_gain": one(rng.uniform(0.88, 1.12)),
        "missing_share": one(rng.uniform(0.005, 0.02)),
        "lag_s": one(rng.uniform(2, 12)),
        "crc_per_day": one(rng.uniform(0.1, 2.0)),
        "ripple_mv": one(rng.uniform(30, 65)),
        "capacity_test_pct": one(tested),
        "cycles_before": one(float(rng.poisson(max(site.outages_per_month * 12 * device.age_years * 0.4, 0.0)))),
    }
