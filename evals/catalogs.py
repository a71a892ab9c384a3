"""The catalogue on an eval fleet, and what its tools are told of a turn."""

from datetime import datetime

from assistant.settings import Settings
from assistant.wiring import any_owner, open_manuals, owner_named
from tools.actions.all_actions import all_actions
from tools.actions.audit import AuditLog
from tools.actions.ledger import ActionLedger
from tools.catalog import Catalog, Tool, build_catalog
from tools.clock import Clock, FixedClock
from tools.database import Database
from tools.telemetry.store import ReadingStore

# The log of an eval fleet is thrown away with it.
KEY = b"evals of the battery assistant.."


def eval_actions(database: Database, clock: Clock) -> ActionLedger:
    """The ledger of actions of a fleet."""
    audit = AuditLog(database, KEY, clock)
    return ActionLedger(database, all_actions(), audit, clock, any_owner, second_person=False)


def eval_catalog(database: Database, now: datetime) -> Catalog:
    """Every tool, at a pinned present."""
    clock = FixedClock(now)
    return build_catalog(ReadingStore(database), clock, open_manuals(Settings()), eval_actions(database, clock))


def context_of(tool: Tool, zone: str) -> dict[str, object]:
    """What a tool is told of a turn that is made again."""
    known = {"time_zone": zone, "person": owner_named("eval"), "conversation_id": None}
    return {name: known[name] for name in tool.context_arguments}
