"""Trains the candidates, chooses one by splits that do not leak, and says what went into it."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import numpy as np

from tools.mlops.candidates import PARAMETERS, Algorithm, Classifier, make_candidate
from tools.mlops.conditions import CONDITIONS, Condition
from tools.mlops.evaluation import Prediction, macro_f1
from tools.mlops.splits import forward_folds
from tools.mlops.weeks import LabelledWeek, feature_frame, fingerprint

ALGORITHMS: tuple[Algorithm, ...] = get_args(Algorithm)
FOLDS = 3
Progress = Callable[[float, str], None]


@dataclass(frozen=True)
class Trained:
    """A trained model with everything that makes it again: seed, data, code, parameters."""

    model: Classifier
    algorithm: Algorithm
    seed: int
    data: str
    code: str
    weeks: int
    devices: int
    # Macro F1 of each candidate over the folds.
    scores: dict[Algorithm, float]

    @property
    def parameters(self) -> dict[str, float | int | str]:
        return dict(PARAMETERS[self.algorithm])


def train(
    weeks: Sequence[LabelledWeek],
    seed: int,
    progress: Progress | None = None,
    algorithms: Sequence[Algorithm] = ALGORITHMS,
) -> Trained:
    """Try every candidate on folds by site and forward in time; fit the best of them on all weeks.

    Raises:
        NotEnoughDataError: too few sites or too short a time to split.
    """
    tell = progress or (lambda _done, _label: None)
    scores: dict[Algorithm, float] = {}
    for place, algorithm in enumerate(algorithms):
        tell(place / (len(algorithms) + 1), f"trying {algorithm}")
        scores[algorithm] = round(macro_f1(judged_on_folds(weeks, algorithm, seed)), 4)
    best = max(algorithms, key=lambda algorithm: scores[algorithm])
    tell(len(algorithms) / (len(algorithms) + 1), f"training {best}")
    return Trained(
        model=fit(make_candidate(best, seed), weeks),
        algorithm=best,
        seed=seed,
        data=fingerprint(weeks),
        code=code_version(),
        weeks=len(weeks),
        devices=len({week.device_id for week in weeks}),
        scores=scores,
    )


def judged_on_folds(weeks: Sequence[LabelledWeek], algorithm: Algorithm, seed: int) -> list[Prediction]:
    """What the candidate says of every week it was not trained on."""
    found: list[Prediction] = []
    for fold in forward_folds(weeks, FOLDS, seed):
        model = fit(make_candidate(algorithm, seed), [weeks[place] for place in fold.learn])
        found += predict(model, [weeks[place] for place in fold.judge])
    return found


def fit(model: Classifier, weeks: Sequence[LabelledWeek]) -> Classifier:
    """Train a model on these weeks."""
    model.fit(feature_frame(weeks).to_numpy(), np.array([week.condition for week in weeks]))
    return model


def probabilities_of(model: Classifier, features: np.ndarray) -> np.ndarray:
    """Probability of each condition, in the order of CONDITIONS; 0 for one the model never saw."""
    given = model.predict_proba(features)
    places = [CONDITIONS.index(str(name)) for name in model.classes_]
    found = np.zeros((len(features), len(CONDITIONS)))
    found[:, places] = given
    return found


def predict(model: Classifier, weeks: Sequence[LabelledWeek]) -> list[Prediction]:
    """What the model says of labelled weeks."""
    if not weeks:
        return []
    probabilities = probabilities_of(model, feature_frame(weeks).to_numpy())
    return [
        _prediction(week, CONDITIONS[int(row.argmax())], tuple(float(value) for value in row))
        for week, row in zip(weeks, probabilities, strict=True)
    ]


def rule_predictions(weeks: Sequence[LabelledWeek]) -> list[Prediction]:
    """What the rules of the analytics said of the same weeks."""
    return [_prediction(week, week.by_rules, None) for week in weeks if week.by_rules is not None]


def _prediction(week: LabelledWeek, said: Condition, probabilities: tuple[float, ...] | None) -> Prediction:
    return Prediction(
        device_id=week.device_id,
        site_id=week.site_id,
        end=week.end,
        truth=week.condition,
        said=said,
        probabilities=probabilities,
        battery_model=week.battery_model,
        age_years=week.age_years,
        kind=week.kind,
        strength=week.strength,
    )


def code_version() -> str:
    """A hash of the code that decides a model: the features, what they are made from, and the training."""
    digest = hashlib.sha256()
    here = Path(__file__).parent
    for path in sorted([*here.glob("*.py"), *(here.parent / "analytics").glob("*.py")]):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:16]
