"""Whether a wrong claim leaves and a right one stays: labelled sentences, and right answers with one number swapped."""

import sys
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import zip_longest

import numpy as np

from assistant.agent.evidence import check_answer
from assistant.agent.turn import CallRecord
from assistant.settings import Settings
from assistant.wiring import open_manuals, open_models
from evals.evidence_sentences import LabelledSentence, SentenceToJudge, sentence_metrics, sentences_to_judge
from evals.fleets import fleet_database
from evals.runner import play_suite
from evals.scenario import SCENARIOS, SuiteFile, load_suite
from evals.suites.questions import Metrics, proportion
from evals.swaps import Swap, swaps_of
from evals.transcript import PlayedTurn
from tools.catalog import Catalog, build_catalog
from tools.clock import FixedClock
from tools.database import Database, open_database
from tools.telemetry.store import ReadingStore

SWAPS, SEED, FLOOR = 400, 11, 0.99


def measure() -> Metrics:
    """Share of swaps withheld, over at most 400 swaps of the open chat answers the assistant let pass."""
    suite = load_suite("chat", SCENARIOS, with_sealed=False)
    swaps = measure_swaps(suite, SWAPS)
    judged = [(one.is_sealed, one.label, _is_left_out(one, suite.now)) for one in sentences_to_judge(_shapes())]
    sealed = sentence_metrics([(label, withheld) for is_sealed, label, withheld in judged if is_sealed])
    sentences = [(label, withheld) for _, label, withheld in judged]
    return {
        "cases": swaps["swaps"] + len(judged),
        **sentence_metrics(sentences),
        "sealed_precision": sealed["precision"],
        "sealed_recall": sealed["recall"],
        "let_pass_by_kind": _by_kind(sentences, supported=False),
        "left_out_by_kind": _by_kind(sentences, supported=True),
        **swaps,
    }


def measure_swaps(suite: SuiteFile, most: int) -> Metrics:
    """Share of swapped numbers withheld, over so many swaps at most of the answers the assistant let pass."""
    turns = [turn for one in play_suite(suite) for turn in one.turns]
    with fleet_database(suite.fleet, suite.now) as database:
        verdicts = _judge(turns, database, suite.now, most)
    left = Counter(kind for kind, withheld in verdicts if not withheld)
    return {
        "swaps": len(verdicts),
        **proportion("swap_recall", [withheld for _, withheld in verdicts]),
        "left_by_kind": dict(left),
    }


def holds(metrics: Metrics) -> bool:
    """Whether enough swaps and sentences were judged and nearly all judged right."""
    floors = {"precision": 0.98, "recall": FLOOR, "swap_recall": FLOOR, "swaps": 300, "sentences": 300}
    return all(metrics[name] is not None and metrics[name] >= floor for name, floor in floors.items())


def _shapes() -> Catalog:
    """The catalogue for its result models alone: recorded calls are read, none is made."""
    database = open_database("sqlite://", create=True)
    return build_catalog(
        ReadingStore(database),
        FixedClock(datetime.now(UTC)),
        open_manuals(Settings()),
        open_models(Settings(), database),
    )


def _is_left_out(one: SentenceToJudge, now: datetime) -> bool:
    return bool(check_answer(one.label.text, one.question, one.calls, one.time_zone, now).unsupported)


def _by_kind(sentences: Sequence[tuple[LabelledSentence, bool]], *, supported: bool) -> dict[str, int]:
    """How many sentences of each kind were judged wrongly."""
    wrong = (label.kind for label, withheld in sentences if label.supported is supported and withheld is supported)
    return dict(Counter(wrong).most_common())


def _judge(turns: list[PlayedTurn], database: Database, now: datetime, most: int) -> list[tuple[str, bool]]:
    """Kind of swap and whether it was withheld, one of every answer before a second of any."""
    catalog = build_catalog(
        ReadingStore(database), FixedClock(now), open_manuals(Settings()), open_models(Settings(), database)
    )
    chance = np.random.default_rng(SEED)
    offered: list[list[tuple[PlayedTurn, Swap]]] = []
    for turn in turns:
        swaps = [(turn, swap) for swap in swaps_of(turn, database)]
        offered.append([swaps[index] for index in chance.permutation(len(swaps))])
    chosen = [pair for row in zip_longest(*offered) for pair in row if pair is not None][:most]
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
        result = (
            tool.call(**dict(read), **dict.fromkeys(tool.context_arguments, zone)) if step.status == "ok" else None
        )
        calls.append(CallRecord(step, result))
    return calls
