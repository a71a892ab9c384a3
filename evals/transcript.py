"""What happened in a scenario: every turn with its answer, the rows expected, and how long it took."""

from dataclasses import dataclass, field

from assistant.agent.answer import Answer
from evals.scenario import Scenario, Turn


@dataclass(frozen=True)
class PlayedTurn:
    """One turn as it was played. `error` holds the code of a refused message."""

    turn: Turn
    answer: Answer | None
    error: str | None
    milliseconds: float
    expected: tuple[float | str | None, ...] = ()


@dataclass(frozen=True)
class Played:
    """A scenario as it was played."""

    scenario: Scenario
    turns: tuple[PlayedTurn, ...] = field(default=())
