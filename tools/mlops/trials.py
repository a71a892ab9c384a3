"""Trials of a challenger beside the live version: in the shadow, or answering for a share of the devices.

How many labelled weeks decide is fixed before the start; looking earlier gives no verdict, except that a challenger
that does clear harm is stopped.
"""

import hashlib
from datetime import datetime
from math import ceil
from statistics import NormalDist
from typing import Literal

import numpy as np
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from tools.clock import Utc
from tools.errors import BadArgumentError
from tools.mlops.deployment import name_of
from tools.mlops.registry import CONDITION
from tools.mlops.schema import condition_labels, condition_scores, model_trials
from tools.quantity import Frozen

TrialKind = Literal["shadow", "split"]
Verdict = Literal["challenger", "champion", "no difference", "harm", "stopped"]
CONFIDENCE_Z = NormalDist().inv_cdf(0.975)
POWER_Z = NormalDist().inv_cdf(0.8)
# Only this sure that the challenger is worse may a trial end before its time; peeking at 95 % would end every fourth.
HARM_Z = NormalDist().inv_cdf(0.9995)
LEAST_FOR_HARM = 20


class Trial(Frozen):
    """A trial; `share_pct` of the devices get the challenger's answer, none in the shadow."""

    trial_id: int
    kind: TrialKind
    champion: int
    challenger: int
    share_pct: float
    sample_size: int
    started: Utc
    started_by: str
    ended: Utc | None = None
    verdict: Verdict | None = None


class TrialState(Frozen):
    """How a trial stands: share of right answers, challenger minus champion, with a 95 % interval, and the verdict."""

    trial: Trial
    labelled: int
    champion_right: float | None = None
    challenger_right: float | None = None
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    verdict: Verdict | None = None
    means: str


def sample_size_for(gain: float, disagreement: float) -> int:
    """Labelled weeks needed to see a gain in the share of right answers, with 80 % power at 95 % confidence.

    Args:
        gain: smallest gain worth finding, for example 0.05.
        disagreement: share of weeks in which exactly one of the two is right, for example 0.2.

    Raises:
        BadArgumentError: the gain is not between 0 and the disagreement.
    """
    if not 0 < gain <= disagreement <= 1:
        raise BadArgumentError(
            f"A gain of {gain:g} cannot be found where the versions disagree in {disagreement:g} of the weeks.",
            "The gain must be above 0 and at most the share of weeks in which only one of them is right.",
        )
    return ceil(((CONFIDENCE_Z + POWER_Z) / gain) ** 2 * (disagreement - gain**2))


def start_trial(
    connection: Connection,
    kind: TrialKind,
    versions: tuple[int, int],
    share_pct: float,
    sample_size: int,
    who: str,
    now: datetime,
    model: str = CONDITION,
) -> Trial:
    """Start a trial of `versions` (champion, challenger).

    Raises:
        BadArgumentError: another trial runs, the versions are the same, or share and kind contradict each other.
    """
    running = running_trial(connection, model)
    if running is not None:
        raise BadArgumentError(
            f"A trial of {name_of(running.challenger)} runs since {running.started:%Y-%m-%d}.", "Stop it first."
        )
    champion, challenger = versions
    if champion == challenger or sample_size < 1:
        raise BadArgumentError("A trial needs two versions and a sample size.", "Name another challenger.")
    if (kind == "shadow") != (share_pct == 0) or not 0 <= share_pct <= 50:
        raise BadArgumentError(
            f"A {kind} trial cannot answer for {share_pct:g} % of the devices.",
            "In the shadow the share is 0 %, else between 0 and 50 %.",
        )
    row = {
        "model": model, "kind": kind, "champion": champion, "challenger": challenger, "share_pct": share_pct,
        "sample_size": sample_size, "started_utc": now, "started_by": who,
    }  # fmt: skip
    insert = sa.insert(model_trials).values(row).returning(model_trials.c.trial_id)
    return _trial_by_id(connection, int(connection.execute(insert).scalar_one()))


def running_trial(connection: Connection, model: str = CONDITION) -> Trial | None:
    """The trial that runs, if any."""
    query = sa.select(model_trials).where(model_trials.c.model == model, model_trials.c.ended_utc.is_(None))
    row = connection.execute(query).mappings().first()
    return None if row is None else _trial(row)


def answering(trial: Trial, device_id: str) -> int:
    """Which version answers for a device: the same one for the whole trial."""
    digest = hashlib.sha256(f"{trial.trial_id}:{device_id}".encode()).digest()
    place = int.from_bytes(digest[:8], "big") / 2**64
    return trial.challenger if place < trial.share_pct / 100 else trial.champion


def stop_trial(connection: Connection, trial_id: int, who: str, now: datetime) -> TrialState:
    """End a trial; before its sample is complete it ends without a verdict, unless the challenger does harm."""
    state = trial_state(connection, trial_id)
    verdict = state.verdict or "stopped"
    connection.execute(
        sa.update(model_trials)
        .where(model_trials.c.trial_id == trial_id, model_trials.c.ended_utc.is_(None))
        .values(ended_utc=now, ended_by=who, verdict=verdict)
    )
    return state.model_copy(update={"trial": _trial_by_id(connection, trial_id), "verdict": verdict})


def trial_state(connection: Connection, trial_id: int) -> TrialState:
    """How a trial stands by the labels that have arrived.

    Both versions score every device whatever the share, so they are compared pair by pair.
    """
    trial = _trial_by_id(connection, trial_id)
    pairs = _pairs(connection, trial)
    if len(pairs) == 0:
        return TrialState(trial=trial, labelled=0, means="no week of this trial has a label yet")
    used = pairs[: trial.sample_size]
    difference = used[:, 1] - used[:, 0]
    mean = float(difference.mean())
    error = float(difference.std(ddof=1) / np.sqrt(len(used))) if len(used) > 1 else float("inf")
    verdict = _verdict(trial, len(used), mean, error)
    return TrialState(
        trial=trial,
        labelled=len(used),
        champion_right=round(float(used[:, 0].mean()), 4),
        challenger_right=round(float(used[:, 1].mean()), 4),
        difference=round(mean, 4),
        low=round(mean - CONFIDENCE_Z * error, 4) if np.isfinite(error) else None,
        high=round(mean + CONFIDENCE_Z * error, 4) if np.isfinite(error) else None,
        verdict=verdict,
        means=_words(trial, len(used), verdict),
    )


def _verdict(trial: Trial, weeks: int, mean: float, error: float) -> Verdict | None:
    if weeks < trial.sample_size:
        is_harm = weeks >= LEAST_FOR_HARM and mean + HARM_Z * error < 0
        return "harm" if is_harm else None
    if mean - CONFIDENCE_Z * error > 0:
        return "challenger"
    return "champion" if mean + CONFIDENCE_Z * error < 0 else "no difference"


def _words(trial: Trial, weeks: int, verdict: Verdict | None) -> str:
    match verdict:
        case None:
            return f"no verdict yet: {weeks} of {trial.sample_size} labelled weeks"
        case "challenger":
            return f"{name_of(trial.challenger)} is right more often"
        case "champion":
            return f"{name_of(trial.champion)} is right more often"
        case "harm":
            return f"{name_of(trial.challenger)} does clear harm; the trial should end now"
        case _:
            return "neither is right more often than chance would have it"


def _pairs(connection: Connection, trial: Trial) -> np.ndarray:
    """Right (1) or wrong (0) of champion and challenger for each labelled week of the trial, in the order labelled."""
    one, two, label = condition_scores.alias("one"), condition_scores.alias("two"), condition_labels
    query = (
        sa.select(one.c.said, two.c.said, label.c.condition)
        .join(two, (one.c.device_id == two.c.device_id) & (one.c.end_utc == two.c.end_utc))
        .join(label, (one.c.device_id == label.c.device_id) & (one.c.end_utc == label.c.end_utc))
        .where(
            one.c.version == trial.champion,
            two.c.version == trial.challenger,
            one.c.scored_utc >= trial.started,
            sa.true() if trial.ended is None else one.c.scored_utc <= trial.ended,
        )
        .order_by(label.c.at_utc, label.c.device_id, label.c.end_utc)
    )
    return np.array(
        [(first == truth, second == truth) for first, second, truth in connection.execute(query)], dtype=float
    )


def _trial_by_id(connection: Connection, trial_id: int) -> Trial:
    query = sa.select(model_trials).where(model_trials.c.trial_id == trial_id)
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        raise BadArgumentError(f"There is no trial {trial_id}.", "List the trials to see their numbers.")
    return _trial(row)


def _trial(row: sa.RowMapping) -> Trial:
    return Trial(
        trial_id=row["trial_id"],
        kind=row["kind"],
        champion=row["champion"],
        challenger=row["challenger"],
        share_pct=row["share_pct"],
        sample_size=row["sample_size"],
        started=row["started_utc"],
        started_by=row["started_by"],
        ended=row["ended_utc"],
        verdict=row["verdict"],
    )


def label_week(
    connection: Connection, device_id: str, end: datetime, condition: str, who: str, now: datetime
) -> None:
    """Keep what a person found the condition of a device's week to be; a later word replaces an earlier one."""
    same = (condition_labels.c.device_id == device_id) & (condition_labels.c.end_utc == end)
    connection.execute(sa.delete(condition_labels).where(same))
    connection.execute(
        sa.insert(condition_labels).values(device_id=device_id, end_utc=end, condition=condition, who=who, at_utc=now)
    )
