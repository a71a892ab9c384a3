"""Lets a chat model compute only with figures it was given: an invented one would come back as a tool's result."""

from collections.abc import Mapping, Sequence

from pydantic import JsonValue

from assistant.agent.evidence.claims import NUMBER, number_of
from assistant.agent.evidence.entries import entries_of
from assistant.agent.turn import CallRecord
from tools.errors import BadArgumentError


def check_given(arguments: Mapping[str, JsonValue], question: str, calls: Sequence[CallRecord]) -> None:
    """Find each figure in the arguments among the results of this turn, or in the question.

    Raises:
        BadArgumentError: a figure is in neither.
    """
    given = [one.value for call in calls for one in entries_of(call) if isinstance(one.value, float)]
    asked = [number_of(match) for match in NUMBER.finditer(question)]
    for name, figure in arguments.items():
        value = figure.get("value") if isinstance(figure, dict) else None
        if isinstance(value, int | float) and not any(_is_same(float(value), one) for one in [*given, *asked]):
            raise BadArgumentError(
                f"The {name} figure {value} is in no result of this question.",
                "Call the tool that gives it first, and hand it on as it is.",
            )


def _is_same(value: float, known: float) -> bool:
    """Equal, or the known one rounded as people write it."""
    places = min(len(f"{value!r}".partition(".")[2]), 6)
    return abs(value - known) <= 0.5 * 0.1**places + 1e-9
