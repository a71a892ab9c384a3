"""Says of each row of readings why it cannot be true, or that it can: hard ranges, choices, times."""

from datetime import timedelta

import numpy as np
import pandas as pd

from tools.telemetry.fields import FieldFacts, all_fields
from tools.telemetry.fleet import Device

# A device clock may run ahead of the gateway by this much (domain conventions); more is a clock fault.
CLOCK_SKEW = timedelta(seconds=5)
# A row this far ahead of now is not a reading; it would also pose as the latest one for ever.
FUTURE = timedelta(hours=1)


def reject_reasons(frame: pd.DataFrame, devices: dict[str, Device], now: pd.Timestamp) -> pd.Series:
    """Why each row is rejected, "" where it is not.

    Args:
        frame: columns named after fields of a reading, times in UTC.
        devices: the known devices by id.
        now: rows later than an hour from now are rejected.
    """
    reasons = pd.Series("", index=frame.index, dtype=object)
    _reject(reasons, frame["timestamp_utc"].isna(), "no readable time")
    _reject(reasons, ~frame["device_id"].isin(list(devices)), "unknown device")
    _reject(reasons, frame["timestamp_utc"] > now + FUTURE, "time is in the future")
    if "received_utc" in frame:
        early = frame["received_utc"] < frame["timestamp_utc"] - CLOCK_SKEW
        _reject(reasons, early.fillna(False).astype(bool), "received before it was sampled")
    for facts in all_fields().values():
        if facts.name in frame:
            _reject_field(reasons, frame, facts, devices)
    return reasons


def _reject(reasons: pd.Series, is_bad: pd.Series, reason: str) -> None:
    reasons[is_bad & (reasons == "")] = reason


def _reject_field(reasons: pd.Series, frame: pd.DataFrame, facts: FieldFacts, devices: dict[str, Device]) -> None:
    values = frame[facts.name]
    if facts.choices:
        unknown = values.notna() & ~values.isin(facts.choices)
        _reject(reasons, unknown, f"{facts.name} is none of {', '.join(facts.choices)}")
    if not facts.is_numeric:
        return
    numbers = pd.to_numeric(values).astype(float)
    _reject(reasons, pd.Series(np.isinf(numbers), index=frame.index), f"{facts.name} is infinite")
    low, high = facts.hard
    scale = _scale(frame, facts, devices)
    if low is not None:
        # A floor of 0 stays 0 where the capacity, and so the scale, is not known.
        floor = low * scale if facts.per_hard == "ah" and low else low
        _reject(reasons, numbers < floor, f"{facts.name} is below its hard range")
    if high is not None:
        _reject(reasons, numbers > high * scale, f"{facts.name} is above its hard range")


def _scale(frame: pd.DataFrame, facts: FieldFacts, devices: dict[str, Device]) -> pd.Series:
    """What a hard range is multiplied by, per row; infinite where the device does not say."""
    if facts.per_hard is None:
        return pd.Series(1.0, index=frame.index)
    by_device = {
        name: float(device.cell_count) if facts.per_hard == "cell" else device.rated_capacity_ah or np.inf
        for name, device in devices.items()
    }
    return frame["device_id"].map(by_device).astype(float)
