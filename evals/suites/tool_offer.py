"""The suite tool_offer: whether the tool a question needs is among those offered to a chat model, and in how many bytes."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from langchain_core.messages import HumanMessage
from tqdm import tqdm

from assistant.agent.tool_offer import MOST_TOOLS, offered_tools, size_of
from assistant.brains.candidates import Candidates
from assistant.brains.embedded.router import load_router
from assistant.settings import Settings
from assistant.wiring import embedded_brain, open_assistant, shared_embedder
from evals.fleets import fleet_database
from evals.scenario import SuiteFile, Turn, load_suite
from evals.suites.questions import Metrics, proportion
from tools.clock import FixedClock
from tools.people import LOCAL_PERSON

FLOOR = 0.99
SUITES = ("chat", "compound", "paraphrase")


def measure() -> Metrics:
    """The share of open questions whose tools are all offered, by what the embedded brain would plan and the router's
    ranks together, and by the ranks alone."""
    offered, ranked, sizes = [], [], []
    for name in SUITES:
        for needed, names, alone, size in asyncio.run(_offers(load_suite(name, with_sealed=False))):
            offered.append(needed <= names)
            ranked.append(needed <= alone)
            sizes.append(size)
    return {
        "cases": len(offered),
        **proportion("recall", offered),
        **proportion("recall_by_rank_alone", ranked),
        "largest_offer_bytes": max(sizes),
    }


def holds(metrics: Metrics) -> bool:
    """Whether the needed tool is there almost always."""
    return bool(metrics["recall"] >= FLOOR)


async def _offers(suite: SuiteFile) -> list[tuple[set[str], set[str], set[str], int]]:
    """Of each question the tools it needs, those offered, the first dozen by rank alone, and the bytes of the offer."""
    with fleet_database(suite.fleet, suite.now) as database, TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder))
        async with open_assistant(settings, clock=FixedClock(suite.now), database=database) as assistant:
            store, catalog = assistant.views.of(LOCAL_PERSON).store, assistant.views.catalog_of(LOCAL_PERSON)
            brain = embedded_brain(store, catalog, settings.cache_dir)
            router = load_router(shared_embedder(), settings.cache_dir)
            candidates = Candidates(brain, router, store.fleet, catalog)
            turns = [turn for scenario in suite.scenarios for turn in scenario.turns[:1] if turn.acceptable]
            found = []
            for turn in tqdm(turns, desc=f"tool_offer {suite.suite}", disable=None):
                asked = HumanMessage(
                    turn.ask,
                    additional_kwargs={"time_zone": turn.zone, "asked_utc": suite.now.isoformat(), "sites": None},
                )
                names = candidates.for_question([asked], suite.now, turn.zone)
                alone = candidates.ranked(turn.ask, suite.now, turn.zone)
                tools = offered_tools(catalog, names, LOCAL_PERSON)
                offered = {tool["function"]["name"] for tool in tools}
                found.append((_needed(turn, offered), offered, set(alone[:MOST_TOOLS]), size_of(tools)))
            return found


def _needed(turn: Turn, offered: set[str]) -> set[str]:
    """The tools of the acceptable list of calls that is offered best."""
    choices: Sequence[set[str]] = [{call.tool for call in calls} for calls in turn.acceptable]
    return min(choices, key=lambda names: len(names - offered))
