"""How well each state of health explains the voltages of discharges, whatever the make of the string.

A string differs from the textbook in its acid, its plates and its sensors. Each of these is a shape of its own over a
discharge, of unknown size: it is allowed for with the size the sources differ by, and taken out of the judgement
(marginalised). What is left, and only that, speaks for a state of health.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tools.analytics.discharge_model import StringModel
from tools.analytics.discharges import SeenDischarge
from tools.analytics.good_rows import Array

# A fitted model follows a real discharge to within 2.6 mV a cell (domain notes, section 3). Half of it is taken out by
# the shapes below, as was found on simulated strings of many makes (seeds 101 to 103 of the suite's fleets).
FORM_V = 0.0013
# The moment the mains failed lies between two rows: a shift of the whole discharge.
BEGIN_V = 0.0009
# Rest voltage when empty and what it gains to full: PyBaMM and the fitted cell differ by 15 mV, that is by 7 %; of makes
# of one kind, at the same density of acid, half of that.
REST_V, SPAN_V = 0.006, 0.0075
# Polarisation of plates, fast and slow, as a share of the textbook's.
POLARISATION_SHARE = 0.15
# The first minutes hold the coup de fouet.
SETTLED_H = 0.35
# The newest discharges are enough, and the string was younger in the others.
MOST_DISCHARGES = 12


@dataclass(frozen=True)
class HealthFit:
    """For each model tried: the chi-square of its misfit, and how much higher than it the string stands at last, V."""

    chi_square: Array
    shift_v: Array


def usable_rows(seen: SeenDischarge) -> np.ndarray:
    """Rows of a discharge that can be compared with the model."""
    usable: np.ndarray = (seen.hours > SETTLED_H) & np.isfinite(seen.cell_v)
    return usable


def fit_health(seen: Sequence[SeenDischarge], tried: Sequence[Sequence[StringModel]], near: int) -> HealthFit:
    """How the discharges fit.

    Args:
        seen: discharges with at least one usable row each.
        tried: the models to try, each one a model for every discharge.
        near: the place of a model that is about right; shapes are taken from it.
    """
    errors = np.array(
        [np.concatenate([_error(one, model) for one, model in _pairs(seen, models)]) for models in tried]
    )
    shapes = np.concatenate(
        [_shapes(one, model, place, len(seen)) for place, (one, model) in enumerate(_pairs(seen, tried[near]))]
    )
    # Woodbury: the covariance is white noise and a few shapes, so only a small matrix is inverted.
    small = np.linalg.inv(FORM_V**2 * np.eye(shapes.shape[1]) + shapes.T @ shapes)
    sizes = errors @ shapes @ small
    explained = (sizes * (errors @ shapes)).sum(axis=1)
    return HealthFit(((errors**2).sum(axis=1) - explained) / FORM_V**2, sizes @ shapes[-1])


def _pairs(seen: Sequence[SeenDischarge], models: Sequence[StringModel]) -> list[tuple[SeenDischarge, StringModel]]:
    return list(zip(seen, models, strict=True))


def _error(seen: SeenDischarge, model: StringModel) -> Array:
    use = usable_rows(seen)
    error: Array = seen.cell_v[use] - model.voltage(seen.drawn_ah[use], seen.load_a[use], seen.polarisation_v[use])
    return error


def _shapes(seen: SeenDischarge, model: StringModel, place: int, count: int) -> Array:
    """One row a reading, one column a shape: each discharge's begin, then rest voltage, span and polarisation."""
    use = usable_rows(seen)
    used = model.used(seen.drawn_ah[use], seen.load_a[use])
    begin = np.zeros((used.size, count))
    begin[:, place] = BEGIN_V
    polarised = model.polarised_v(used, seen.load_a[use]) + seen.polarisation_v[use]
    common = (np.full(used.size, REST_V), SPAN_V * np.clip(1 - used, 0, 1), -POLARISATION_SHARE * polarised)
    return np.column_stack([begin, *common])
