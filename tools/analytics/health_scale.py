"""The scale of health: indicators with their ramps, how serious each is, and how they make one score from 0 to 100.

Ramps, weights and caps are those of the team's domain notes, section 1.3: a weighted geometric mean, capped while
something major or critical stands.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from tools.analytics.group_health import BANDS, Band
from tools.quantity import Frozen, Quantity, Window
from tools.telemetry.fleet import Device

Grade = Literal["ok", "minor", "major", "critical"]
IndicatorName = Literal[
    "state of health", "ohmic rise", "cell deviation", "temperature rise", "float current", "data quality"
]
CAPS: Mapping[Grade, float] = {"critical": 40.0, "major": 65.0}


@dataclass(frozen=True)
class Indicator:
    """Weight, ramp (value -> sub-score, linear between the points) and the values at which it is graded."""

    weight: float
    unit: str
    ramp: tuple[tuple[float, float], ...]
    minor: float
    major: float
    critical: float | None = None


INDICATORS: Mapping[IndicatorName, Indicator] = {
    "state of health": Indicator(0.35, "%", ((60, 0), (80, 50), (100, 100)), minor=90, major=80),
    "ohmic rise": Indicator(0.20, "%", ((0, 100), (20, 75), (50, 30), (100, 0)), minor=20, major=30, critical=50),
    "cell deviation": Indicator(0.15, "mV", ((20, 100), (45, 75), (90, 40), (150, 0)), minor=45, major=90),
    "temperature rise": Indicator(0.15, "°C", ((1, 100), (3, 75), (5, 50), (10, 0)), minor=3, major=5, critical=10),
    "float current": Indicator(0.10, "", ((1, 100), (2, 60), (3, 30), (5, 0)), minor=2, major=3),
    "data quality": Indicator(0.05, "%", ((0, 0), (100, 100)), minor=95, major=-1),
}


def steps_of(name: IndicatorName) -> dict[Grade, float]:
    """From which values on an indicator is minor, major and critical, in its unit."""
    indicator = INDICATORS[name]
    steps: dict[Grade, float] = {"minor": indicator.minor, "major": indicator.major}
    return steps if indicator.critical is None else steps | {"critical": indicator.critical}


class Driver(Frozen):
    """One indicator: its value, the points it is worth from 0 to 100, and how serious that is."""

    name: IndicatorName
    measured: Quantity
    score: Quantity
    weight: float
    grade: Grade
    means: str


class Score(NamedTuple):
    """A score with its band, and which indicator holds it down."""

    score: float
    band: Band
    capped_by: str | None


def driver_of(
    device: Device, name: IndicatorName, value: float, window: Window, meaning: str, cell_no: int | None = None
) -> Driver:
    """The indicator with its points; `meaning` is a sentence with a place for the value."""
    indicator = INDICATORS[name]
    about = {"device_id": device.device_id, "site_id": device.site_id, "cell_no": cell_no, "window": window}
    at, worth = zip(*indicator.ramp, strict=True)
    points = float(np.interp(value, np.array(at, float), np.array(worth, float)))
    return Driver(
        name=name,
        measured=Quantity(value=round(value, 2), unit=indicator.unit, statistic="latest", field=name, **about),
        score=Quantity(value=round(points, 1), statistic="score", field=name, **about),
        weight=indicator.weight,
        grade=_grade(indicator, value),
        means=meaning.format(value),
    )


def _grade(indicator: Indicator, value: float) -> Grade:
    # On a falling scale (state of health, data quality) smaller is worse.
    sign = 1 if indicator.ramp[0][1] > indicator.ramp[-1][1] else -1
    if indicator.critical is not None and sign * value > sign * indicator.critical:
        return "critical"
    if sign * value > sign * indicator.major:
        return "major"
    return "minor" if sign * value > sign * indicator.minor else "ok"


def worst_first(drivers: Sequence[Driver]) -> list[Driver]:
    """Drivers by what they cost, critical ones in front."""
    return sorted(drivers, key=lambda driver: (driver.score.value or 0) - 100 * (driver.grade == "critical"))


def weigh(drivers: Sequence[Driver]) -> Score:
    """One score of at least one driver."""
    weight = sum(driver.weight for driver in drivers)
    # A sub-score of 0 would make the mean 0 whatever else is right; 1 keeps it comparable.
    logs = [driver.weight * math.log(max(driver.score.value or 0, 1.0)) for driver in drivers]
    score, capped_by = math.exp(sum(logs) / weight), None
    for grade, cap in CAPS.items():
        worst = [driver for driver in drivers if driver.grade == grade]
        if worst and score > cap:
            score, capped_by = cap, worst[0].name
    rounded = round(score, 1)
    return Score(rounded, next(band for floor, band in BANDS if rounded >= floor), capped_by)


def what_lowers(drivers: Sequence[Driver]) -> list[str]:
    """What is graded, in words, worst first; the weakest driver where nothing is."""
    graded = [driver.means for driver in drivers if driver.grade != "ok"]
    return graded or [driver.means for driver in drivers if (driver.score.value or 0) < 90][:1]
