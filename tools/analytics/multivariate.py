"""Third layer: hours whose residuals together lie outside everything the device's own clean past has shown."""

from collections.abc import Iterator
from datetime import timedelta

import numpy as np
import pandas as pd
from sklearn.decomposition import PCA

from tools.analytics.anomaly_kinds import Sign
from tools.analytics.charts import spans
from tools.analytics.residuals import Residuals
from tools.analytics.thresholds import AnomalyThresholds

_COLUMNS = ("set_point_v", "float_log", "post_rise_c", "ripple_log", "current_shift_a", "temperature_mismatch_c")
# Noise of the sensors, in each column's unit: spreads below it are chance of a short past.
_FLOORS = {
    "set_point_v": 0.03, "float_log": 0.05, "post_rise_c": 0.2, "ripple_log": 0.05, "current_shift_a": 0.02,
    "temperature_mismatch_c": 0.05,
}  # fmt: skip
_EXPLAINED = 0.9


def multivariate_signs(found: Residuals, limits: AnomalyThresholds) -> Iterator[Sign]:
    """Spans in which Hotelling's T2 or the residual Q of a PCA stays far beyond its training range.

    Trained on the device's past alone, never on the hours it judges (MacGregor and Kourti 1995).
    """
    frame = _frame(found)
    past = frame[found.past].dropna()
    if len(past) < limits.baseline_hours or frame.shape[1] < 2:
        return
    middle = past.median()
    scale = pd.Series({name: max(float(past[name].std()), _FLOORS[name]) for name in map(str, frame.columns)})
    trained = PCA(n_components=_EXPLAINED).fit(((past - middle) / scale).to_numpy())
    whole = ((frame - middle) / scale).dropna()
    t2, q = _distances(trained, whole.to_numpy())
    is_past = whole.index.isin(past.index)
    excess = np.maximum(t2 / t2[is_past].max(), q / q[is_past].max()) / limits.beyond_training
    strength = pd.Series(np.where(is_past, 0.0, excess), index=whole.index).rolling(6, min_periods=3).median()
    for span in spans(strength, lasting=limits.unusual_for, joining=timedelta(days=1)):
        worst = str(whole.loc[span.start : span.end].abs().median().idxmax())
        yield Sign(
            "unusual", "multivariate", span.start, span.end, span.peak, round(span.peak, 2), "times normal", worst
        )


def _frame(found: Residuals) -> pd.DataFrame:
    """The residuals that the past can judge; cells enter as the string's lowest and hottest one."""
    frame = found.device[[name for name in _COLUMNS if found.device.loc[found.past, name].notna().any()]]
    return frame.astype(float)


def _distances(trained: PCA, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """T2 in the components and Q, the squared rest outside them; both above 0."""
    scores = trained.transform(values)
    t2 = (scores**2 / np.maximum(trained.explained_variance_, 0.1)).sum(axis=1)
    rest = values - trained.inverse_transform(scores)
    return t2 + 1e-9, (rest**2).sum(axis=1) + 1e-2
