"""A planned action: exactly what would be done, who asked, until when it may be approved, and what became of it."""

import hashlib
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Literal

from pydantic import Field, JsonValue

from tools.actions.contract import ActionTier, Impact
from tools.clock import Utc
from tools.quantity import Frozen

# Long enough to read and ask a colleague, short enough that the fleet is still as it was shown.
GOOD_FOR = timedelta(minutes=15)

PlanState = Literal["pending", "approved", "executed", "failed", "rejected", "expired", "undone"]
Decision = Literal["approve", "reject"]


class PlannedAction(Frozen):
    """An action that waits for a person's approval, or what became of it. Nothing is done while it is pending."""

    plan_id: str
    action: str
    tier: ActionTier
    arguments: dict[str, JsonValue]
    hash: str = Field(description="SHA-256 of action and arguments; an approval names it")
    impact: Impact
    asked_by: str
    conversation_id: str | None = None
    created: Utc
    expires_at: Utc
    state: PlanState
    decided_by: str | None = None
    decided: Utc | None = None
    reason: str | None = Field(None, description="Why it failed")


class LedgerEntry(Frozen):
    """An action that was done: only what stands here was."""

    plan_id: str
    action: str
    asked_by: str
    approved_by: str
    conversation_id: str | None = None
    done: Utc
    means: str
    undone: Utc | None = None
    undone_by: str | None = None


class Decided(Frozen):
    """A plan after a decision, and its ledger entry where it was carried out."""

    plan: PlannedAction
    entry: LedgerEntry | None = None


def canonical(arguments: Mapping[str, JsonValue]) -> str:
    """Arguments as JSON that is the same for the same arguments."""
    return json.dumps(arguments, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def hash_of(action: str, arguments: Mapping[str, JsonValue]) -> str:
    """What an approval is bound to: this action with these arguments."""
    return hashlib.sha256(canonical({"action": action, "arguments": dict(arguments)}).encode()).hexdigest()
