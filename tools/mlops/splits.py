"""Splits that do not leak: a site is on one side only, and what is judged lies after what was learned from."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from tools.errors import NotEnoughDataError
from tools.mlops.features import WEEK
from tools.mlops.weeks import LabelledWeek


@dataclass(frozen=True)
class Fold:
    """Places of the weeks to learn from and of those to judge on."""

    learn: tuple[int, ...]
    judge: tuple[int, ...]


def forward_folds(weeks: Sequence[LabelledWeek], count: int, seed: int) -> Iterator[Fold]:
    """So many folds: each judges the newest weeks of some sites, learned from earlier weeks of all other sites.

    Raises:
        NotEnoughDataError: there are fewer sites than folds, or no week ended before the newest ones began.
    """
    sites = sorted({week.site_id for week in weeks})
    newest = max(week.end for week in weeks)
    if len(sites) < count or all(week.end > newest - WEEK for week in weeks):
        raise NotEnoughDataError(
            f"{len(weeks)} weeks of {len(sites)} sites cannot be split in {count} by site and forward in time.",
            "Give weeks of more sites, over more than one week.",
        )
    mixed = np.random.default_rng(seed).permutation(len(sites))
    fold_of = {sites[place]: number % count for number, place in enumerate(mixed)}
    for fold in range(count):
        yield Fold(
            learn=tuple(
                place
                for place, week in enumerate(weeks)
                if fold_of[week.site_id] != fold and week.end <= newest - WEEK
            ),
            judge=tuple(
                place
                for place, week in enumerate(weeks)
                if fold_of[week.site_id] == fold and week.end > newest - WEEK
            ),
        )
