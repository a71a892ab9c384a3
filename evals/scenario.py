"""Scenarios as they lie on disk: questions, expected calls with acceptable arguments, and values by independent SQL."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

SCENARIOS = Path(__file__).parent / "scenarios"


class Part(BaseModel):
    """A piece of a scenario."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ExpectedCall(Part):
    """A tool and the arguments that differ from its defaults; `{any: [...]}` lists acceptable values."""

    tool: str
    arguments: dict[str, Any] = {}


class ExpectedValue(Part):
    """A number or word a right answer states; computed by SQL that has nothing to do with the tools."""

    sql: str
    unit: str = ""
    tolerance: float | None = None


class Turn(Part):
    """One message and what is expected of its answer."""

    ask: str
    zone: str = "UTC"
    calls: tuple[ExpectedCall, ...] | None = None
    calls_any: tuple[tuple[ExpectedCall, ...], ...] = ()
    values: tuple[ExpectedValue, ...] = ()
    expect: Literal["answer", "decline"] = "answer"
    mentions: tuple[str, ...] = ()
    may_clarify: bool = False

    @property
    def acceptable(self) -> Sequence[Sequence[ExpectedCall]]:
        """Every list of calls that would be right; empty where the calls do not matter."""
        return (self.calls,) if self.calls is not None else self.calls_any


class Scenario(Part):
    """One question or dialogue."""

    id: str
    turns: tuple[Turn, ...]
    tags: tuple[str, ...] = ()
    sealed: bool = False


class FleetSpec(Part):
    """The simulated fleet a suite asks about."""

    seed: int
    days: int = 30


class SuiteFile(Part):
    """The scenarios of a suite with their fleet and their pinned present."""

    suite: str
    fleet: FleetSpec
    now: datetime
    scenarios: tuple[Scenario, ...] = Field(min_length=1)


def load_suite(name: str, folder: Path = SCENARIOS, *, with_sealed: bool = True) -> SuiteFile:
    """The scenarios of a suite, with those of the folder `sealed` that nobody tunes on.

    Raises:
        FileNotFoundError: there is no such suite.
        ValidationError: the file is not of the schema.
    """
    content = _read(folder / f"{name}.yaml")
    sealed = folder / "sealed" / f"{name}.yaml"
    if with_sealed and sealed.exists():
        content["scenarios"] += [scenario | {"sealed": True} for scenario in _read(sealed)["scenarios"]]
    content["scenarios"] = [_as_dialogue(scenario) for scenario in content["scenarios"]]
    return SuiteFile.model_validate(content)


def _read(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return content


def _as_dialogue(scenario: dict[str, Any]) -> dict[str, Any]:
    """A single question is a dialogue of one turn."""
    if "turns" in scenario:
        zone = scenario.pop("zone", "UTC")
        return scenario | {"turns": [{"zone": zone, **turn} for turn in scenario["turns"]]}
    outer: dict[str, Any] = {key: scenario[key] for key in ("id", "tags", "sealed") if key in scenario}
    return {**outer, "turns": [{key: value for key, value in scenario.items() if key not in outer}]}
