"""Small builders of fleets and readings, so that a test says only what matters to it."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pandas as pd

from tools.database import Database
from tools.telemetry.fleet import Device, Site
from tools.telemetry.ingest import Ingested, add_device, add_site, ingest_cells, ingest_readings

NOW = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)


def site(site_id: str = "S01", name: str = "Northgate", **facts: object) -> Site:
    """A site."""
    return Site.model_validate({"site_id": site_id, "name": name, **facts})


def device(device_id: str = "D01", site_id: str = "S01", **facts: object) -> Device:
    """A string of 24 cells of 500 Ah."""
    plain = {
        "device_id": device_id,
        "site_id": site_id,
        "name": device_id,
        "battery_model": "AGM-500",
        "cell_count": 24,
        "rated_capacity_ah": 500.0,
        "resistance_baseline_mohm": 0.20,
        "joint_baseline_mohm": 0.025,
    }
    return Device.model_validate(plain | facts)


def readings(
    device_id: str = "D01", site_id: str = "S01", *, days: float = 1, end: datetime = NOW, **values: object
) -> pd.DataFrame:
    """Rows every 15 minutes up to `end`, healthy on float unless told otherwise; a list gives one value a row."""
    count = int(days * 96)
    times = [end - timedelta(minutes=15) * (count - 1 - step) for step in range(count)]
    healthy: dict[str, object] = {
        "timestamp_utc": times,
        "received_utc": times,
        "site_id": site_id,
        "device_id": device_id,
        "cell_count": 24,
        "rated_capacity_ah": 500.0,
        "cell_voltage_v": 2.27,
        "cell_voltage_min_v": 2.25,
        "cell_voltage_max_v": 2.29,
        "string_voltage_v": 54.48,
        "string_current_a": 0.3,
        "float_current_ma": 250.0,
        "cell_temperature_c": 22.0,
        "cell_temperature_max_c": 22.8,
        "ambient_temperature_c": 21.0,
        "soc_pct": 99.0,
        "internal_resistance_mohm": 0.20,
        "internal_resistance_max_mohm": 0.21,
        "joint_resistance_max_mohm": 0.025,
        "soh_pct": 97.0,
        "data_quality": "good",
        "bms_comm_status": "ok",
        "mains_state": "ok",
        "charger_mode": "float",
    }
    return pd.DataFrame(healthy | values)


def cells(device_id: str = "D01", *, at: datetime = NOW, **values: object) -> pd.DataFrame:
    """One set of 24 cell readings; a list gives one value a cell."""
    healthy: dict[str, object] = {
        "device_id": device_id,
        "timestamp_utc": at,
        "cell_no": list(range(1, 25)),
        "voltage_v": 2.27,
        "temperature_c": 22.0,
        "resistance_mohm": 0.20,
    }
    return pd.DataFrame(healthy | values)


def install(database: Database, sites: Iterable[Site], devices: Iterable[Device]) -> None:
    """Make sites and devices known."""
    with database.write() as connection:
        for one_site in sites:
            add_site(connection, one_site)
        for one_device in devices:
            add_device(connection, one_device)


def store(
    database: Database,
    frame: pd.DataFrame,
    devices: Iterable[Device],
    *,
    now: datetime = NOW,
    replace: bool = False,
) -> Ingested:
    """Take readings in as a gateway would."""
    with database.write() as connection:
        return ingest_readings(connection, frame, list(devices), source="test", now=now, replace=replace)


def store_cells(database: Database, frame: pd.DataFrame) -> None:
    """Take cell readings in."""
    with database.write() as connection:
        ingest_cells(connection, frame)
