"""A run in words: a table of figures for people, what failed, and one JSON object a suite."""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from evals.transcript import Played, PlayedTurn

MOST_FAILURES = 60


def print_table(suite: str, ok: bool, metrics: Mapping[str, Any]) -> None:
    """The figures of a suite, an interval beside its figure."""
    _say(f"\n{suite}: {'holds' if ok else 'FALLS SHORT'}")
    for name, value in metrics.items():
        if name.endswith(("_low", "_high")):
            continue
        low, high = metrics.get(f"{name}_low"), metrics.get(f"{name}_high")
        interval = f"  (95 %: {low} to {high})" if low is not None else ""
        _say(f"  {name:<24} {'not scored' if value is None else value}{interval}")


def print_failures(played: Sequence[Played], failed: Callable[[PlayedTurn], list[str]]) -> None:
    """Every turn that is not right: what was asked, what is wrong, what was called, what was answered."""
    shown = 0
    for one in played:
        for turn in one.turns:
            wrong = failed(turn)
            if not wrong or shown >= MOST_FAILURES:
                continue
            shown += 1
            # A sealed question stays unread, so that nobody tunes on it.
            if one.scenario.sealed:
                _say(f"  - {one.scenario.id} [{', '.join(wrong)}] (sealed)")
                continue
            calls = (
                "; ".join(f"{step.name} {step.arguments}" for step in turn.answer.tool_calls) if turn.answer else "-"
            )
            _say(f"  - {one.scenario.id} [{', '.join(wrong)}] {turn.turn.ask}")
            _say(f"      called   {calls or 'nothing'}")
            for calls_wanted in turn.turn.acceptable:
                wanted = "; ".join(f"{call.tool} {call.arguments}" for call in calls_wanted)
                _say(f"      expected {wanted}")
            _say(f"      values   {list(turn.expected)}")
            _say(f"      answer   {(turn.answer.answer if turn.answer else turn.error or '')[:300]!r}")


def write_transcripts(folder: Path, suite: str, played: Sequence[Played]) -> None:
    """Every answer of a run as JSON lines."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{suite}.jsonl").open("w", encoding="utf-8") as file:
        for one in played:
            for turn in one.turns:
                answer = turn.answer.model_dump(mode="json", exclude={"charts"}) if turn.answer else None
                line = {"id": one.scenario.id, "ask": turn.turn.ask, "expected": turn.expected, "answer": answer}
                file.write(json.dumps(line, ensure_ascii=False, default=str) + "\n")


def print_json(lines: Sequence[Mapping[str, Any]]) -> None:
    """The last lines of a run, for programs."""
    for line in lines:
        _say(json.dumps(line, ensure_ascii=False))


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
