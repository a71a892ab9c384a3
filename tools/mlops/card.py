"""The model card: what a version was made from, how good it is, what it may not do, and where it is weak."""

from collections.abc import Sequence

from tools.clock import Utc
from tools.mlops.candidates import Algorithm
from tools.mlops.conditions import MEANS, Condition
from tools.mlops.evaluation import Evaluation
from tools.mlops.features import HISTORY, LEAST_HISTORY, feature_reference
from tools.mlops.gate import GateVerdict
from tools.mlops.training import Trained
from tools.mlops.weeks import LabelledWeek, fingerprint
from tools.quantity import Frozen

_WEAK_BELOW = 0.8
LIMITS = (
    "It was trained on simulated strings of 24 cells of 2 V; on other strings it is untested.",
    f"It judges weeks with at least {LEAST_HISTORY.days} days of readings, best with {HISTORY.days}.",
    "It names one condition a device and week; of two faults at once it names one.",
    "It is an opinion beside the alerts, never a reason to switch one off.",
)


class ModelCard(Frozen):
    """Everything one should know of a version before relying on it."""

    purpose: str
    algorithm: Algorithm
    parameters: dict[str, float | int | str]
    seed: int
    code: str
    learned_from: str
    learned_weeks: int
    learned_devices: int
    judged_on: str
    first: Utc
    last: Utc
    features: dict[str, str]
    candidates: dict[Algorithm, float]
    evaluation: Evaluation
    rules: Evaluation
    gate: GateVerdict
    limits: tuple[str, ...]
    weaknesses: tuple[str, ...]


def make_card(
    trained: Trained,
    learned: Sequence[LabelledWeek],
    held_out: Sequence[LabelledWeek],
    found: Evaluation,
    rules: Evaluation,
    gate: GateVerdict,
) -> ModelCard:
    """The card of a trained model that was judged on held-out weeks."""
    return ModelCard(
        purpose=f"Names the condition of a device over a week: {', '.join(MEANS.values())}.",
        algorithm=trained.algorithm,
        parameters=trained.parameters,
        seed=trained.seed,
        code=trained.code,
        learned_from=trained.data,
        learned_weeks=trained.weeks,
        learned_devices=trained.devices,
        judged_on=fingerprint(held_out),
        first=min(week.end for week in learned),
        last=max(week.end for week in learned),
        features=dict(feature_reference()),
        candidates=trained.scores,
        evaluation=found,
        rules=rules,
        gate=gate,
        limits=LIMITS,
        weaknesses=tuple(_weaknesses(found, rules)),
    )


def _weaknesses(found: Evaluation, rules: Evaluation) -> list[str]:
    by_rules: dict[Condition, float] = {one.condition: one.f1 for one in rules.classes}
    weak = [
        f"{one.condition}: F1 {one.f1:.2f} on {one.weeks} weeks"
        + (f", the rules reach {by_rules[one.condition]:.2f}" if by_rules.get(one.condition, 0) > one.f1 else "")
        for one in found.classes
        if one.f1 < _WEAK_BELOW or by_rules.get(one.condition, 0) > one.f1
    ]
    weak += [
        f"{one.by} {one.part}: right in {100 * one.accuracy:.0f} % of {one.weeks} weeks"
        for one in found.slices
        if one.accuracy < _WEAK_BELOW
    ]
    return weak
