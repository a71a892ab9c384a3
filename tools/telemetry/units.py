"""Turns values in the units that files carry into the units of our fields: mV to V, °F to °C, h to min."""

import re
from dataclasses import dataclass
from fractions import Fraction

import pandas as pd

# Our unit: what others write for it or for a relative of it, and what one of theirs is in ours.
_SCALES: dict[str, dict[str, Fraction]] = {
    "V": {
        "v volt volts vdc vac vrms": Fraction(1),
        "mv millivolt millivolts": Fraction(1, 1000),
        "kv": Fraction(1000),
    },
    "mV": {"mv millivolt millivolts": Fraction(1), "v volt volts": Fraction(1000)},
    "A": {
        "a amp amps ampere amperes adc aac arms": Fraction(1),
        "ma milliamp milliamps milliampere": Fraction(1, 1000),
        "ka": Fraction(1000),
    },
    "mA": {
        "ma milliamp milliamps milliampere": Fraction(1),
        "a amp amps ampere amperes": Fraction(1000),
        "ua µa": Fraction(1, 1000),
    },
    "°C": {
        "°c c degc celsius ℃": Fraction(1),
        "k kelvin °k degk": Fraction(1),
        "°f f degf fahrenheit ℉": Fraction(5, 9),
    },
    "%": {
        "% pct percent percentage": Fraction(1),
        "fraction ratio 0-1 0..1 pu p.u. unity": Fraction(100),
        "‰ permille": Fraction(1, 10),
    },
    "mΩ": {
        "mω mohm mohms milliohm milliohms": Fraction(1),
        "ω ohm ohms": Fraction(1000),
        "µω uω uohm µohm microohm": Fraction(1, 1000),
    },
    "Ah": {"ah amp-hours amphours": Fraction(1), "mah": Fraction(1, 1000)},
    "min": {
        "min mins minute minutes": Fraction(1),
        "s sec second seconds": Fraction(1, 60),
        "h hr hrs hour hours": Fraction(60),
    },
    "s": {
        "s sec second seconds": Fraction(1),
        "ms millisecond milliseconds": Fraction(1, 1000),
        "min mins minute minutes": Fraction(60),
        "h hr hrs hour hours": Fraction(3600),
    },
    "Hz": {"hz hertz": Fraction(1)},
    "kW": {"kw kilowatt kilowatts": Fraction(1), "w watt watts": Fraction(1, 1000)},
}
# Added before scaling: the zero points of Kelvin and Fahrenheit on the way to °C.
_SHIFTS = {("°C", "k"): -273.15, ("°C", "°f"): -32.0}
_TENTHS = re.compile(r"(\d*\.?\d+)\s*\*?\s*([^\d\s.].*)")


@dataclass(frozen=True)
class Conversion:
    """How values of one unit become values of another: shifted first, then scaled."""

    origin: str
    target: str
    shift: float
    scale: Fraction

    @property
    def is_identity(self) -> bool:
        return self.shift == 0 and self.scale == 1

    def apply(self, values: pd.Series) -> pd.Series:
        """The values in the target unit; values already in it stay as they are, to the last bit."""
        if self.is_identity:
            return values
        return (values + self.shift) * self.scale.numerator / self.scale.denominator

    def __str__(self) -> str:
        return f"in {self.target}" if self.is_identity else f"from {self.origin} to {self.target}"


def conversion(origin: str, target: str) -> Conversion | None:
    """How a unit as a file writes it becomes our unit; None where it is none of that dimension.

    Args:
        origin: for example "mV", "°F", "0.1 V" or "fraction".
        target: the unit of a field, for example "V".
    """
    spelled = _spelled(origin)
    for spellings, scale in _SCALES.get(target, {}).items():
        known = spellings.split()
        if spelled in known:
            return Conversion(origin.strip(), target, _SHIFTS.get((target, known[0]), 0.0), scale)
    tenths = _TENTHS.fullmatch(spelled)
    whole = conversion(tenths.group(2), target) if tenths else None
    if tenths is None or whole is None or whole.shift:
        return None
    return Conversion(origin.strip(), target, 0.0, whole.scale * Fraction(tenths.group(1)))


def known_units(target: str) -> list[str]:
    """One spelling of each unit that can become this one."""
    return [spellings.split()[0] for spellings in _SCALES.get(target, {})]


def _spelled(unit: str) -> str:
    plain = unit.strip().lower().replace("º", "°").replace("˚", "°").replace("μ", "µ")
    return (
        re.sub(r"\b(deg|degrees?)[\s.]*(?=[cfk]\b|celsius|fahrenheit)", "°", plain)
        .replace("°celsius", "°c")
        .replace("°fahrenheit", "°f")
        .replace("° ", "°")
    )
