"""The kinds of model that may be tried: a linear baseline, boosted trees and a forest, each with its parameters."""

from collections.abc import Mapping
from typing import Any, Literal

Algorithm = Literal["logistic_regression", "boosted_trees", "random_forest"]
# The classes of scikit-learn carry no types.
Classifier = Any

PARAMETERS: Mapping[Algorithm, Mapping[str, float | int | str]] = {
    "logistic_regression": {"C": 3.0, "max_iter": 3000, "class_weight": "balanced"},
    "boosted_trees": {
        "max_iter": 120, "learning_rate": 0.08, "max_leaf_nodes": 12, "min_samples_leaf": 6,
        "l2_regularization": 1.0, "class_weight": "balanced",
    },
    "random_forest": {"n_estimators": 100, "min_samples_leaf": 2, "class_weight": "balanced_subsample"},
}  # fmt: skip


def make_candidate(algorithm: Algorithm, seed: int) -> Classifier:
    """An untrained model; the same seed and data give the same trained one."""
    # Slow to load, and not needed to serve.
    from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier  # noqa: PLC0415
    from sklearn.impute import SimpleImputer  # noqa: PLC0415
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415
    from sklearn.pipeline import Pipeline  # noqa: PLC0415
    from sklearn.preprocessing import QuantileTransformer  # noqa: PLC0415

    parameters = dict(PARAMETERS[algorithm])
    match algorithm:
        case "logistic_regression":
            return Pipeline(
                [
                    ("missing", SimpleImputer(strategy="median", keep_empty_features=True, add_indicator=True)),
                    # A fault may be a thousand times the noise; ranks keep the scale of both.
                    ("ranks", QuantileTransformer(n_quantiles=50, output_distribution="normal", random_state=seed)),
                    ("model", LogisticRegression(**parameters)),
                ]
            )
        case "boosted_trees":
            return HistGradientBoostingClassifier(**parameters, early_stopping=False, random_state=seed)
        case "random_forest":
            return RandomForestClassifier(**parameters, random_state=seed, n_jobs=1)
