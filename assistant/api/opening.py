"""Opens the assistant for serving: database, demo, live feed and brain, in a thread, saying how far it is."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant.api.readiness import Report
from assistant.settings import Settings
from tools.clock import Clock, SystemClock
from tools.database import Database, open_database

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from assistant.wiring import Assistant
    from tools.catalog import Catalog
    from tools.telemetry.store import ReadingStore

    BrainMaker = Callable[[ReadingStore, Catalog], BaseChatModel]

# What pandas, LangChain and the rest take to load is longer than a health check waits, so the functions below load
# them where they are needed: in a thread, while the server answers.


@dataclass(frozen=True)
class Opened:
    """The assistant; what samples its simulated fleet and judges what arrives; what delivers alerts, None if nobody
    is to be told."""

    assistant: "Assistant"
    tick: Callable[[], int] | None
    deliver: Callable[[], int] | None = None


@dataclass(frozen=True)
class _Prepared:
    database: Database
    brain: "BaseChatModel"
    tick: Callable[[], int]
    deliver: Callable[[], int] | None


@asynccontextmanager
async def open_for_serving(
    settings: Settings,
    report: Report,
    *,
    clock: Clock | None = None,
    brain: "BrainMaker | None" = None,
    demo_days: int = 30,
) -> AsyncIterator[Opened]:
    """The assistant on a database that holds a fleet; an empty one gets the demo of so many days."""
    clock = clock or SystemClock()
    report(None, "loading the assistant")
    prepared = await asyncio.to_thread(_prepare, settings, report, clock, brain, demo_days)
    try:
        from assistant.wiring import open_assistant  # noqa: PLC0415

        async with open_assistant(
            settings, clock=clock, database=prepared.database, brain=lambda *_: prepared.brain
        ) as assistant:
            yield Opened(assistant, prepared.tick, prepared.deliver)
    finally:
        prepared.database.close()


def _prepare(
    settings: Settings, report: Report, clock: Clock, brain: "BrainMaker | None", demo_days: int
) -> _Prepared:
    from assistant.auth.opening import open_audit  # noqa: PLC0415
    from assistant.wiring import open_actions, open_delivery, open_manuals  # noqa: PLC0415
    from tools.catalog import build_catalog  # noqa: PLC0415
    from tools.telemetry.store import ReadingStore  # noqa: PLC0415

    with ExitStack() as undo:
        database = open_database(settings.database_address, create=True)
        undo.callback(database.close)
        store = ReadingStore(database)
        if not store.fleet().devices:
            _make_demo(database, report, clock, demo_days)
        tick = _carry_on(database, report, clock, feed_is_wanted=settings.live_feed)
        report(None, "getting the brain ready")
        catalog = build_catalog(
            store,
            clock,
            open_manuals(settings),
            open_actions(settings, database, open_audit(settings, database, clock), clock),
        )
        made = brain(store, catalog) if brain else _warm_brain(store, catalog, settings, clock)
        undo.pop_all()
        return _Prepared(database, made, tick, open_delivery(settings, database, clock))


def _make_demo(database: Database, report: Report, clock: Clock, days: int) -> None:
    import structlog  # noqa: PLC0415

    from tools.analytics.alerts import evaluate_history  # noqa: PLC0415
    from tools.telemetry.demo import make_demo  # noqa: PLC0415

    log = structlog.get_logger()
    log.info("making the demo fleet", days=days)
    made = make_demo(
        database,
        now=clock.now(),
        days=days,
        progress=lambda share, _: report(share, "making the demo fleet"),
    )
    report(None, "judging the demo fleet")
    evaluate_history(database)
    log.info("demo fleet made", devices=made.devices, readings=made.readings)


def _carry_on(database: Database, report: Report, clock: Clock, *, feed_is_wanted: bool) -> Callable[[], int]:
    """Fill the time since the simulated fleet was last sampled; gives what samples it and judges what has arrived.

    Readings of real devices come in by themselves; they, and silence, are judged with or without a feed.
    """
    from tools.analytics.alert_watch import AlertWatch  # noqa: PLC0415
    from tools.telemetry.live import LiveFeed  # noqa: PLC0415

    watch = AlertWatch(database, clock)
    feed = LiveFeed(database, clock)
    is_fed = feed_is_wanted and feed.is_available
    if is_fed:
        feed.catch_up(lambda share, _: report(share, "catching up with the live feed"))

    def sample_and_judge() -> int:
        sampled = feed.tick() if is_fed else 0
        # One device a tick: judging all of them at once would keep askers waiting.
        watch.catch_up(most=1)
        return sampled

    return sample_and_judge


def _warm_brain(store: "ReadingStore", catalog: "Catalog", settings: Settings, clock: Clock) -> "BaseChatModel":
    """The embedded brain after its first question, so that nobody waits for the weights to be read."""
    from langchain_core.messages import HumanMessage  # noqa: PLC0415

    from assistant.wiring import embedded_brain  # noqa: PLC0415

    brain = embedded_brain(store, catalog, settings.cache_dir)
    asked = {"time_zone": "UTC", "asked_utc": clock.now().isoformat(), "sites": None}
    brain.invoke([HumanMessage("Which devices are there?", additional_kwargs=asked)])
    return brain
