"""The demo fleet: five sites in five climates, eight strings of different age, and what goes wrong there."""

from datetime import datetime, timedelta

from tools.telemetry.faults import Fault, FaultKind
from tools.telemetry.simulated_fleet import SimulatedDevice, SimulatedFleet, SimulatedSite

SITES = (
    SimulatedSite(
        site_id="S01",
        name="Northgate",
        region="Western Europe",
        address="Lyon, France",
        climate="indoor, air-conditioned, mild",
        latitude_deg=45.764,
        longitude_deg=4.836,
        time_zone="Europe/Paris",
        autonomy_min=240,
        mean_room_c=22,
        season_swing_c=1,
        day_swing_c=1.0,
        outages_per_month=1.5,
    ),
    SimulatedSite(
        site_id="S02",
        name="Harbor",
        region="Northern Europe",
        address="Tampere, Finland",
        climate="heated shelter, cold north, emergency generator",
        latitude_deg=61.498,
        longitude_deg=23.761,
        time_zone="Europe/Helsinki",
        autonomy_min=120,
        mean_room_c=15,
        season_swing_c=4,
        day_swing_c=1.0,
        outages_per_month=4.0,
        has_generator=True,
    ),
    SimulatedSite(
        site_id="S03",
        name="Millbrook",
        region="Southern Europe",
        address="Murcia, Spain",
        climate="ventilated room, hot and dry south",
        latitude_deg=37.992,
        longitude_deg=-1.131,
        time_zone="Europe/Madrid",
        autonomy_min=240,
        mean_room_c=28,
        season_swing_c=2.5,
        day_swing_c=1.5,
        outages_per_month=3.0,
    ),
    SimulatedSite(
        site_id="S04",
        name="Eastfield",
        region="Western Europe",
        address="Cork, Ireland",
        climate="insulated outdoor cabinet, mild and wet, single-phase mains",
        latitude_deg=51.898,
        longitude_deg=-8.471,
        time_zone="Europe/Dublin",
        autonomy_min=180,
        mean_room_c=18,
        season_swing_c=4,
        day_swing_c=2.0,
        phases=1,
        outages_per_month=2.0,
    ),
    SimulatedSite(
        site_id="S05",
        name="Hilltop",
        region="Eastern Europe",
        address="Craiova, Romania",
        climate="ventilated container, continental, weak rural grid",
        latitude_deg=44.330,
        longitude_deg=23.795,
        time_zone="Europe/Bucharest",
        autonomy_min=480,
        mean_room_c=23,
        season_swing_c=3,
        day_swing_c=1.5,
        outages_per_month=12.0,
        brownouts_per_month=6.0,
        has_weak_grid=True,
    ),
)

# Key, site, name, model, C10 in Ah, age in years, load as a share of C10, years since the last capacity test.
_DEVICES = (
    ("D01", "S01", "Northgate A", "AGM-500", 500, 1.5, 0.080, None),
    ("D02", "S01", "Northgate B", "AGM-500", 500, 3.0, 0.075, 1.2),
    ("D03", "S02", "Harbor A", "GEL-600", 600, 6.0, 0.070, 0.8),
    ("D04", "S03", "Millbrook A", "AGM-1000", 1000, 4.6, 0.085, 1.6),
    ("D05", "S03", "Millbrook B", "AGM-500", 500, 10.6, 0.060, 0.4),
    ("D06", "S04", "Eastfield A", "AGM-500", 500, 2.6, 0.090, 1.4),
    ("D07", "S05", "Hilltop A", "AGM-1000", 1000, 6.3, 0.080, 1.1),
    ("D08", "S05", "Hilltop B", "GEL-600", 600, 0.4, 0.075, None),
)
JOINT_MOHM = 0.025


def ohmic_baseline_mohm(rated_ah: float) -> float:
    """Mean ohmic value in mΩ of a new cell with its joint, measured from post to post of the next cell."""
    return round(100 / rated_ah + JOINT_MOHM, 4)


def demo_fleet(start: datetime) -> SimulatedFleet:
    """The fleet as it stands when the demo starts; the install dates follow from the ages."""
    devices = tuple(
        SimulatedDevice(
            device_id=key,
            site_id=site_id,
            name=name,
            battery_model=model,
            cell_count=24,
            rated_capacity_ah=rated,
            install_date=(start - timedelta(days=365.25 * age)).date(),
            poll_interval_s=900,
            resistance_baseline_mohm=ohmic_baseline_mohm(rated),
            joint_baseline_mohm=JOINT_MOHM,
            age_years=age,
            load_share_of_c10=load,
            years_since_capacity_test=tested,
        )
        for key, site_id, name, model, rated, age, load, tested in _DEVICES
    )
    return SimulatedFleet(sites=SITES, devices=devices)


def demo_faults(start: datetime, end: datetime) -> tuple[Fault, ...]:
    """What goes wrong in the demo. D01, D03 and D05 stay without a fault; D05 is simply old."""

    def at(share: float) -> datetime:
        return start + share * (end - start)

    return (
        Fault("D04", FaultKind.DRY_OUT, at(0.10), cell_no=17),
        Fault("D02", FaultKind.SOFT_SHORT, at(0.45), cell_no=9),
        Fault("D07", FaultKind.HIGH_RESISTANCE_JOINT, at(0.20), cell_no=5),
        Fault("D08", FaultKind.RECTIFIER_MODULES_LOST, at(0.55), severity=1 / 3),
        Fault("D06", FaultKind.SENSOR_STUCK, at(0.30), end=at(0.38)),
        Fault("D06", FaultKind.COMMS_LOSS, at(0.66), end=at(0.70)),
    )
