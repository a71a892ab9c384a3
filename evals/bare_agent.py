"""A LangChain agent with nothing of ours but the brain, one tool and a checkpoint: what a turn costs at the least."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiosqlite
from langchain.agents import create_agent
from langchain_core.messages import HumanMessage
from langchain_core.tools import StructuredTool
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

from assistant.auth.opening import open_audit
from assistant.settings import Settings
from assistant.wiring import embedded_brain, open_actions, open_manuals
from tools.catalog import build_catalog
from tools.clock import SystemClock
from tools.database import open_database
from tools.telemetry.store import ReadingStore


async def bare_turns_ms(folder: Path, questions: Sequence[str]) -> list[float]:
    """Milliseconds of each question about latest readings, every one in a conversation of its own."""
    settings = Settings(data_dir=folder)
    database = open_database(settings.database_address)
    store = ReadingStore(database)
    clock = SystemClock()
    actions = open_actions(settings, database, open_audit(settings, database, clock), clock)
    catalog = build_catalog(store, clock, open_manuals(settings), actions)
    reading = catalog["latest_readings"]

    def latest_readings(**arguments: Any) -> str:
        return reading.call(**arguments).model_dump_json(exclude_none=True)

    tool = StructuredTool.from_function(
        latest_readings, description=reading.description, args_schema=reading.arguments, infer_schema=False
    )
    taken = []
    async with aiosqlite.connect(folder / "bare_checkpoints.db") as connection:
        # As our own checkpoints are written.
        await connection.execute("PRAGMA journal_mode=WAL")
        await connection.execute("PRAGMA synchronous=NORMAL")
        checkpointer = AsyncSqliteSaver(connection)
        await checkpointer.setup()
        agent = create_agent(embedded_brain(store, catalog, settings.cache_dir), [tool], checkpointer=checkpointer)
        for number, question in enumerate(questions):
            began = time.perf_counter()
            asked: Any = {"time_zone": "UTC", "asked_utc": datetime.now(UTC).isoformat(), "sites": None}
            config: Any = {"configurable": {"thread_id": f"bare-{number}"}}
            await agent.ainvoke(
                {"messages": [HumanMessage(question, additional_kwargs=asked)]}, config, durability="exit"
            )
            taken.append(1000 * (time.perf_counter() - began))
    database.close()
    return taken
