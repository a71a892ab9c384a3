"""How well the condition of devices is named: the model against the rules of the analytics and the commonest answer."""

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

from tqdm import tqdm

from assistant.jobs.practice import Batch, practice_batches
from assistant.jobs.week_files import weeks_of_batch
from evals.suites.questions import Metrics
from tools.mlops.behaviour import behaviour_tests
from tools.mlops.checks import check_weeks
from tools.mlops.evaluation import Prediction, compare, evaluate, macro_f1
from tools.mlops.gate import judge
from tools.mlops.training import predict, rule_predictions, train
from tools.mlops.weeks import LabelledWeek

# The held-out fleet is looked at to report, never to choose; candidates are chosen on folds of the learned one.
LEARN_SEED, LEARN_DEVICES = 500, 240
HELD_OUT_SEED, HELD_OUT_DEVICES = 9200, 96
WORKERS = 2
CACHE = Path(__file__).parents[2] / ".cache"


def measure(seed: int | None = None) -> Metrics:
    """Train on one fleet, judge on another; every figure from predictions on the held-out weeks."""
    learned = _weeks(practice_batches(LEARN_SEED, LEARN_DEVICES), with_rules=False)
    held_out = _weeks(practice_batches(HELD_OUT_SEED if seed is None else seed, HELD_OUT_DEVICES), with_rules=True)
    trained = train(learned, LEARN_SEED)
    said, rules = predict(trained.model, held_out), rule_predictions(held_out)
    found, by_rules = evaluate(said), evaluate(rules)
    behaviour = behaviour_tests(trained.model, held_out, LEARN_SEED)
    verdict = judge(check_weeks(learned, held_out), found, by_rules, behaviour, None)
    gain = compare(rules, said).difference
    return {
        "cases": found.weeks,
        "held_out_devices": found.devices,
        "macro_f1": found.macro_f1.value,
        "macro_f1_low": found.macro_f1.low,
        "macro_f1_high": found.macro_f1.high,
        "rules_f1": by_rules.macro_f1.value,
        "rules_f1_low": by_rules.macro_f1.low,
        "rules_f1_high": by_rules.macro_f1.high,
        "majority_f1": round(macro_f1(_majority(said, learned)), 4),
        "gain": gain.value,
        "gain_low": gain.low,
        "gain_high": gain.high,
        "algorithm": trained.algorithm,
        "candidates": trained.scores,
        "calibration_error": found.calibration_error,
        "brier": found.brier,
        "f1_by_condition": {one.condition: one.f1 for one in found.classes},
        "rules_f1_by_condition": {one.condition: one.f1 for one in by_rules.classes},
        "slices": {f"{one.by}: {one.part}": [one.accuracy, one.weeks] for one in found.slices},
        "gate_failures": [f"{check.name}: {check.means}" for check in verdict.failures],
        "live": "the model" if verdict.passed else "the rules",
    }


def _weeks(batches: Sequence[Batch], *, with_rules: bool) -> list[LabelledWeek]:
    make = partial(weeks_of_batch, folder=CACHE, with_rules=with_rules)
    weeks: list[LabelledWeek] = []
    with ProcessPoolExecutor(WORKERS) as pool:
        for part in tqdm(pool.map(make, batches), total=len(batches), desc="models", unit="batch"):
            weeks += part
    return weeks


def _majority(said: Sequence[Prediction], learned: Sequence[LabelledWeek]) -> list[Prediction]:
    """Whoever always gives the commonest condition."""
    commonest = Counter(week.condition for week in learned).most_common(1)[0][0]
    return [replace(one, said=commonest, probabilities=None) for one in said]


def holds(metrics: Metrics) -> bool:
    """At least 60 held-out devices, and the model passes its gate: among others its low bound is above the rules."""
    return bool(metrics["held_out_devices"] >= 60 and not metrics["gate_failures"])
