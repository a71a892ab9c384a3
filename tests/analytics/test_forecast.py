"""A forecast beats guessing on what repeats, knows its own error, and refuses on too little data."""

import numpy as np
import pytest

from tests.support.builders import NOW, device, install, readings, site, store
from tools.analytics.forecast import ForecastReport, forecast
from tools.analytics.rolling_origin import LEAST_WINDOWS, carry_on
from tools.database import Database
from tools.errors import BadArgumentError, NotEnoughDataError
from tools.telemetry.store import ReadingStore

D01 = device()
DAY = np.sin(2 * np.pi * np.arange(24) / 24)


def temperature_forecast(database: Database, days: float, limit: float | None = None) -> ForecastReport:
    swing = np.resize(np.repeat(25 + 3 * DAY, 4), int(days * 96))
    install(database, [site()], [D01])
    store(database, readings(days=days, cell_temperature_c=list(swing)), [D01])
    return forecast(ReadingStore(database), [D01], "cell_temperature_c", NOW, limit=limit)


def test_a_daily_swing_is_carried_on(database: Database) -> None:
    found = temperature_forecast(database, days=10).devices[0]
    assert found.highest.value == pytest.approx(28, abs=0.5)


def test_it_says_when_a_limit_is_reached(database: Database) -> None:
    found = temperature_forecast(database, days=10, limit=27.0).devices[0]
    assert found.limit is not None
    assert 0 < (found.limit.likely.value or 0) <= 24


def test_a_limit_out_of_reach_has_no_time(database: Database) -> None:
    found = temperature_forecast(database, days=10, limit=45.0).devices[0]
    assert found.limit is not None
    assert found.limit.likely.value is None


def test_two_days_are_too_few_for_a_day_ahead(database: Database) -> None:
    with pytest.raises(NotEnoughDataError, match="needs"):
        temperature_forecast(database, days=2)


def test_a_month_ahead_of_temperature_is_refused(database: Database) -> None:
    with pytest.raises(BadArgumentError):
        forecast(ReadingStore(database), [D01], "cell_temperature_c", NOW, horizon_hours=720)


def test_the_choice_rests_on_at_least_twenty_windows() -> None:
    noise = np.random.default_rng(3).normal(0, 0.2, 400)
    ahead = carry_on(20 + np.resize(DAY, 400) + noise, 24, 24, "hours")
    assert ahead.windows >= LEAST_WINDOWS
    assert ahead.errors[ahead.candidate] < ahead.errors["naive"]


def test_the_band_of_noise_covers_about_what_it_says() -> None:
    noise = np.random.default_rng(4).normal(0, 1, 600)
    assert carry_on(noise, 1, 5, "days").coverage == pytest.approx(0.9, abs=0.06)
