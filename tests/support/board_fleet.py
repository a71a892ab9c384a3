"""A small fleet with something to see: one healthy string, one with a cell that falls behind, one that went silent."""

from datetime import timedelta

from tests.support import builders
from tools.analytics.alerts import evaluate_history
from tools.database import Database

WEAK_CELL = 7
SILENT_FOR = timedelta(hours=6)


def fill(database: Database) -> None:
    """Two sites, three devices, three days of readings, alerts judged."""
    north = builders.site("S01", "Northgate", region="North", latitude_deg=45.0, longitude_deg=5.0)
    harbor = builders.site("S02", "Harbor", region="South", latitude_deg=60.0, longitude_deg=25.0)
    devices = [builders.device("D01"), builders.device("D02"), builders.device("D03", "S02")]
    builders.install(database, [north, harbor], devices)
    # No sensor stands perfectly still.
    posts = [22.8 + 0.1 * (row % 5) for row in range(3 * 96)]
    builders.store(database, builders.readings("D01", days=3, cell_temperature_max_c=posts), devices)
    weak = builders.readings("D02", days=3, cell_voltage_min_v=2.10, cell_temperature_max_c=posts)
    builders.store(database, weak, devices)
    silent = builders.readings("D03", "S02", days=3, end=builders.NOW - SILENT_FOR, cell_temperature_c=25.0)
    builders.store(database, silent, devices)
    volts = [2.10 if number == WEAK_CELL else 2.28 for number in range(1, 25)]
    for hours in range(24):
        at = builders.NOW - timedelta(hours=hours)
        builders.store_cells(database, builders.cells("D01", at=at))
        builders.store_cells(database, builders.cells("D02", at=at, voltage_v=volts))
    evaluate_history(database)
