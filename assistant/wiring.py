"""Builds every object once, from the settings, for the command line, the server and the evals."""

from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any

import aiosqlite
from langchain.agents.middleware import AgentMiddleware
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AnyMessage
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

from assistant.agent.budgets import TOOL_THREADS, TURN_SECONDS
from assistant.agent.build import build_agent
from assistant.agent.chat_prompt import prompt_hash
from assistant.agent.conversation import Conversation
from assistant.agent.direct_calls import DirectCalls
from assistant.agent.find_tool import find_tool
from assistant.agent.tool_adapter import adapt_tools
from assistant.agent.turn import Turn
from assistant.brains.candidates import Candidates
from assistant.brains.choose import ChatModels, choose_chat_models
from assistant.brains.embedded.model import EmbeddedChatModel
from assistant.brains.embedded.planner import Planner
from assistant.brains.embedded.router import load_router
from assistant.llmops.conversations import ConversationList
from assistant.llmops.feedback import FeedbackBook
from assistant.llmops.spending import Spending
from assistant.llmops.turns import TurnLedger
from assistant.settings import Settings
from knowledge.embedding import Embedder
from knowledge.index import Index, local_client, server_client
from knowledge.ingest import Library
from knowledge.search import ManualSearch
from tools.catalog import Catalog, build_catalog
from tools.clock import Clock, SystemClock
from tools.database import Database, open_database
from tools.telemetry.store import ReadingStore


@dataclass(frozen=True)
class Assistant:
    """Everything a face needs."""

    database: Database
    store: ReadingStore
    catalog: Catalog
    ledger: TurnLedger
    conversations: ConversationList
    feedback: FeedbackBook
    conversation: Conversation
    clock: Clock
    chat_models: ChatModels | None
    direct_calls: DirectCalls
    library: Callable[[], Library]


def open_manuals(settings: Settings) -> ManualSearch:
    """The manuals, opened when first asked."""
    return ManualSearch(lambda: open_library(settings), shared_embedder)


def open_library(settings: Settings) -> Library:
    """The documents and their index, in the data folder; the vectors on a Chroma server where one is set."""
    folder = settings.data_dir.absolute() / "chroma"
    client = server_client(settings.chroma_url) if settings.chroma_url else local_client(folder)
    return Library(
        Index(client, folder),
        shared_embedder,
        added=settings.data_dir.absolute() / "documents",
        kept=settings.cache_dir / "manuals.npz",
    )


@cache
def shared_embedder() -> Embedder:
    """One embedder for brain and manuals: its weights fill 90 MB."""
    return Embedder()


def embedded_brain(store: ReadingStore, catalog: Catalog, cache_dir: Path) -> BaseChatModel:
    """The brain that needs no network."""
    router = load_router(shared_embedder(), cache_dir)
    results = {tool.name: tool.result for tool in catalog.values()}
    return EmbeddedChatModel(planner=Planner(router), fleet=store.fleet, results=results)


def _candidates(brain: BaseChatModel, store: ReadingStore, catalog: Catalog, settings: Settings) -> Candidates:
    """What ranks the tools for a chat model."""
    return Candidates(brain, load_router(shared_embedder(), settings.cache_dir), store.fleet, catalog)


def _around(
    models: ChatModels,
    catalog: Catalog,
    store: ReadingStore,
    candidates: Candidates,
    may_spend: Callable[[Turn], bool],
) -> AgentMiddleware[Any, Any]:
    """What asks the chat models in place of the embedded brain."""
    # Loaded here, with langchain-openai, where a chat model is set.
    from assistant.agent.ask_chat_model import AskChatModel, ChatContext  # noqa: PLC0415

    def wanted(messages: Sequence[AnyMessage], turn: Turn) -> list[str]:
        return candidates.for_question(messages, turn.asked, turn.time_zone)

    return AskChatModel(ChatContext(models, lambda _: catalog, lambda _: store.fleet(), wanted, may_spend))


def _budget(spending: Spending, daily_tokens: int | None) -> Callable[[Turn], bool]:
    """Whether the asker of a turn has tokens left today."""

    def may_spend(turn: Turn) -> bool:
        return daily_tokens is None or spending.tokens_today(turn.who, turn.asked) < daily_tokens

    return may_spend


@asynccontextmanager
async def open_assistant(
    settings: Settings,
    *,
    clock: Clock | None = None,
    database: Database | None = None,
    brain: Callable[[ReadingStore, Catalog], BaseChatModel] | None = None,
) -> AsyncIterator[Assistant]:
    """The assistant on one database, its conversations kept beside it; closes what it opened."""
    clock = clock or SystemClock()
    chat_models = choose_chat_models(settings)
    opened = database or open_database(settings.database_address)
    store = ReadingStore(opened)
    library = cache(partial(open_library, settings))
    catalog = build_catalog(store, clock, ManualSearch(library, shared_embedder))
    ledger = TurnLedger(opened)
    # Turns that a killed process left open; one that runs elsewhere is not older than a turn may take.
    ledger.mark_interrupted(clock.now() - timedelta(seconds=TURN_SECONDS))
    chosen = brain(store, catalog) if brain else embedded_brain(store, catalog, settings.cache_dir)
    pool = ThreadPoolExecutor(TOOL_THREADS, thread_name_prefix="tool")
    settings.checkpoint_path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        async with aiosqlite.connect(settings.checkpoint_path) as connection:
            await connection.execute("PRAGMA journal_mode=WAL")
            await connection.execute("PRAGMA synchronous=NORMAL")
            await connection.execute("PRAGMA busy_timeout=5000")
            saver = AsyncSqliteSaver(connection)
            await saver.setup()
            tools = adapt_tools(catalog, pool)
            around: list[AgentMiddleware[Any, Any]] = []
            if chat_models is not None:
                candidates = _candidates(chosen, store, catalog, settings)
                may_spend = _budget(Spending(opened), settings.daily_tokens)
                tools.append(find_tool(catalog, candidates))
                around.append(_around(chat_models, catalog, store, candidates, may_spend))
            build = partial(build_agent, chosen, tools, saver, around=around)
            conversation = Conversation(build, ledger, clock, chosen._llm_type, prompt_hash())
            yield Assistant(
                opened,
                store,
                catalog,
                ledger,
                ConversationList(opened),
                FeedbackBook(opened),
                conversation,
                clock,
                chat_models,
                DirectCalls(catalog, pool, clock),
                library,
            )
    finally:
        if chat_models is not None:
            await chat_models.close()
        pool.shutdown(wait=False, cancel_futures=True)
        if database is None:
            opened.close()
