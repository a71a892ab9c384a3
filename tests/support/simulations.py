"""Small fleets for the simulator's tests: steady sites, new strings of 500 Ah, and one fault each."""

from collections.abc import Sequence
from datetime import timedelta

from tests.support.builders import NOW
from tools.telemetry.faults import Fault, FaultKind
from tools.telemetry.simulated_fleet import SimulatedDevice, SimulatedFleet, SimulatedSite


def steady_site(site_id: str = "S01", **facts: object) -> SimulatedSite:
    """A site at 25 °C whose mains never fails."""
    plain: dict[str, object] = {
        "site_id": site_id,
        "name": site_id,
        "longitude_deg": 0.0,
        "latitude_deg": 50.0,
        "mean_room_c": 25.0,
        "day_swing_c": 0.0,
        "outages_per_month": 0.0,
    }
    return SimulatedSite.model_validate(plain | facts)


def string(device_id: str = "D01", site_id: str = "S01", **facts: object) -> SimulatedDevice:
    """A new string of 24 cells of 500 Ah."""
    plain: dict[str, object] = {
        "device_id": device_id,
        "site_id": site_id,
        "name": device_id,
        "battery_model": "AGM-500",
        "cell_count": 24,
        "rated_capacity_ah": 500.0,
        "install_date": NOW.date() - timedelta(days=400),
        "age_years": 1.0,
    }
    return SimulatedDevice.model_validate(plain | facts)


def fleet_of(devices: Sequence[SimulatedDevice], sites: Sequence[SimulatedSite] | None = None) -> SimulatedFleet:
    """A fleet of these devices, at one steady site unless told otherwise."""
    return SimulatedFleet(sites=tuple(sites or [steady_site()]), devices=tuple(devices))


def fault_on(
    device_id: str, kind: FaultKind, *, days_ago: float = 25, cell_no: int | None = None, severity: float = 1.0
) -> Fault:
    """A fault that began some days before NOW and stays."""
    return Fault(device_id, kind, NOW - timedelta(days=days_ago), cell_no=cell_no, severity=severity)
