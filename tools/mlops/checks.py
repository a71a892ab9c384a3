"""Checks of labelled weeks before anything is trained on them: schema, ranges, coverage, duplicates, leakage."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from tools.mlops.conditions import CONDITIONS
from tools.mlops.features import FEATURES, NAMES
from tools.mlops.weeks import LabelledWeek, feature_frame
from tools.quantity import Frozen

# A condition seen on fewer devices cannot be learned, nor be judged.
LEAST_DEVICES = 8
LEAST_HELD_OUT_DEVICES = 60
# A feature without values in more weeks than this is switched off, not measured.
MOST_MISSING = 0.9
# One feature alone that tells a condition from all others this well in both directions is the label in disguise.
_TELLTALE = 0.9999
_TELLTALE_CONDITIONS = 3


class DataCheck(Frozen):
    """One check: what was looked for, and what was found."""

    name: str
    passed: bool
    means: str


class DataReport(Frozen):
    """All checks of the weeks to learn from and of those held out."""

    checks: tuple[DataCheck, ...]

    @property
    def passed(self) -> bool:
        return all(check.passed for check in self.checks)


def check_weeks(learned: Sequence[LabelledWeek], held_out: Sequence[LabelledWeek]) -> DataReport:
    """Look at the weeks a model is to be trained and judged on."""
    weeks = [*learned, *held_out]
    return DataReport(
        checks=(
            _schema(weeks),
            _ranges(weeks),
            _coverage(learned, held_out),
            _missing(learned),
            _duplicates(weeks),
            _shared_sites(learned, held_out),
            _telltale(learned),
        )
    )


def _check(name: str, wrong: Sequence[str], fine: str) -> DataCheck:
    return DataCheck(name=name, passed=not wrong, means="; ".join(wrong[:5]) if wrong else fine)


def _schema(weeks: Sequence[LabelledWeek]) -> DataCheck:
    wrong = [
        f"{week.device_id} has {len(week.features)} features" for week in weeks if len(week.features) != len(NAMES)
    ]
    wrong += [f"{week.condition} is no condition" for week in weeks if week.condition not in CONDITIONS]
    return _check("schema", wrong, f"every week has its {len(NAMES)} features and a known condition")


def _ranges(weeks: Sequence[LabelledWeek]) -> DataCheck:
    wrong = [
        f"{feature.name} of {week.device_id} is {value:g}"
        for week in weeks
        for feature, value in zip(FEATURES, week.features, strict=False)
        if not np.isnan(value) and not feature.low <= value <= feature.high
    ]
    return _check("ranges", wrong, "every feature lies in what is physically possible")


def _coverage(learned: Sequence[LabelledWeek], held_out: Sequence[LabelledWeek]) -> DataCheck:
    devices = Counter(condition for _, condition in {(week.device_id, week.condition) for week in learned})
    wrong = [
        f"{condition} was seen on {devices[condition]} devices, {LEAST_DEVICES} are needed"
        for condition in CONDITIONS
        if devices[condition] < LEAST_DEVICES
    ]
    held = len({week.device_id for week in held_out})
    if held < LEAST_HELD_OUT_DEVICES:
        wrong.append(f"{held} devices are held out, {LEAST_HELD_OUT_DEVICES} are needed")
    unseen = set(CONDITIONS) - {week.condition for week in held_out}
    wrong += [f"no held-out week is {condition}" for condition in sorted(unseen)]
    return _check("coverage", wrong, "every condition is seen on enough devices, and enough devices are held out")


def _missing(learned: Sequence[LabelledWeek]) -> DataCheck:
    share = feature_frame(learned).isna().mean()
    wrong = [
        f"{name} has no value in {100 * part:.0f} % of the weeks"
        for name, part in share.items()
        if part > MOST_MISSING
    ]
    return _check("missing values", wrong, "no feature is missing almost everywhere")


def _duplicates(weeks: Sequence[LabelledWeek]) -> DataCheck:
    named = Counter((week.device_id, week.end) for week in weeks)
    wrong = [
        f"{device} is there {times} times at {end:%Y-%m-%d}" for (device, end), times in named.items() if times > 1
    ]
    same = Counter(week.features for week in weeks if not any(np.isnan(week.features)))
    wrong += [f"{times} weeks have exactly the same features" for times in same.values() if times > 1]
    return _check("duplicates", wrong, "no week is there twice")


def _shared_sites(learned: Sequence[LabelledWeek], held_out: Sequence[LabelledWeek]) -> DataCheck:
    shared = sorted({week.site_id for week in learned} & {week.site_id for week in held_out})
    return _check(
        "leakage by site",
        [f"{site} is on both sides" for site in shared],
        "no site is both learned from and held out",
    )


def _telltale(learned: Sequence[LabelledWeek]) -> DataCheck:
    """A feature that tells many conditions apart all alone: none of ours measures more than one thing."""
    frame = feature_frame(learned)
    labels = np.array([week.condition for week in learned])
    wrong = []
    for name in NAMES:
        values = frame[name].to_numpy()
        known = ~np.isnan(values)
        told = sum(
            _separation(values[known], labels[known] == condition) >= _TELLTALE for condition in sorted(set(labels))
        )
        if told >= _TELLTALE_CONDITIONS:
            wrong.append(f"{name} alone tells {told} conditions apart")
    return _check("leakage by feature", wrong, "no feature is the label in disguise")


def _separation(values: np.ndarray, is_it: np.ndarray) -> float:
    """Area under the curve of one feature for one condition, whichever way round; 0.5 where it cannot be told."""
    if is_it.sum() < 3 or (~is_it).sum() < 3:
        return 0.5
    from scipy.stats import rankdata  # noqa: PLC0415  slow to load

    ranks = rankdata(values)
    area = (ranks[is_it].sum() - is_it.sum() * (is_it.sum() + 1) / 2) / (is_it.sum() * (~is_it).sum())
    return float(max(area, 1 - area))
