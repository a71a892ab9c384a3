"""How good a model is, always from stored predictions: macro F1, classes, calibration, slices, and one against another.

Intervals are 95 %, by a bootstrap over devices, since weeks of one device are not independent.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from tools.errors import NotEnoughDataError
from tools.mlops.conditions import CONDITIONS, Condition
from tools.quantity import Frozen

DRAWS = 2000
_PLACE = {condition: place for place, condition in enumerate(CONDITIONS)}
_CALIBRATION_BINS = 10


@dataclass(frozen=True)
class Prediction:
    """What a model said of one labelled week: `probabilities` in the order of CONDITIONS, None where it gives none."""

    device_id: str
    site_id: str
    end: datetime
    truth: Condition
    said: Condition
    probabilities: tuple[float, ...] | None = None
    battery_model: str | None = None
    age_years: float | None = None
    kind: str | None = None
    strength: float | None = None


class Interval(Frozen):
    """A figure with its 95 % interval."""

    value: float
    low: float
    high: float


class ClassFigures(Frozen):
    """One condition: how often it was said rightly, found, both; and how many weeks truly had it."""

    condition: Condition
    precision: float | None
    recall: float | None
    f1: float
    weeks: int


class SliceFigures(Frozen):
    """Macro F1 over the conditions of one part of the weeks."""

    by: str
    part: str
    macro_f1: float
    accuracy: float
    weeks: int


class Evaluation(Frozen):
    """Everything that is said of a model's quality, and of how many weeks and devices."""

    weeks: int
    devices: int
    macro_f1: Interval
    accuracy: Interval
    classes: tuple[ClassFigures, ...]
    brier: float | None
    calibration_error: float | None
    slices: tuple[SliceFigures, ...]


class Comparison(Frozen):
    """Challenger minus champion in macro F1 on the same weeks, with a paired interval."""

    champion_f1: float
    challenger_f1: float
    difference: Interval
    weeks: int
    devices: int

    @property
    def is_better(self) -> bool:
        return self.difference.low > 0


def evaluate(predictions: Sequence[Prediction], seed: int = 0) -> Evaluation:
    """The figures of these predictions.

    Raises:
        NotEnoughDataError: there is no prediction.
    """
    if not predictions:
        raise NotEnoughDataError("There are no predictions to judge.", "Score labelled weeks first.")
    tables = _tables(predictions)
    whole = tables.sum(axis=0)
    weights = _draws(len(tables), seed)
    drawn = np.einsum("bd,dij->bij", weights, tables)
    return Evaluation(
        weeks=len(predictions),
        devices=len(tables),
        macro_f1=_interval(_macro_f1(whole[None])[0], _macro_f1(drawn)),
        accuracy=_interval(_accuracy(whole[None])[0], _accuracy(drawn)),
        classes=tuple(_class_figures(condition, whole) for condition in CONDITIONS if whole[_PLACE[condition]].any()),
        brier=_brier(predictions),
        calibration_error=_calibration_error(predictions),
        slices=tuple(_slices(predictions)),
    )


def macro_f1(predictions: Sequence[Prediction]) -> float:
    """Mean F1 over the conditions that truly occur."""
    return float(_macro_f1(_tables(predictions).sum(axis=0)[None])[0])


def compare(champion: Sequence[Prediction], challenger: Sequence[Prediction], seed: int = 0) -> Comparison:
    """Two models on the same weeks.

    Raises:
        NotEnoughDataError: they were not asked about the same weeks.
    """
    by_week = {(one.device_id, one.end): one for one in champion}
    if len(champion) != len(challenger) or {(one.device_id, one.end) for one in challenger} != set(by_week):
        raise NotEnoughDataError(
            "The two versions were judged on different weeks.", "Judge both on the same labelled weeks."
        )
    first = _tables([by_week[one.device_id, one.end] for one in challenger])
    second = _tables(challenger)
    weights = _draws(len(first), seed)
    drawn = _macro_f1(np.einsum("bd,dij->bij", weights, second)) - _macro_f1(np.einsum("bd,dij->bij", weights, first))
    values = [float(_macro_f1(tables.sum(axis=0)[None])[0]) for tables in (first, second)]
    return Comparison(
        champion_f1=round(values[0], 4),
        challenger_f1=round(values[1], 4),
        difference=_interval(values[1] - values[0], drawn),
        weeks=len(challenger),
        devices=len(first),
    )


def _tables(predictions: Sequence[Prediction]) -> np.ndarray:
    """One table a device: true condition down, said condition across."""
    places = {device: place for place, device in enumerate(dict.fromkeys(one.device_id for one in predictions))}
    tables = np.zeros((len(places), len(CONDITIONS), len(CONDITIONS)))
    for one in predictions:
        tables[places[one.device_id], _PLACE[one.truth], _PLACE[one.said]] += 1
    return tables


def _draws(devices: int, seed: int) -> np.ndarray:
    """How often each device is drawn, a row a draw."""
    return np.random.default_rng(seed).multinomial(devices, np.full(devices, 1 / devices), size=DRAWS).astype(float)


def _macro_f1(tables: np.ndarray) -> np.ndarray:
    right = np.diagonal(tables, axis1=1, axis2=2)
    truly, said = tables.sum(axis=2), tables.sum(axis=1)
    f1 = 2 * right / np.maximum(truly + said, 1e-12)
    occurs = truly > 0
    mean: np.ndarray = (f1 * occurs).sum(axis=1) / np.maximum(occurs.sum(axis=1), 1)
    return mean


def _accuracy(tables: np.ndarray) -> np.ndarray:
    share: np.ndarray = np.trace(tables, axis1=1, axis2=2) / np.maximum(tables.sum(axis=(1, 2)), 1e-12)
    return share


def _interval(value: float, drawn: np.ndarray) -> Interval:
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Interval(value=round(float(value), 4), low=round(float(low), 4), high=round(float(high), 4))


def _class_figures(condition: Condition, whole: np.ndarray) -> ClassFigures:
    place = _PLACE[condition]
    right, truly, said = whole[place, place], whole[place].sum(), whole[:, place].sum()
    return ClassFigures(
        condition=condition,
        precision=round(float(right / said), 4) if said else None,
        recall=round(float(right / truly), 4) if truly else None,
        f1=round(float(2 * right / (truly + said)), 4),
        weeks=int(truly),
    )


def _with_probabilities(predictions: Sequence[Prediction]) -> tuple[np.ndarray, np.ndarray] | None:
    known = [one for one in predictions if one.probabilities is not None]
    if not known:
        return None
    truth = np.array([_PLACE[one.truth] for one in known])
    return np.array([one.probabilities for one in known], dtype=float), truth


def _brier(predictions: Sequence[Prediction]) -> float | None:
    """Mean squared distance of the probabilities from what was so; 0 is perfect, 2 the worst."""
    found = _with_probabilities(predictions)
    if found is None:
        return None
    probabilities, truth = found
    return round(float(((probabilities - np.eye(len(CONDITIONS))[truth]) ** 2).sum(axis=1).mean()), 4)


def _calibration_error(predictions: Sequence[Prediction]) -> float | None:
    """How far the stated probability is from the share that was right, over ten bins (expected calibration error)."""
    found = _with_probabilities(predictions)
    if found is None:
        return None
    probabilities, truth = found
    sure, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == truth
    bins = np.minimum((sure * _CALIBRATION_BINS).astype(int), _CALIBRATION_BINS - 1)
    gaps = [
        (bins == one).mean() * abs(sure[bins == one].mean() - right[bins == one].mean()) for one in np.unique(bins)
    ]
    return round(float(sum(gaps)), 4)


_LEAST_WEEKS = 10
_AGES = ((3.0, "under 3 years"), (7.0, "3 to 7 years"), (np.inf, "over 7 years"))
_STRENGTHS = ((0.3, "weak fault"), (0.6, "middling fault"), (np.inf, "strong fault"))


def _part_of(value: float | None, parts: Sequence[tuple[float, str]]) -> str | None:
    return None if value is None else next(name for limit, name in parts if value < limit)


_CUTS: Mapping[str, Callable[[Prediction], str | None]] = {
    "site": lambda one: one.site_id,
    "battery model": lambda one: one.battery_model,
    "age": lambda one: _part_of(one.age_years, _AGES),
    "fault strength": lambda one: _part_of(one.strength, _STRENGTHS),
}


def _slices(predictions: Sequence[Prediction]) -> list[SliceFigures]:
    """The parts with enough weeks to say something."""
    found = []
    for name, cut in _CUTS.items():
        parts: dict[str, list[Prediction]] = {}
        for one in predictions:
            part = cut(one)
            if part is not None:
                parts.setdefault(part, []).append(one)
        for part, mine in sorted(parts.items()):
            if len(mine) >= _LEAST_WEEKS:
                right = sum(one.truth == one.said for one in mine) / len(mine)
                found.append(
                    SliceFigures(
                        by=name,
                        part=part,
                        macro_f1=round(macro_f1(mine), 4),
                        accuracy=round(right, 4),
                        weeks=len(mine),
                    )
                )
    return found
