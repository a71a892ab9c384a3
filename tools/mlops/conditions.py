"""The conditions a device can be in, and which anomaly of the rules speaks for which condition."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Literal, get_args

from tools.analytics.anomalies import Anomaly
from tools.analytics.anomaly_kinds import AnomalyKind, Party

Condition = Literal["healthy", "dry_out", "short", "joint", "thermal", "charger", "sensor", "communication"]
CONDITIONS: tuple[Condition, ...] = get_args(Condition)
HEALTHY: Condition = "healthy"

MEANS: Mapping[Condition, str] = {
    "healthy": "nothing is wrong",
    "dry_out": "a cell dries out",
    "short": "a cell is shorted or begins to be",
    "joint": "a connection is loose or corroded",
    "thermal": "the string or its room is too hot",
    "charger": "the charger or its supply is out of order",
    "sensor": "a sensor reads wrong",
    "communication": "the monitor or its clock cannot be relied on",
}

CONDITION_OF: Mapping[AnomalyKind, Condition] = {
    "dry_out": "dry_out",
    "soft_short": "short",
    "hard_short": "short",
    "high_resistance_joint": "joint",
    "thermal_runaway": "thermal",
    "hvac_failure": "thermal",
    "hot_post": "thermal",
    "charger_over_voltage": "charger",
    "charger_under_voltage": "charger",
    "rectifier_modules_lost": "charger",
    "ripple": "charger",
    "fuse_open": "charger",
    "wrong_temperature_compensation": "charger",
    "phase_loss": "charger",
    "sensor_stuck": "sensor",
    "sensor_drift": "sensor",
    "sensor_spike": "sensor",
    "sensor_offset": "sensor",
    "comms_loss": "communication",
    "clock_skew": "communication",
    # A drifting cell without a higher ohmic value leaks more often than it dries.
    "weak_cell": "short",
}
# What is only unusual is told by whose measurement was furthest out.
_CONDITION_OF_PARTY: Mapping[Party, Condition] = {
    "battery": "thermal",
    "sensor": "sensor",
    "charger": "charger",
    "communication": "communication",
    "site": "thermal",
}


def condition_by_rules(found: Iterable[Anomaly], since: datetime) -> Condition:
    """What the anomaly rules say of a device: its strongest finding that still stood after `since`."""
    standing = [one for one in found if one.until is None or one.until >= since]
    if not standing:
        return HEALTHY
    strongest = max(standing, key=lambda one: one.strength.value or 0)
    return CONDITION_OF.get(strongest.kind) or _CONDITION_OF_PARTY[strongest.party]
