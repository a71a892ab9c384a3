"""How figures, times and windows are written in an answer: digits by unit, times in the asker's zone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from tools.quantity import Quantity, Window
from tools.telemetry.fields import all_fields

_DIGITS = {
    "mA": 0, "mV": 0, "°C": 1, "%": 1, "mΩ": 3, "Ah": 1, "min": 0, "Hz": 2, "kW": 2, "years": 1, "s": 0, "°": 4,
    "rows": 0, "modules": 0,
}  # fmt: skip
_CELL_VOLTAGES = ("cell_voltage_v", "cell_voltage_min_v", "cell_voltage_max_v", "voltage_v")
_EVENT_NAMES = {
    "outage": ("mains outage", "mains outages"),
    "discharge": ("discharge", "discharges"),
    "deep_discharge": ("deep discharge", "deep discharges"),
    "boost": ("boost charge", "boost charges"),
}


@dataclass(frozen=True)
class Voice:
    """The zone answers speak in, the present they were made at, and whether °F was asked for."""

    time_zone: str
    now: datetime
    in_fahrenheit: bool = False

    def moment(self, at: datetime) -> str:
        """A time with its zone, for example "30 Mar 14:05 UTC"."""
        return f"{self.clock(at)} {self.zone(at)}"

    def clock(self, at: datetime) -> str:
        """A time without its zone; the year only where it is not this one."""
        local = at.astimezone(ZoneInfo(self.time_zone))
        year = "" if local.year == self.now.astimezone(ZoneInfo(self.time_zone)).year else f" {local.year}"
        return f"{local.day} {local:%b}{year} {local:%H:%M}"

    def zone(self, at: datetime) -> str:
        return at.astimezone(ZoneInfo(self.time_zone)).strftime("%Z")

    def window(self, window: Window) -> str:
        """A window in words, with its zone."""
        start, end = (moment.astimezone(ZoneInfo(self.time_zone)) for moment in (window.start, window.end))
        is_whole_day = start.time() == end.time() == datetime.min.time() and (end - start) < timedelta(hours=26)
        if is_whole_day:
            return f"on {start.day} {start:%b}{self._year(start)} ({self.zone(window.start)})"
        if window.end == self.now and timedelta(hours=23) < window.length < timedelta(hours=25):
            return f"over the last 24 hours (to {self.moment(window.end)})"
        if start.date() == end.date():
            return f"on {start.day} {start:%b}{self._year(start)} from {start:%H:%M} to {end:%H:%M} {self.zone(window.end)}"
        return f"from {self.clock(window.start)} to {self.moment(window.end)}"

    def _year(self, local: datetime) -> str:
        return "" if local.year == self.now.year else f" {local.year}"


def figure(quantity: Quantity) -> str:
    """A figure with its unit, or "no data"."""
    if quantity.value is None:
        return quantity.text.replace("_", " ") if quantity.text is not None else "no data"
    if quantity.statistic == "score":
        return f"{quantity.value:.0f}"
    number = digits(quantity.value, quantity.unit, quantity.field)
    return f"{number} {quantity.unit}".strip()


def digits(value: float, unit: str, field: str | None = None) -> str:
    """A number with as many digits as its unit deserves."""
    places = _places(value, unit, field)
    text = f"{value:.{places}f}"
    return text.removeprefix("-") if float(text) == 0 else text


def _places(value: float, unit: str, field: str | None) -> int:
    if unit == "V":
        return 3 if field in _CELL_VOLTAGES else 2
    if unit == "A":
        return 2 if abs(value) < 10 else 1
    if unit == "h":
        return 2 if abs(value) < 10 else 1
    if unit == "":
        return 0 if float(value).is_integer() else 2
    return _DIGITS.get(unit, 2)


def bold(text: str) -> str:
    return f"**{text}**"


def label(field: str | None) -> str:
    """What a field is called."""
    facts = all_fields().get(field or "")
    return facts.label if facts else (field or "").replace("_", " ")


def capital(text: str) -> str:
    """The first letter large, the rest as it is."""
    return text[:1].upper() + text[1:]


def listed(names: Sequence[str]) -> str:
    """ "A, B and C"."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else ""


def event_name(kind: str, count: float = 1) -> str:
    """What an event is called, one or many."""
    return _EVENT_NAMES[kind][count != 1]


def sentences(*parts: str | None) -> str:
    """Join the parts that there are with spaces; after a list the next part begins a paragraph."""
    text = ""
    for part in parts:
        if part:
            text += part if not text or text.endswith("\n") else f" {part}"
    return text
