"""Tests of behaviour: what a model must know at least, what must not change its mind, and what must push it where."""

from collections.abc import Sequence

import numpy as np

from tools.mlops.candidates import Classifier
from tools.mlops.conditions import CONDITIONS, HEALTHY, Condition
from tools.mlops.features import EVIDENCE, NAMES
from tools.mlops.training import probabilities_of
from tools.mlops.weeks import LabelledWeek, feature_frame
from tools.quantity import Frozen

# A case this many times beyond the limit is beyond doubt to a person who looks at the data.
CLEAR = 2.0
LEAST_KNOWN = 0.8
MOST_CHANGED = 0.05
LEAST_PUSHED = 0.9
# A hundredth of a feature's usual scatter is what a sensor's last digit does.
NOISE_SHARE = 0.01
BASELINES = ("ohmic_rise_pct", "joint_rise_pct")


class BehaviourTest(Frozen):
    """One test: the share of weeks that behaved as they should (or changed), and what is asked for."""

    name: str
    passed: bool
    share: float | None
    wanted: float
    weeks: int
    means: str


def behaviour_tests(model: Classifier, weeks: Sequence[LabelledWeek], seed: int) -> tuple[BehaviourTest, ...]:
    """All tests of a model on held-out weeks."""
    features = feature_frame(weeks).to_numpy()
    truth = np.array([week.condition for week in weeks])
    is_clear = np.array([_is_clear(week) for week in weeks])
    before = probabilities_of(model, features)
    found = [_knows(condition, before, truth, is_clear) for condition in CONDITIONS]
    found.append(_unmoved("noise of the last digit", _noisy(features, seed), model, before))
    found.append(_unmoved("no values from commissioning", _without(features, BASELINES), model, before))
    found += [
        _pushed(condition, model, features, truth, is_clear, before)
        for condition in CONDITIONS
        if condition != HEALTHY
    ]
    return tuple(found)


def _is_clear(week: LabelledWeek) -> bool:
    return week.condition != HEALTHY and week.features[NAMES.index(EVIDENCE[week.condition].name)] >= CLEAR


def _test(
    name: str, share: float | None, wanted: float, weeks: int, means: str, *, at_most: bool = False
) -> BehaviourTest:
    passed = share is not None and (share <= wanted if at_most else share >= wanted)
    rounded = None if share is None else round(share, 4)
    return BehaviourTest(name=name, passed=passed, share=rounded, wanted=wanted, weeks=weeks, means=means)


def _knows(condition: Condition, before: np.ndarray, truth: np.ndarray, is_clear: np.ndarray) -> BehaviourTest:
    """Minimum functionality: clear cases are recognised."""
    mine = truth == condition if condition == HEALTHY else (truth == condition) & is_clear
    said = before[mine].argmax(axis=1) == CONDITIONS.index(condition)
    return _test(
        f"knows {condition}",
        float(said.mean()) if len(said) else None,
        LEAST_KNOWN,
        len(said),
        "share of clear cases that are recognised",
    )


def _unmoved(name: str, changed: np.ndarray, model: Classifier, before: np.ndarray) -> BehaviourTest:
    """Invariance: what says nothing about the condition changes nothing."""
    after = probabilities_of(model, changed)
    share = float((after.argmax(axis=1) != before.argmax(axis=1)).mean())
    return _test(
        f"unmoved by {name}", share, MOST_CHANGED, len(after), "share of weeks judged otherwise", at_most=True
    )


def _noisy(features: np.ndarray, seed: int) -> np.ndarray:
    # The middle of the weeks, so that faults do not blow up the scatter.
    low, high = np.nanpercentile(features, [16, 84], axis=0)
    noise = np.random.default_rng(seed).normal(size=features.shape)
    changed: np.ndarray = features + NOISE_SHARE * (high - low) / 2 * noise
    return changed


def _without(features: np.ndarray, names: Sequence[str]) -> np.ndarray:
    changed = features.copy()
    changed[:, [NAMES.index(name) for name in names]] = np.nan
    return changed


def _pushed(
    condition: Condition,
    model: Classifier,
    features: np.ndarray,
    truth: np.ndarray,
    is_clear: np.ndarray,
    before: np.ndarray,
) -> BehaviourTest:
    """Direction: healthy weeks that are given the signs of a condition become likelier to have it."""
    evidence = EVIDENCE[condition]
    places = [NAMES.index(name) for name in (*evidence.parts, evidence.name)]
    clear, healthy = features[(truth == condition) & is_clear][:, places], truth == HEALTHY
    name, means = f"pushed towards {condition}", "share of healthy weeks in which its signs make it likelier"
    if not len(clear) or not healthy.any():
        return _test(name, None, LEAST_PUSHED, 0, means)
    changed = features[healthy].copy()
    # A real clear case each, in turn: a median over several kinds of fault would be no fault at all.
    changed[:, places] = clear[np.arange(len(changed)) % len(clear)]
    column = CONDITIONS.index(condition)
    after = probabilities_of(model, changed)[:, column]
    share = float((after > before[healthy][:, column]).mean())
    return _test(name, share, LEAST_PUSHED, len(changed), means)
