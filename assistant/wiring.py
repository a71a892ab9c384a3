"""Builds every object once, from the settings, for the command line, the server and the evals."""

from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cache, partial
from pathlib import Path

import aiosqlite
from langchain_core.language_models import BaseChatModel
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

from assistant.agent.budgets import TOOL_THREADS, TURN_SECONDS
from assistant.agent.build import build_agent
from assistant.agent.conversation import Conversation
from assistant.agent.tool_adapter import adapt_tools
from assistant.agent.views import Views
from assistant.auth.accounts import Accounts
from assistant.auth.allowances import Allowances
from assistant.auth.opening import open_audit
from assistant.auth.sign_in import SignIn
from assistant.auth.tokens import Tokens
from assistant.brains.embedded.model import NAME, EmbeddedChatModel
from assistant.brains.embedded.planner import Planner
from assistant.brains.embedded.router import load_router
from assistant.llmops.conversations import ConversationList
from assistant.llmops.feedback import FeedbackBook
from assistant.llmops.turns import TurnLedger
from assistant.settings import Settings
from knowledge.embedding import Embedder
from knowledge.index import Index, local_client, server_client
from knowledge.ingest import Library
from knowledge.search import ManualSearch
from tools.actions.audit import AuditLog
from tools.catalog import Catalog, build_catalog
from tools.clock import Clock, SystemClock
from tools.database import Database, open_database
from tools.mlops.registry import ModelRegistry
from tools.mlops.serving import ConditionServer
from tools.people import LOCAL_PERSON, Person
from tools.telemetry.store import ReadingStore

SYSTEM_PROMPT = Path(__file__).parent / "prompts" / "system.md"


@dataclass(frozen=True)
class Assistant:
    """Everything a face needs."""

    database: Database
    views: Views
    ledger: TurnLedger
    conversations: ConversationList
    feedback: FeedbackBook
    conversation: Conversation
    clock: Clock
    audit: AuditLog
    accounts: Accounts
    allowances: Allowances
    sign_in: SignIn | None
    """None where nobody has to: whoever reaches the server is the local user."""

    def person(self, name: str | None) -> Person:
        """Somebody who has been let in, as their account stands now.

        Raises:
            NotSignedInError: the account is disabled by now.
        """
        return LOCAL_PERSON if self.sign_in is None else self.sign_in.person_named(name)


def open_manuals(settings: Settings) -> ManualSearch:
    """The manuals, opened when first asked."""
    return ManualSearch(lambda: open_library(settings), shared_embedder)


def open_models(settings: Settings, database: Database) -> ConditionServer:
    """The versions of the model of the condition, their files in the data folder."""
    return ConditionServer(database, ModelRegistry(database, settings.data_dir.absolute() / "models"))


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
    return EmbeddedChatModel(
        planner=Planner(router), fleet=lambda sites: store.scoped(sites).fleet(), results=results
    )


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
    opened = database or open_database(settings.database_address)
    store = ReadingStore(opened)
    manuals, models = open_manuals(settings), open_models(settings, opened)
    views = Views(store, lambda own: build_catalog(own, clock, manuals, models))
    audit = open_audit(settings, opened, clock)
    accounts = Accounts(opened, audit, clock)
    ledger = TurnLedger(opened)
    # Turns that a killed process left open; one that runs elsewhere is not older than a turn may take.
    ledger.mark_interrupted(clock.now() - timedelta(seconds=TURN_SECONDS))
    prompt = SYSTEM_PROMPT.read_text(encoding="utf-8")
    catalog = views.catalog_of(LOCAL_PERSON)
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
            build = partial(build_agent, chosen, adapt_tools(views.catalog_of, pool, audit), prompt, saver)
            conversation = Conversation(build, ledger, clock, NAME if brain is None else chosen._llm_type, prompt)
            yield Assistant(
                opened,
                views,
                ledger,
                ConversationList(opened),
                FeedbackBook(opened),
                conversation,
                clock,
                audit,
                accounts,
                _allowances(settings),
                _sign_in(settings, opened, accounts, audit, clock),
            )
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        if database is None:
            opened.close()


def _allowances(settings: Settings) -> Allowances:
    # Without a sign-in there is one person, who owns the machine.
    if settings.auth_secret is None:
        return Allowances({})
    return Allowances(
        {
            "questions": settings.question_limit,
            "requests": settings.request_limit,
            "sign_ins": settings.sign_in_limit,
        }
    )


def _sign_in(
    settings: Settings, database: Database, accounts: Accounts, audit: AuditLog, clock: Clock
) -> SignIn | None:
    if settings.auth_secret is None:
        return None
    return SignIn(database, accounts, audit, Tokens(settings.auth_secret, clock), clock)
