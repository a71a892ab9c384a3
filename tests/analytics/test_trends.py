"""A trend is called rising or falling only where chance does not explain it."""

from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from tests.support.builders import NOW, device, install, readings, site, store
from tools.analytics.efficiency import find_efficiency
from tools.analytics.trends import DeviceTrend, field_trend
from tools.database import Database
from tools.errors import BadArgumentError, NotEnoughDataError
from tools.quantity import Window
from tools.telemetry.store import ReadingStore

D01 = device()


def trend(database: Database, slope_per_day: float, noise: float, days: int = 20) -> DeviceTrend:
    count = days * 96
    values = 22 + slope_per_day * np.arange(count) / 96 + np.random.default_rng(1).normal(0, noise, count)
    install(database, [site()], [D01])
    store(database, readings(days=days, cell_temperature_c=list(values.round(3))), [D01])
    return field_trend(ReadingStore(database), [D01], "cell_temperature_c", window(days)).devices[0]


def window(days: float) -> Window:
    return Window(start=NOW - timedelta(days=days), end=NOW + timedelta(minutes=1))


def test_a_steady_climb_is_rising_at_its_rate(database: Database) -> None:
    found = trend(database, 0.1, 0.2)
    assert found.direction == "rising"
    assert found.per_week.value == pytest.approx(0.7, abs=0.1)


def test_noise_is_steady(database: Database) -> None:
    assert trend(database, 0.0, 1.0).direction == "steady"


def test_an_hour_is_too_short_for_a_trend(database: Database) -> None:
    install(database, [site()], [D01])
    store(database, readings(days=1), [D01])
    with pytest.raises(NotEnoughDataError):
        field_trend(ReadingStore(database), [D01], "cell_temperature_c", window(1 / 24))


def test_a_state_has_no_trend(database: Database) -> None:
    with pytest.raises(BadArgumentError):
        field_trend(ReadingStore(database), [D01], "mains_state", window(1))


def test_charger_efficiency_is_direct_over_alternating_energy(database: Database) -> None:
    install(database, [site()], [D01])
    power: dict[str, Any] = {
        "rectifier_voltage_v": 54.0,
        "rectifier_current_a": 40.0,
        "ac_power_kw": 54.0 * 40.0 / 950,
    }
    store(database, readings(days=2, **power), [D01])
    found = find_efficiency(ReadingStore(database), [D01], window(2)).devices[0]
    assert found.charger.value == pytest.approx(95, abs=0.2)
    assert found.charge.value is None
