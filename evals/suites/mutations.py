"""Whether the suites can fail: a router, a slot, a tool and an evidence check are broken on purpose, and each must show.

A suite that stays green over a broken part measures nothing. Each mutation is caught where the figures that hold
today no longer hold.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from assistant.agent.evidence import Verdict
from assistant.brains.embedded import planner
from assistant.brains.embedded.router import Choice, Router
from assistant.brains.embedded.slots import Slots
from evals.runner import play_suite
from evals.scenario import SCENARIOS, SuiteFile, load_suite
from evals.suites import evidence, questions
from evals.suites.questions import Metrics
from tools import lookup
from tools.telemetry.latest import LatestReport

# Enough for the floors to stand on; every part that is broken is used by many of them.
QUESTIONS, SWAPS = 80, 60
_FEWEST_SWAPS_SEEN = 0.9


def measure(seed: int | None = None) -> Metrics:
    """Which mutations turned their suite red, and whether it was green before."""
    suite = _sample()
    sound = {"chat": _chat_holds(suite, seed), "evidence": _swaps_are_seen()}
    caught = {}
    for name, (mutate, shows) in _MUTATIONS.items():
        with mutate():
            caught[name] = not (_chat_holds(suite, seed) if shows == "chat" else _swaps_are_seen())
    return {"cases": len(caught), "green_before": sound, "caught": caught}


def holds(metrics: Metrics) -> bool:
    """Whether all was green before and every mutation was caught."""
    return all(metrics["green_before"].values()) and all(metrics["caught"].values())


def _sample() -> SuiteFile:
    """Every n-th open question, so that all kinds are in it."""
    suite = load_suite("chat", SCENARIOS, with_sealed=False)
    step = max(1, len(suite.scenarios) // QUESTIONS)
    return suite.model_copy(update={"scenarios": suite.scenarios[::step]})


def _chat_holds(suite: SuiteFile, seed: int | None) -> bool:
    return questions.holds(questions.measure(play_suite(suite, seed)))


def _swaps_are_seen() -> bool:
    return bool(evidence.measure_swaps(_sample(), SWAPS)["swap_recall"] >= _FEWEST_SWAPS_SEEN)


@contextmanager
def _worst_first_router() -> Iterator[None]:
    """The router's least likely tool comes first, as sure as the best was."""
    sound = Router.choose

    def broken(self: Router, asked: list[Slots]) -> list[list[Choice]]:
        found = sound(self, asked)
        return [
            [replace(last, probability=first.probability) for first, last in zip(one, reversed(one), strict=True)]
            for one in found
        ]

    with patch.object(Router, "choose", broken):
        yield


@contextmanager
def _device_slot_off_by_one() -> Iterator[None]:
    """D03 is read as D04."""
    sound = planner.read_slots

    def broken(*arguments: Any, **named: Any) -> Slots:
        slots = sound(*arguments, **named)
        devices = tuple(f"D{int(name[1:]) % 8 + 1:02d}" for name in slots.mentions.devices)
        return replace(slots, mentions=replace(slots.mentions, devices=devices))

    with patch.object(planner, "read_slots", broken):
        yield


@contextmanager
def _tool_reads_too_high() -> Iterator[None]:
    """The newest values come out a tenth too high."""
    sound = lookup.latest_readings

    def broken(*arguments: Any, **named: Any) -> LatestReport:
        report = sound(*arguments, **named)
        figures = tuple(
            one if one.value is None else one.model_copy(update={"value": 1.1 * one.value}) for one in report.figures
        )
        return report.model_copy(update={"figures": figures})

    with patch.object(lookup, "latest_readings", broken):
        yield


@contextmanager
def _evidence_lets_all_pass() -> Iterator[None]:
    """The check finds support for whatever is said."""

    def broken(text: str, *_: Any) -> Verdict:
        return Verdict(text, (), ())

    with patch.object(evidence, "check_answer", broken):
        yield


_MUTATIONS: dict[str, tuple[Callable[[], Any], str]] = {
    "router": (_worst_first_router, "chat"),
    "slot": (_device_slot_off_by_one, "chat"),
    "tool": (_tool_reads_too_high, "chat"),
    "evidence": (_evidence_lets_all_pass, "evidence"),
}
