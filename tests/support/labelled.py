"""Labelled device-weeks made up for tests: each condition moves its own features, so that models learn at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path

import numpy as np

from tests.support.builders import NOW
from tools.database import Database
from tools.mlops.behaviour import behaviour_tests
from tools.mlops.card import ModelCard, make_card
from tools.mlops.checks import check_weeks
from tools.mlops.conditions import CONDITIONS, HEALTHY, Condition
from tools.mlops.evaluation import Prediction, evaluate
from tools.mlops.features import EVIDENCE, MEASURED
from tools.mlops.gate import judge
from tools.mlops.registry import ModelRegistry
from tools.mlops.training import Trained, predict, rule_predictions, train
from tools.mlops.weeks import LabelledWeek

# How far a fault of full strength moves what speaks for it.
MOVES: Mapping[Condition, Mapping[str, float]] = {
    "dry_out": {"cell_ohmic_rise": 0.5, "cell_ohmic_lead": 0.4, "cell_ohmic_ratio": 1.5, "ohmic_rise_pct": 60},
    "short": {"cell_low_v": 0.4, "cell_low_last_v": 0.4, "cell_behind_mv": 400, "cell_behind_typical_mv": 380},
    "joint": {"joint_rise": 1.0, "joint_growth": 0.5, "joint_rise_pct": 100},
    "thermal": {"room_rise_c": 12, "room_typical_c": 10, "hottest_post_c": 15},
    "charger": {"set_point_high_v": 2.0, "set_point_low_v": 1.8, "set_point_last_v": 1.9},
    "sensor": {"mismatch_high_c": 3, "mismatch_growth_c": 2, "current_shift_high_a": 0.5},
    "communication": {"clock_lag_s": 300, "clock_lag_typical_s": 300, "frame_age_polls": 20, "gap_polls": 10},
}


def labelled(seed: int, devices: int = 80, *, prefix: str = "L", rules_right: float = 0.7) -> list[LabelledWeek]:
    """Two weeks each of so many devices, an equal share of each condition; the rules are right so often."""
    rng = np.random.default_rng(seed)
    found = []
    for number in range(devices):
        condition = CONDITIONS[number % len(CONDITIONS)]
        strength = float(rng.uniform(0.4, 1.0)) if condition != HEALTHY else None
        for weeks_ago in (2, 0):
            by_rules = condition if rng.random() < rules_right else CONDITIONS[int(rng.integers(len(CONDITIONS)))]
            found.append(
                LabelledWeek(
                    device_id=f"{prefix}{number:03}",
                    site_id=f"{prefix}S{number:03}",
                    end=NOW - timedelta(weeks=weeks_ago),
                    condition=condition,
                    features=_features(condition, strength or 0.0, rng),
                    battery_model="AGM-500",
                    age_years=float(rng.uniform(1, 9)),
                    strength=strength,
                    by_rules=by_rules,
                )
            )
    return found


_LARGEST = {
    name: max(move[name] for move in MOVES.values() if name in move)
    for name in {n for m in MOVES.values() for n in m}
}


def _features(condition: Condition, strength: float, rng: np.random.Generator) -> tuple[float, ...]:
    """Small positive noise on every measured feature, the fault's own moves on top, and the evidence of both."""
    moves = MOVES.get(condition, {})
    found = {
        feature.name: max(feature.low, 0.0)
        + 0.02 * _LARGEST.get(feature.name, 0.0) * abs(float(rng.normal()))
        + strength * moves.get(feature.name, 0.0)
        for feature in MEASURED
    }
    evidence = [max(found[name] / limit for name, limit in one.parts.items()) for one in EVIDENCE.values()]
    return (*found.values(), *evidence)


@cache
def learned() -> tuple[LabelledWeek, ...]:
    """Weeks to learn from."""
    return tuple(labelled(1, 96))


@cache
def held_out() -> tuple[LabelledWeek, ...]:
    """Weeks of other devices at other sites."""
    return tuple(labelled(2, 64, prefix="H"))


@dataclass(frozen=True)
class Parts:
    """A trained model with its card and predictions, as the shelf takes them."""

    trained: Trained
    card: ModelCard
    said: list[Prediction]
    rules: list[Prediction]


@cache
def parts(seed: int = 0) -> Parts:
    """A model that passes the gate; trained once for all tests."""
    trained = train(learned(), seed, algorithms=("random_forest",))
    said, rules = predict(trained.model, held_out()), rule_predictions(held_out())
    found, by_rules = evaluate(said), evaluate(rules)
    behaviour = behaviour_tests(trained.model, held_out(), seed)
    gate = judge(check_weeks(learned(), held_out()), found, by_rules, behaviour, None)
    return Parts(trained, make_card(trained, learned(), held_out(), found, by_rules, gate), said, rules)


def shelf(database: Database, folder: Path, versions: int = 1, *, passed: bool = True) -> ModelRegistry:
    """A registry that holds so many versions, all alike; the last one passed the gate or not."""
    registry, made = ModelRegistry(database, folder), parts()
    for number in range(1, versions + 1):
        is_last = number == versions
        gate = made.card.gate.model_copy(update={"passed": passed or not is_last})
        card = made.card.model_copy(update={"gate": gate})
        registry.register(f"job-{number}", made.trained, card, made.said, made.rules, "ada", NOW)
    return registry
