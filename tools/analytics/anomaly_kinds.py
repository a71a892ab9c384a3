"""What an anomaly can be, whose fault it is, and how one says so."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Party = Literal["battery", "sensor", "charger", "communication", "site"]
Layer = Literal["rules", "residuals", "charts", "multivariate"]
AnomalyKind = Literal[
    "dry_out", "soft_short", "hard_short", "high_resistance_joint", "thermal_runaway", "charger_over_voltage",
    "charger_under_voltage", "rectifier_modules_lost", "hvac_failure", "sensor_stuck", "sensor_drift",
    "sensor_spike", "sensor_offset", "comms_loss", "phase_loss", "ripple", "fuse_open",
    "wrong_temperature_compensation", "clock_skew", "hot_post", "weak_cell", "unusual",
]  # fmt: skip


@dataclass(frozen=True)
class Kind:
    """Words and blame of one kind of anomaly. `hides` are kinds that merely follow from it."""

    means: str
    party: Party
    hides: frozenset[AnomalyKind] = frozenset()


@dataclass(frozen=True)
class Sign:
    """One layer saw something on one device (and cell) from `start` to `end`; `strength` is 1 at its limit."""

    kind: AnomalyKind
    layer: Layer
    start: datetime
    end: datetime
    strength: float
    value: float
    unit: str
    field: str
    cell_no: int | None = None


def _hides(*kinds: AnomalyKind) -> frozenset[AnomalyKind]:
    return frozenset(kinds)


KINDS: dict[AnomalyKind, Kind] = {
    "thermal_runaway": Kind(
        "float current and temperature rise together and feed each other: thermal runaway",
        "battery",
        _hides(
            "hvac_failure",
            "charger_over_voltage",
            "charger_under_voltage",
            "wrong_temperature_compensation",
            "hot_post",
            "weak_cell",
            "dry_out",
            "soft_short",
            "ripple",
            "sensor_drift",
            "sensor_offset",
            "sensor_stuck",
        ),
    ),
    "hard_short": Kind(
        "the cell has no voltage left: a shorted cell",
        "battery",
        _hides("soft_short", "dry_out", "weak_cell", "hot_post", "thermal_runaway", "high_resistance_joint"),
    ),
    "fuse_open": Kind(
        "the string is cut off from the charger: an open fuse or breaker",
        "charger",
        _hides(
            "charger_under_voltage",
            "charger_over_voltage",
            "weak_cell",
            "sensor_offset",
            "ripple",
            "dry_out",
            "wrong_temperature_compensation",
            "soft_short",
            "thermal_runaway",
        ),
    ),
    "soft_short": Kind(
        "the cell leaks its charge away: a beginning short",
        "battery",
        _hides("dry_out", "weak_cell", "hot_post", "high_resistance_joint"),
    ),
    "high_resistance_joint": Kind(
        "a connection has a high resistance: loose or corroded", "battery", _hides("dry_out", "weak_cell", "hot_post")
    ),
    "dry_out": Kind(
        "the cell's ohmic value rises against its own past: it dries out", "battery", _hides("weak_cell", "hot_post")
    ),
    "weak_cell": Kind("the cell drifts away from its string on float", "battery"),
    "hot_post": Kind("a post is hotter over the room than it used to be", "battery"),
    "hvac_failure": Kind("the room is much warmer than it used to be: cooling", "site", _hides("hot_post")),
    "wrong_temperature_compensation": Kind(
        "the charger does not lower its voltage with the temperature as it should",
        "charger",
        _hides("charger_over_voltage", "charger_under_voltage"),
    ),
    "charger_over_voltage": Kind(
        # More current at a higher voltage warms the cells.
        "the charger's set point is too high for the temperature",
        "charger",
        _hides("hot_post"),
    ),
    "charger_under_voltage": Kind("the charger's set point is too low for the temperature", "charger"),
    "rectifier_modules_lost": Kind("rectifier modules have failed", "charger"),
    "ripple": Kind("the charger's ripple has grown: filter capacitor", "charger"),
    "phase_loss": Kind("one phase of the mains is missing", "site"),
    "sensor_stuck": Kind(
        "the string's temperature reading stands still while the posts move", "sensor", _hides("sensor_drift")
    ),
    "sensor_drift": Kind("the string's temperature reading drifts away from its posts", "sensor"),
    "sensor_spike": Kind("the string voltage jumps where the cells do not", "sensor"),
    "sensor_offset": Kind("the string current reading has shifted against the float clamp", "sensor"),
    "comms_loss": Kind("the monitor was not heard, or repeated old values", "communication"),
    "clock_skew": Kind("the monitor's clock is off", "communication"),
    "unusual": Kind("the measurements together have left what was normal for this device", "battery"),
}
