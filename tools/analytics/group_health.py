"""Health of a site or of the fleet, made of the scores of its devices, with the weakest one named."""

import math
from collections.abc import Sequence
from typing import Literal, Protocol

from tools.quantity import Frozen, Quantity

Band = Literal["healthy", "watch", "plan", "act", "unknown"]
# As for a device (domain notes 1.3): with less known than this a score would be a guess.
KNOWN_ENOUGH = 0.8
# One string that needs action is a major matter for its group, however good the others are.
CAP_WITH_ACT = 65.0
BANDS: tuple[tuple[float, Band], ...] = ((85, "healthy"), (70, "watch"), (50, "plan"), (0, "act"))


class Scored(Protocol):
    """What a group needs of the health of a device."""

    @property
    def device_id(self) -> str: ...
    @property
    def score(self) -> Quantity: ...
    @property
    def why(self) -> str: ...


class GroupHealth(Frozen):
    """The score of several devices; `site_id` None is the fleet. No score where too few devices have one."""

    site_id: str | None = None
    score: Quantity
    band: Band
    weakest: str | None = None
    why: str
    devices: tuple[str, ...]
    unknown: tuple[str, ...]


def score_group(site_id: str | None, devices: Sequence[Scored]) -> GroupHealth:
    """Geometric mean of the devices' scores from 0 to 100, capped at 65 while one of them is below 50."""
    known = {one.device_id: one.score.value for one in devices if one.score.value is not None}
    unknown = tuple(one.device_id for one in devices if one.device_id not in known)
    score: float | None = None
    band: Band = "unknown"
    if devices and len(known) >= KNOWN_ENOUGH * len(devices):
        score = math.exp(sum(math.log(max(value, 1.0)) for value in known.values()) / len(known))
        if min(known.values()) < 50:
            score = min(score, CAP_WITH_ACT)
        score = round(score, 1)
        band = next(name for floor, name in BANDS if score >= floor)
    weakest = min(known, key=lambda device_id: known[device_id]) if known else None
    why = next(
        (f"{one.device_id}: {one.why}" for one in devices if one.device_id == weakest), "no device has a score"
    )
    return GroupHealth(
        site_id=site_id,
        score=Quantity(value=score, statistic="score", field="health", site_id=site_id, rows=len(known)),
        band=band,
        weakest=weakest,
        why=why,
        devices=tuple(one.device_id for one in devices),
        unknown=unknown,
    )
