"""Plays scenarios against the real assistant on a pinned present and a fleet of known seed."""

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import sqlalchemy as sa
from tqdm import tqdm

from assistant.settings import Settings
from assistant.wiring import Assistant, open_assistant
from evals.fleets import fleet_database
from evals.scenario import ExpectedValue, Scenario, SuiteFile, Turn
from evals.transcript import Played, PlayedTurn
from tools.clock import FixedClock
from tools.database import Database
from tools.errors import BatteryError
from tools.people import Person

EVALUATOR = Person(name="eval", role="admin")

Brain = Literal["embedded", "configured"]


def play_suite(suite: SuiteFile, seed: int | None = None, brain: Brain = "embedded") -> list[Played]:
    """Play every scenario of a suite, one after the other, each in a conversation of its own; with the embedded brain,
    or with the chat model that is configured."""
    return asyncio.run(_play(suite, seed, brain))


async def _play(suite: SuiteFile, seed: int | None, brain: Brain) -> list[Played]:
    with fleet_database(suite.fleet, suite.now, seed) as database, TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder))
        if brain == "embedded":
            settings = settings.model_copy(update={"assistant_model": None})
        async with open_assistant(settings, clock=FixedClock(suite.now), database=database) as assistant:
            bar = tqdm(suite.scenarios, desc=suite.suite, unit="scenario", disable=None)
            return [await _play_one(assistant, database, scenario) for scenario in bar]


async def _play_one(assistant: Assistant, database: Database, scenario: Scenario) -> Played:
    turns: list[PlayedTurn] = []
    for turn in scenario.turns:
        turns.append(await _play_turn(assistant, database, scenario.id, turn))
    return Played(scenario, tuple(turns))


async def _play_turn(assistant: Assistant, database: Database, conversation: str, turn: Turn) -> PlayedTurn:
    began = time.perf_counter()
    answer, error = None, None
    try:
        answer = await assistant.conversation.ask(turn.ask, EVALUATOR, conversation, time_zone=turn.zone)
    except BatteryError as refused:
        error = refused.code
    took = 1000 * (time.perf_counter() - began)
    return PlayedTurn(turn, answer, error, took, tuple(expected_rows(database, turn.values)))


def expected_rows(database: Database, values: Sequence[ExpectedValue]) -> list[float | str | None]:
    """What the independent SQL of each expected value gives."""
    with database.read() as connection:
        return [connection.execute(sa.text(value.sql)).scalar() for value in values]
