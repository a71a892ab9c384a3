"""Whether a wrong number leaves: right answers with one number swapped must be withheld.

The labelled sentences of METRICS.md are not written yet: their figures are null and the suite does not hold.
"""

import sys
from collections import Counter
from datetime import datetime
from itertools import zip_longest

import numpy as np

from assistant.agent.evidence import check_answer
from assistant.agent.turn import CallRecord
from evals.catalogs import context_of, eval_catalog
from evals.fleets import fleet_database
from evals.runner import play_suite
from evals.scenario import SCENARIOS, load_suite
from evals.suites.questions import Metrics, proportion
from evals.swaps import Swap, swaps_of
from evals.transcript import PlayedTurn
from tools.catalog import Catalog
from tools.database import Database

SWAPS, SEED, FLOOR = 400, 11, 0.99


def measure() -> Metrics:
    """Share of swaps withheld, over at most 400 swaps of the open chat answers the assistant let pass."""
    suite = load_suite("chat", SCENARIOS, with_sealed=False)
    turns = [turn for one in play_suite(suite) for turn in one.turns]
    with fleet_database(suite.fleet, suite.now) as database:
        verdicts = _judge(turns, database, suite.now)
    left = Counter(kind for kind, withheld in verdicts if not withheld)
    return {
        "cases": len(verdicts),
        "sentences": None,
        "precision": None,
        "recall": None,
        "swaps": len(verdicts),
        **proportion("swap_recall", [withheld for _, withheld in verdicts]),
        "left_by_kind": dict(left),
    }


def holds(metrics: Metrics) -> bool:
    """Whether enough swaps and sentences were judged and nearly all judged right."""
    floors = {"precision": 0.98, "recall": FLOOR, "swap_recall": FLOOR, "swaps": 300, "sentences": 300}
    return all(metrics[name] is not None and metrics[name] >= floor for name, floor in floors.items())


def _judge(turns: list[PlayedTurn], database: Database, now: datetime) -> list[tuple[str, bool]]:
    """Kind of swap and whether it was withheld, one of every answer before a second of any."""
    catalog = eval_catalog(database, now)
    chance = np.random.default_rng(SEED)
    offered: list[list[tuple[PlayedTurn, Swap]]] = []
    for turn in turns:
        swaps = [(turn, swap) for swap in swaps_of(turn, database)]
        offered.append([swaps[index] for index in chance.permutation(len(swaps))])
    chosen = [pair for row in zip_longest(*offered) for pair in row if pair is not None][:SWAPS]
    return [(swap.kind, _is_withheld(turn, swap, catalog, now)) for turn, swap in chosen]


def _is_withheld(turn: PlayedTurn, swap: Swap, catalog: Catalog, now: datetime) -> bool:
    zone = turn.turn.zone or "UTC"
    withheld = bool(check_answer(swap.text, turn.turn.ask, _calls_of(turn, catalog, zone), zone, now).unsupported)
    if not withheld:
        sys.stderr.write(f"left: {swap.kind}: {turn.turn.ask} -> {swap.text[:160]!r}\n")
    return withheld


def _calls_of(turn: PlayedTurn, catalog: Catalog, zone: str) -> list[CallRecord]:
    """The turn's calls made again, for an answer keeps no result objects."""
    calls = []
    for step in turn.answer.tool_calls if turn.answer else ():
        tool = catalog[step.name]
        read = tool.arguments.model_validate(step.arguments)
        result = tool.call(**dict(read), **context_of(tool, zone)) if step.status == "ok" else None
        calls.append(CallRecord(step, result))
    return calls
