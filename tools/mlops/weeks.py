"""Labelled device-weeks: features, condition, and what a slice may be cut by. Whoever knows the labels hands them in."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd

from tools.mlops.conditions import Condition
from tools.mlops.features import NAMES


@dataclass(frozen=True)
class LabelledWeek:
    """One device-week with its condition. `kind` and `strength` say more of what was wrong, where that is known."""

    device_id: str
    site_id: str
    end: datetime
    condition: Condition
    features: tuple[float, ...]
    battery_model: str | None = None
    age_years: float | None = None
    kind: str | None = None
    strength: float | None = None
    # What the rules of the analytics say of the same week, where they were asked.
    by_rules: Condition | None = None


def feature_frame(weeks: Sequence[LabelledWeek]) -> pd.DataFrame:
    """The features as a table, one row a week, in the declared order."""
    return pd.DataFrame(np.array([week.features for week in weeks], dtype=float), columns=list(NAMES))


def fingerprint(weeks: Sequence[LabelledWeek]) -> str:
    """A hash of the features, labels, devices and times: another figure or order is other data."""
    digest = hashlib.sha256(",".join(NAMES).encode())
    for week in weeks:
        digest.update(f"{week.device_id}|{week.end.isoformat()}|{week.condition}|".encode())
        # Ten digits, so that the last bits of another processor make no other data.
        digest.update(",".join(f"{value:.10g}" for value in week.features).encode())
    return digest.hexdigest()[:16]
