"""The suites of questions and dialogues: chat, multi_turn, compound, paraphrase, robustness."""

from collections.abc import Sequence
from statistics import median
from typing import Any

import numpy as np
from scipy.stats import binomtest

from evals.scorers.calls import exact_calls, right_tools
from evals.scorers.grounding import unsupported_numbers
from evals.scorers.values import is_wrong, states_values
from evals.transcript import Played, PlayedTurn

Metrics = dict[str, Any]
FLOORS = {"tool_accuracy": 0.95, "exact_calls": 0.90}
# How far the sealed questions, which nobody tunes on, may stay behind all of them.
SEALED_BEHIND = 0.03
ZEROS = ("wrong_values", "unsupported_numbers")


def measure(played: Sequence[Played]) -> Metrics:
    """The figures of a suite of questions; its sealed third is reported apart."""
    turns = [turn for one in played for turn in one.turns]
    sealed = [turn for one in played if one.scenario.sealed for turn in one.turns]
    times = [turn.milliseconds for turn in turns]
    return {
        "cases": len(turns),
        **proportion("tool_accuracy", [right_tools(turn) for turn in turns]),
        **proportion("exact_calls", [exact_calls(turn) for turn in turns]),
        **proportion("value_accuracy", [states_values(turn) for turn in turns]),
        "wrong_values": sum(is_wrong(turn) for turn in turns),
        "unsupported_numbers": sum(len(unsupported_numbers(turn)) for turn in turns),
        "clarified": sum(bool(turn.answer and turn.answer.clarification) for turn in turns),
        "p50_ms": round(median(times), 1),
        "p95_ms": round(float(np.percentile(times, 95)), 1),
        "sealed_cases": len(sealed),
        **proportion("sealed_tool_accuracy", [right_tools(turn) for turn in sealed]),
        **proportion("sealed_exact_calls", [exact_calls(turn) for turn in sealed]),
    }


def holds(metrics: Metrics) -> bool:
    """Whether every floor is reached and every zero is zero; a figure that could not be computed does not hold."""
    floors = all(metrics[name] is not None and metrics[name] >= floor for name, floor in FLOORS.items())
    return floors and _sealed_holds(metrics) and all(metrics[name] == 0 for name in ZEROS)


def _sealed_holds(metrics: Metrics) -> bool:
    """Whether the sealed questions do about as well as all of them; nothing to hold where none was played."""
    if not metrics["sealed_cases"]:
        return True
    return bool(metrics["sealed_tool_accuracy"] >= metrics["tool_accuracy"] - SEALED_BEHIND)


def failed(turn: PlayedTurn) -> list[str]:
    """What is wrong with a turn, for people."""
    found = []
    if right_tools(turn) is False:
        found.append("tool")
    elif exact_calls(turn) is False:
        found.append("arguments")
    if states_values(turn) is False:
        found.append("WRONG VALUE" if is_wrong(turn) else "value missing")
    if numbers := unsupported_numbers(turn):
        found.append(f"unsupported {', '.join(numbers)}")
    return found


def proportion(name: str, verdicts: Sequence[bool | None]) -> Metrics:
    """A share with its 95 % Wilson interval; None where nothing was scored."""
    scored = [verdict for verdict in verdicts if verdict is not None]
    if not scored:
        return {name: None, f"{name}_low": None, f"{name}_high": None}
    interval = binomtest(sum(scored), len(scored)).proportion_ci(method="wilson")
    return {
        name: round(sum(scored) / len(scored), 4),
        f"{name}_low": round(interval.low, 4),
        f"{name}_high": round(interval.high, 4),
    }
