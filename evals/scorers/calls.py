"""Were the right tools called, with the right arguments?"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from assistant.agent.answer import ToolStep
from evals.scenario import ExpectedCall
from evals.transcript import PlayedTurn

# How a chart is drawn and how long a list is are no part of the meaning, unless a scenario says so.
_FREE = frozenset({"top", "bucket"})
_NEAR = timedelta(seconds=90)


def right_tools(played: PlayedTurn) -> bool | None:
    """Whether the multiset of tools called is an expected one; None where no call is expected of the scenario."""
    if not played.turn.acceptable or played.answer is None:
        return None if not played.turn.acceptable else False
    called = Counter(step.name for step in played.answer.tool_calls)
    return any(called == Counter(call.tool for call in calls) for calls in played.turn.acceptable)


def exact_calls(played: PlayedTurn) -> bool | None:
    """Whether tools and all arguments are as expected, in any order."""
    if not played.turn.acceptable or played.answer is None:
        return None if not played.turn.acceptable else False
    return any(_all_match(calls, played.answer.tool_calls) for calls in played.turn.acceptable)


def _all_match(expected: Sequence[ExpectedCall], steps: Sequence[ToolStep]) -> bool:
    left = list(steps)
    for call in expected:
        match = next((step for step in left if _matches(call, step)), None)
        if match is None:
            return False
        left.remove(match)
    return not left


def _matches(call: ExpectedCall, step: ToolStep) -> bool:
    names = (set(call.arguments) | set(step.arguments)) - (_FREE - set(call.arguments))
    return call.tool == step.name and all(
        _acceptable(call.arguments.get(name), step.arguments.get(name)) for name in names
    )


def _acceptable(expected: Any, given: Any) -> bool:
    if isinstance(expected, Mapping) and "any" in expected:
        return any(_same(choice, given) for choice in expected["any"])
    return _same(expected, given)


def _same(expected: Any, given: Any) -> bool:
    if isinstance(expected, list) and isinstance(given, list):
        return sorted(_plain(one) for one in expected) == sorted(_plain(one) for one in given)
    first, second = _moment(expected), _moment(given)
    if first is not None and second is not None:
        return abs(first - second) <= _NEAR
    if isinstance(expected, int | float) and isinstance(given, int | float):
        return abs(expected - given) < 1e-6
    return _plain(expected) == _plain(given)


def _plain(value: Any) -> str:
    return str(value).lower() if value is not None else ""


def _moment(value: Any) -> datetime | None:
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    if isinstance(value, str) and len(value) >= 16 and value[4:5] == "-":
        found = datetime.fromisoformat(value)
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    return None
