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
from sqlalchemy.engine import Connection

from assistant.agent.approvals import TypedApprovals
from assistant.agent.budgets import TOOL_THREADS, TURN_SECONDS
from assistant.agent.build import build_agent
from assistant.agent.chat_prompt import prompt_hash
from assistant.agent.conversation import Conversation
from assistant.agent.direct_calls import DirectCalls
from assistant.agent.tool_adapter import ToolRoom, adapt_tools
from assistant.agent.views import Views
from assistant.auth.accounts import Accounts
from assistant.auth.allowances import Allowances
from assistant.auth.opening import open_audit
from assistant.auth.sign_in import SignIn
from assistant.auth.tokens import Tokens
from assistant.brains.choose import ChatModels, choose_chat_models
from assistant.brains.embedded.model import EmbeddedChatModel
from assistant.brains.embedded.planner import Planner
from assistant.brains.embedded.router import Router, load_router
from assistant.chat_wiring import chat_parts
from assistant.dashboards.board import Board
from assistant.dashboards.health_book import HealthBook
from assistant.dashboards.kept import KeptResults
from assistant.llmops.conversations import ConversationList
from assistant.llmops.feedback import FeedbackBook
from assistant.llmops.spending import Spending
from assistant.llmops.turns import TurnLedger
from assistant.settings import Settings
from knowledge.embedding import Embedder, SentenceEmbedder
from knowledge.index import Index, local_client, server_client
from knowledge.ingest import Library
from knowledge.search import ManualSearch
from tools.actions.all_actions import all_actions
from tools.actions.audit import AuditLog
from tools.actions.ledger import ActionLedger
from tools.analytics.alert_delivery import AlertDelivery
from tools.analytics.alert_outbox import Channel
from tools.analytics.alert_senders import MailSender, Sender, WebhookSender
from tools.catalog import Catalog, build_catalog
from tools.clock import Clock, SystemClock
from tools.database import Database, open_database
from tools.mlops.registry import ModelRegistry
from tools.mlops.serving import ConditionServer
from tools.people import LOCAL_PERSON, Person
from tools.telemetry.store import ReadingStore


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
    chat_models: ChatModels | None
    direct_calls: DirectCalls
    library: Callable[[], Library]
    actions: ActionLedger
    audit: AuditLog
    accounts: Accounts
    allowances: Allowances
    sign_in: SignIn | None
    """None where nobody has to: whoever reaches the server is the local user."""
    brain_name: str
    kept: KeptResults
    health_book: HealthBook

    def board(self, person: Person) -> Board:
        """What dashboards show of the telemetry that person may see."""
        return Board(self.views.of(person).store, self.clock, self.kept, self.health_book)

    def person(self, name: str | None) -> Person:
        """Somebody who has been let in, as their account stands now.

        Raises:
            NotSignedInError: the account is disabled by now.
        """
        return LOCAL_PERSON if self.sign_in is None else self.sign_in.person_named(name)


def open_manuals(settings: Settings) -> ManualSearch:
    """The manuals, opened when first asked."""
    return ManualSearch(partial(open_library, settings), manuals_embedder(settings))


def open_models(settings: Settings, database: Database) -> ConditionServer:
    """The versions of the model of the condition, their files in the data folder."""
    return ConditionServer(database, ModelRegistry(database, settings.data_dir.absolute() / "models"))


def open_library(settings: Settings) -> Library:
    """The documents and their index, in the data folder; the vectors on a Chroma server where one is set."""
    folder = settings.data_dir.absolute() / "chroma"
    client = server_client(settings.chroma_url) if settings.chroma_url else local_client(folder)
    return Library(
        Index(client, folder),
        manuals_embedder(settings),
        added=settings.data_dir.absolute() / "documents",
        kept=settings.cache_dir / "manuals.npz",
    )


def open_actions(settings: Settings, database: Database, audit: AuditLog, clock: Clock) -> ActionLedger:
    """The ledger of actions; who asked and who approves is looked up anew when an action is carried out."""
    find = any_owner if settings.auth_secret is None else Accounts(database, audit, clock).person_on
    return ActionLedger(database, all_actions(), audit, clock, find, second_person=settings.second_person)


def owner_named(name: str) -> Person:
    """Without a sign-in, whoever reaches the port owns the machine, by whatever name they ask."""
    return Person(name=name, role="admin")


def any_owner(_: Connection, name: str) -> Person:
    """The same, as the ledger of actions looks people up."""
    return owner_named(name)


def manuals_embedder(settings: Settings) -> Callable[[], SentenceEmbedder]:
    """What embeds the manuals and the questions to them: the model of the settings, or the one on this machine."""
    if settings.embedding_model is None:
        return shared_embedder
    return cache(partial(_embedder_elsewhere, settings.embedding_model, settings))


def _embedder_elsewhere(model: str, settings: Settings) -> SentenceEmbedder:
    from assistant.brains.openai_embeddings import OpenAIEmbedder  # noqa: PLC0415  the client takes a second to load

    return OpenAIEmbedder(model, settings)


@cache
def shared_embedder() -> Embedder:
    """One embedder for brain and manuals: its weights fill 90 MB."""
    return Embedder()


def open_delivery(settings: Settings, database: Database, clock: Clock) -> Callable[[], int] | None:
    """What delivers alerts over the channels that are set; None where none is."""
    senders: dict[Channel, Sender] = {}
    if settings.alert_webhook_url:
        senders["webhook"] = WebhookSender(settings.alert_webhook_url.get_secret_value())
    if settings.alert_smtp_url and settings.alert_mail_from and settings.alert_mail_to:
        receivers = [one.strip() for one in settings.alert_mail_to.split(",")]
        senders["mail"] = MailSender(settings.alert_smtp_url.get_secret_value(), settings.alert_mail_from, receivers)
    if not senders:
        return None
    return AlertDelivery(database, clock, senders, settings.alert_delivery_severity).run_once


def embedded_brain(store: ReadingStore, catalog: Catalog, cache_dir: Path) -> BaseChatModel:
    """The brain that needs no network."""
    router = load_router(shared_embedder(), cache_dir)
    results = {tool.name: tool.result for tool in catalog.values()}
    return EmbeddedChatModel(
        planner=Planner(router), fleet=lambda sites: store.scoped(sites).fleet(), results=results
    )


def _router(settings: Settings) -> Router:
    return load_router(shared_embedder(), settings.cache_dir)


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
    # Opened when first asked: most questions need no document.
    library = cache(partial(open_library, settings))
    manuals, models = ManualSearch(library, manuals_embedder(settings)), open_models(settings, opened)
    audit = open_audit(settings, opened, clock)
    accounts = Accounts(opened, audit, clock)
    sign_in = _sign_in(settings, opened, accounts, audit, clock)
    actions = open_actions(settings, opened, audit, clock)
    views = Views(store, lambda own: build_catalog(own, clock, manuals, actions, models))
    ledger = TurnLedger(opened)
    # Turns that a killed process left open; one that runs elsewhere is not older than a turn may take.
    ledger.mark_interrupted(clock.now() - timedelta(seconds=TURN_SECONDS))
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
            router = partial(_router, settings)
            chat = chat_parts(chat_models, views, chosen, router, Spending(opened), settings.daily_tokens)
            tools = [*adapt_tools(views.catalog_of, pool, audit), *chat.tools]
            build = partial(build_agent, chosen, tools, saver, around=chat.around)
            brain_name = chosen._llm_type
            conversation = Conversation(
                build, ledger, clock, brain_name, prompt_hash(), TypedApprovals(actions, ledger)
            )
            yield Assistant(
                opened,
                views,
                ledger,
                ConversationList(opened),
                FeedbackBook(opened),
                conversation,
                clock,
                chat_models,
                DirectCalls(views.catalog_of, ToolRoom(pool, audit), clock),
                library,
                actions,
                audit,
                accounts,
                _allowances(settings),
                sign_in,
                chosen._llm_type,
                KeptResults(),
                HealthBook(),
            )
    finally:
        if chat_models is not None:
            await chat_models.close()
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
