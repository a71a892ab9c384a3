"""A site is as its devices are: the weakest is named, and too many unknown ones leave no score."""

from dataclasses import dataclass

from tools.analytics.group_health import GroupHealth, score_group
from tools.quantity import Quantity


@dataclass(frozen=True)
class Judged:
    device_id: str
    score: Quantity
    why: str = "a cell lags"


def group(**scores: float | None) -> GroupHealth:
    return score_group(
        "S01", [Judged(name, Quantity(value=value, statistic="score")) for name, value in scores.items()]
    )


def test_a_site_of_sound_devices_is_healthy() -> None:
    assert group(D01=95.0, D02=90.0).band == "healthy"


def test_one_string_that_needs_action_caps_its_site_and_is_named() -> None:
    found = group(D01=100.0, D02=100.0, D03=45.0)
    assert (found.score.value, found.weakest, found.why) == (65.0, "D03", "D03: a cell lags")


def test_a_site_with_too_many_unknown_devices_has_no_score() -> None:
    found = group(D01=95.0, D02=None)
    assert (found.score.value, found.band, found.unknown) == (None, "unknown", ("D02",))
