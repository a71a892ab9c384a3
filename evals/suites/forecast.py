"""How good the forecasts are beside Naive and SeasonalNaive, and how often their 90 % band holds."""

import csv
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
from tqdm import tqdm

from evals.suites.questions import Metrics
from evals.varied_fleets import varied_database
from tools.analytics.even_series import Spacing, even_series
from tools.analytics.forecast_candidates import naive, seasonal_naive
from tools.analytics.good_rows import Array
from tools.analytics.rolling_origin import carry_on
from tools.database import Database
from tools.errors import NotEnoughDataError
from tools.quantity import Window
from tools.telemetry.store import ReadingStore

# Seeds 100 to 119 are for tuning.
SEED, DEVICES, DAYS = 7303, 8, 180
NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
BBOXX = Path("/work/shared/data/bboxx")
HOUR_FIELDS = ("cell_temperature_c", "ambient_temperature_c", "dc_load_current_a")
DAY_FIELDS = ("internal_resistance_mohm", "internal_resistance_max_mohm")
HOURS_KEPT = 30 * 24
COVERAGE = (0.85, 0.95)


@dataclass(frozen=True)
class Case:
    """One forecast: scaled errors of ours, Naive's and SeasonalNaive's, and the share inside the band."""

    ours: float
    naive: float
    seasonal: float
    inside: float


def measure(seed: int | None = None) -> Metrics:
    """Forecasts at several moments of 180-day histories, and of bboxx where it is there."""
    with varied_database(seed or SEED, DEVICES, DAYS, NOW) as database:
        found = simulated_cases(database)
    return score(found + bboxx_cases())


def simulated_cases(database: Database) -> list[Case | None]:
    """24 h of temperature and load at seven moments, 28 days of the ohmic values (health follows from them) at four."""
    store, found = ReadingStore(database), list[Case | None]()
    window = Window(start=NOW - timedelta(days=DAYS), end=NOW)
    for device in tqdm(store.fleet().devices, desc="forecast", leave=False):
        for field in HOUR_FIELDS:
            values = even_series(store, device, field, window, "hour").values
            found += [
                judged(values[:end][-HOURS_KEPT - 24 :], 24, 24, "hour") for end in _ends(len(values), 24 * 31, 7)
            ]
        for field in DAY_FIELDS:
            values = even_series(store, device, field, window, "day").values
            found += [judged(values[:end], 1, 28, "day") for end in _ends(len(values), 110, 4)]
    return found


def bboxx_cases() -> list[Case | None]:
    """The same on a real 12 V battery with ten days of data; too short a past is refused and counted."""
    found = list[Case | None]()
    for path in sorted(BBOXX.glob("*.csv")):
        with path.open(encoding="utf-8") as file:
            rows = pd.DataFrame(list(csv.DictReader(file)))
        times = pd.to_datetime(rows["time"], utc=True)
        for field in ("voltage", "temperature"):
            values = pd.Series(pd.to_numeric(rows[field], errors="coerce").to_numpy(), index=times).dropna()
            hourly = np.asarray(values.resample("1h").mean().interpolate(), dtype=np.float64)
            found += [judged(hourly[:end], 24, 24, "hour") for end in _ends(len(hourly), 120, 5)]
    return found


def _ends(length: int, first: int, count: int) -> list[int]:
    """Ends of the stretches judged, evenly spaced; the last steps of each are hidden from the forecast."""
    return [int(end) for end in np.linspace(first, length, count)] if length >= first else [length]


def judged(values: Array, season: int, steps: int, spacing: Spacing) -> Case | None:
    """The last steps of a series forecast from what lies before; None where that was refused."""
    past, came = values[:-steps], values[-steps:]
    try:
        ahead = carry_on(past, season, steps, f"{spacing}s")
    except NotEnoughDataError:
        return None
    # MASE: scaled by the seasonal naive error within the past (Hyndman and Koehler 2006).
    scale = float(np.abs(past[season:] - past[:-season]).mean())
    if scale <= 0:
        return None
    week = 7 if spacing == "day" else season

    def error(forecast: Array) -> float:
        return float(np.abs(came - forecast).mean()) / scale

    return Case(
        error(ahead.values),
        error(naive(past, season, steps)),
        error(seasonal_naive(past, week, steps)),
        float(((came >= ahead.low) & (came <= ahead.high)).mean()),
    )


def score(found: list[Case | None]) -> Metrics:
    """The figures of the suite."""
    cases = [case for case in found if case is not None]
    return {
        "cases": len(cases),
        "mase": round(float(np.mean([case.ours for case in cases])), 4),
        "mase_naive": round(float(np.mean([case.naive for case in cases])), 4),
        "mase_seasonal_naive": round(float(np.mean([case.seasonal for case in cases])), 4),
        "coverage_90": round(float(np.mean([case.inside for case in cases])), 3),
        "refused": len(found) - len(cases),
    }


def holds(metrics: Metrics) -> bool:
    """At least 200 forecasts, better than both naive ones on average, with an honest band."""
    return bool(
        metrics["cases"] >= 200
        and metrics["mase"] < min(metrics["mase_naive"], metrics["mase_seasonal_naive"])
        and COVERAGE[0] <= metrics["coverage_90"] <= COVERAGE[1]
    )
