"""`python -m evals run SUITE [SUITE ...]`: plays suites, prints their figures, and says whether they hold."""

import argparse
import logging
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from assistant.settings import Settings
from evals.fleets import fleet_database
from evals.hashes import run_hashes
from evals.report import print_failures, print_json, print_table, write_transcripts
from evals.runner import play_suite
from evals.scenario import SCENARIOS, load_suite
from evals.suites import (
    abstention,
    actions,
    analysis_speed,
    detection,
    evidence,
    forecast,
    latency,
    mutations,
    questions,
    retrieval,
    roles,
    runtime,
    soh,
    tool_offer,
)
from evals.suites.questions import Metrics
from evals.transcript import Played, PlayedTurn
from tools.errors import BatteryError


@dataclass(frozen=True)
class QuestionSuite:
    """How the answers of a scenario file are measured."""

    measure: Callable[[Sequence[Played]], Metrics]
    holds: Callable[[Metrics], bool]
    failed: Callable[[PlayedTurn], list[str]]


@dataclass(frozen=True)
class MeasuredSuite:
    """A suite that measures without asking questions; it may take another seed than its own."""

    measure: Callable[[int | None], Metrics]
    holds: Callable[[Metrics], bool]


_QUESTIONS = QuestionSuite(questions.measure, questions.holds, questions.failed)
QUESTION_SUITES = {
    "chat": _QUESTIONS,
    "multi_turn": _QUESTIONS,
    "compound": _QUESTIONS,
    "paraphrase": _QUESTIONS,
    "robustness": _QUESTIONS,
    "mixed": _QUESTIONS,
    # Questions one may tune on: their figures say nothing about questions to come.
    "development": _QUESTIONS,
    "abstention": QuestionSuite(abstention.measure, abstention.holds, abstention.failed),
}
MEASURED_SUITES: dict[str, MeasuredSuite] = {
    name: MeasuredSuite(suite.measure, suite.holds)
    for name, suite in (
        ("detection", detection),
        ("soh", soh),
        ("forecast", forecast),
        ("runtime", runtime),
        ("analysis_speed", analysis_speed),
        ("retrieval", retrieval),
        ("mutations", mutations),
        ("roles", roles),
    )
} | {
    "latency": MeasuredSuite(lambda _seed: latency.measure(), latency.holds),
    "tool_offer": MeasuredSuite(lambda _seed: tool_offer.measure(), tool_offer.holds),
    "actions": MeasuredSuite(lambda _seed: actions.measure(), actions.holds),
    "evidence": MeasuredSuite(lambda _seed: evidence.measure(), evidence.holds),
}
# The quick set that CI runs.
GATE = ("chat", "multi_turn", "abstention")
OK, SHORT, BROKEN = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run suites; 0 when all hold, 1 when a figure falls short, 2 when the run itself broke."""
    chosen = _parser().parse_args(arguments)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    names = list(GATE) if chosen.suites == ["gate"] else chosen.suites
    lines = []
    try:
        for name in names:
            if name in MEASURED_SUITES:
                lines.append(_run_measured(name, chosen.seed))
            else:
                lines.append(_run_questions(name, chosen))
    except (BatteryError, OSError, ValueError, KeyError) as error:
        sys.stderr.write(f"The run broke: {error!r}\n")
        return BROKEN
    print_json(lines)
    return OK if all(line["ok"] for line in lines) else SHORT


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m evals", description="Put a number on every promise.")
    commands = parser.add_subparsers(required=True)
    run = commands.add_parser("run", help="run suites")
    run.add_argument(
        "suites", nargs="+", metavar="SUITE", help=f"{', '.join([*QUESTION_SUITES, *MEASURED_SUITES])} or gate"
    )
    run.add_argument(
        "--brain",
        choices=["embedded", "configured"],
        default="embedded",
        help="who answers: the embedded brain, or the chat model of the settings",
    )
    run.add_argument("--seed", type=int, help="seed of the fleet, where it is not the suite's own")
    run.add_argument("--scenarios", type=Path, default=SCENARIOS, help="folder of scenario files of the same schema")
    run.add_argument("--open", action="store_true", help="leave out the sealed scenarios: the ones to work with")
    run.add_argument("--out", type=Path, help="folder for the transcripts")
    return parser


def _run_questions(name: str, chosen: argparse.Namespace) -> dict[str, Any]:
    suite = load_suite(name, chosen.scenarios, with_sealed=not chosen.open)
    how = QUESTION_SUITES[name]
    played = play_suite(suite, chosen.seed, chosen.brain)
    metrics = how.measure(played)
    ok = how.holds(metrics)
    print_failures(played, how.failed)
    print_table(name, ok, metrics)
    if chosen.out:
        write_transcripts(chosen.out, name, played)
    with fleet_database(suite.fleet, suite.now, chosen.seed) as database:
        hashes = run_hashes(suite.fleet, suite.now, database)
    brain = Settings().assistant_model if chosen.brain == "configured" else "embedded"
    return {"suite": name, "brain": brain, "n": metrics["cases"], "ok": ok, "metrics": metrics, "hashes": hashes}


def _run_measured(name: str, seed: int | None) -> dict[str, Any]:
    metrics = MEASURED_SUITES[name].measure(seed)
    ok = MEASURED_SUITES[name].holds(metrics)
    print_table(name, ok, metrics)
    return {"suite": name, "brain": "embedded", "n": metrics["cases"], "ok": ok, "metrics": metrics, "hashes": {}}


if __name__ == "__main__":
    sys.exit(main())
