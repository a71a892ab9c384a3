"""The gate before a version may go live: sound data, better than the rules, calibrated, well-behaved, no step back."""

from collections.abc import Sequence

from tools.mlops.behaviour import BehaviourTest
from tools.mlops.checks import DataReport
from tools.mlops.evaluation import Comparison, Evaluation
from tools.quantity import Frozen

MOST_CALIBRATION_ERROR = 0.10
LEAST_RECALL = 0.5
# A challenger may be this much worse than the live version by chance, not more.
MOST_STEP_BACK = 0.02


class GateCheck(Frozen):
    """One bar: whether it was passed, and the figures in words."""

    name: str
    passed: bool
    means: str


class GateVerdict(Frozen):
    """Whether a version may go live, and each bar."""

    passed: bool
    checks: tuple[GateCheck, ...]

    @property
    def failures(self) -> tuple[GateCheck, ...]:
        return tuple(check for check in self.checks if not check.passed)


def judge(
    data: DataReport,
    found: Evaluation,
    rules: Evaluation,
    behaviour: Sequence[BehaviourTest],
    champion: Comparison | None,
) -> GateVerdict:
    """Hold a version against every bar; `champion` is the comparison with the live version, where a model is live."""
    checks = [
        *(GateCheck(name=f"data: {check.name}", passed=check.passed, means=check.means) for check in data.checks),
        GateCheck(
            name="better than the rules",
            passed=found.macro_f1.low > rules.macro_f1.value,
            means=f"macro F1 {found.macro_f1.value:.3f} (95 %: {found.macro_f1.low:.3f} to {found.macro_f1.high:.3f}) "
            f"against {rules.macro_f1.value:.3f} of the rules, {found.weeks} weeks of {found.devices} devices",
        ),
        _calibrated(found),
        _no_blind_spot(found),
        *(
            GateCheck(
                name=test.name,
                passed=test.passed,
                means=f"{test.means}: {'no case' if test.share is None else f'{test.share:.3f}'} of {test.weeks} weeks, "
                f"wanted {test.wanted:.2f}",
            )
            for test in behaviour
        ),
    ]
    if champion is not None:
        checks.append(
            GateCheck(
                name="no step back from the live version",
                passed=champion.difference.low >= -MOST_STEP_BACK,
                means=f"macro F1 {champion.difference.value:+.3f} against the live version "
                f"(95 %: {champion.difference.low:+.3f} to {champion.difference.high:+.3f}), {champion.weeks} weeks",
            )
        )
    return GateVerdict(passed=all(check.passed for check in checks), checks=tuple(checks))


def _calibrated(found: Evaluation) -> GateCheck:
    error = found.calibration_error
    return GateCheck(
        name="calibrated",
        passed=error is not None and error <= MOST_CALIBRATION_ERROR,
        means=f"its probabilities are off by {'no data' if error is None else f'{error:.3f}'} on average, "
        f"at most {MOST_CALIBRATION_ERROR:.2f}",
    )


def _no_blind_spot(found: Evaluation) -> GateCheck:
    worst = min(found.classes, key=lambda one: one.recall or 0.0)
    return GateCheck(
        name="no blind spot",
        passed=(worst.recall or 0.0) >= LEAST_RECALL,
        means=f"finds {worst.recall or 0.0:.2f} of {worst.weeks} weeks of {worst.condition}, its worst; "
        f"at least {LEAST_RECALL:.2f}",
    )
