"""Writes and reads the rows of plans and of the ledger, always on the caller's connection."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from tools.actions.contract import Deed, Effect, Impact
from tools.actions.plan import LedgerEntry, PlannedAction, PlanState, canonical
from tools.actions.schema import action_ledger, action_plans

_LEDGER_NAMES = {"done_utc": "done", "undone_utc": "undone"}


def insert_plan(connection: Connection, plan: PlannedAction) -> None:
    """Keep a new plan."""
    connection.execute(
        sa.insert(action_plans).values(
            plan_id=plan.plan_id,
            action=plan.action,
            tier=plan.tier,
            arguments_json=canonical(plan.arguments),
            hash=plan.hash,
            impact_json=plan.impact.model_dump_json(),
            asked_by=plan.asked_by,
            conversation_id=plan.conversation_id,
            created_utc=plan.created,
            expires_utc=plan.expires_at,
            state=plan.state,
        )
    )


def find_plan(connection: Connection, plan_id: str, *, lock: bool = False) -> PlannedAction | None:
    """One plan; with `lock` nobody else decides on it until this transaction ends."""
    query = sa.select(action_plans).where(action_plans.c.plan_id == plan_id)
    # SQLite knows no row locks: its write transactions wait for each other anyway.
    row = connection.execute(query.with_for_update() if lock else query).mappings().one_or_none()
    return None if row is None else _plan(row)


def plans_where(connection: Connection, *conditions: sa.ColumnElement[bool]) -> list[PlannedAction]:
    """Plans, newest first."""
    query = sa.select(action_plans).where(*conditions).order_by(action_plans.c.created_utc.desc())
    return [_plan(row) for row in connection.execute(query).mappings()]


def move_plan(
    connection: Connection, plan: PlannedAction, state: PlanState, by: str, at: datetime, reason: str | None = None
) -> bool:
    """Take a plan from its state to another; False where somebody else was faster."""
    table = action_plans.c
    changed = connection.execute(
        sa.update(action_plans)
        .where(table.plan_id == plan.plan_id, table.state == plan.state)
        .values(state=state, decided_by=by, decided_utc=at, reason=reason)
    )
    return changed.rowcount == 1


def insert_entry(connection: Connection, plan: PlannedAction, deed: Deed, effect: Effect) -> LedgerEntry:
    """Record that a plan was carried out."""
    entry = LedgerEntry(
        plan_id=plan.plan_id,
        action=plan.action,
        asked_by=deed.asked_by,
        approved_by=deed.approved_by,
        conversation_id=plan.conversation_id,
        done=deed.at,
        means=effect.means,
    )
    values = entry.model_dump(exclude={"done", "undone"})
    connection.execute(
        sa.insert(action_ledger).values(values | {"done_utc": deed.at, "kept_json": json.dumps(effect.kept)})
    )
    return entry


def find_entry(connection: Connection, plan_id: str, *, lock: bool = False) -> tuple[LedgerEntry, Effect] | None:
    """A ledger entry with its effect."""
    query = sa.select(action_ledger).where(action_ledger.c.plan_id == plan_id)
    row = connection.execute(query.with_for_update() if lock else query).mappings().one_or_none()
    return None if row is None else (_entry(row), Effect(means=row["means"], kept=json.loads(row["kept_json"])))


def mark_undone(connection: Connection, plan_id: str, by: str, at: datetime) -> bool:
    """Note that an entry was undone; False where it was already."""
    table = action_ledger.c
    changed = connection.execute(
        sa.update(action_ledger)
        .where(table.plan_id == plan_id, table.undone_utc.is_(None))
        .values(undone_utc=at, undone_by=by)
    )
    return changed.rowcount == 1


def newest_entries(
    connection: Connection, most: int, *conditions: sa.ColumnElement[bool]
) -> Sequence[tuple[LedgerEntry, PlannedAction]]:
    """Ledger entries with their plans, newest first."""
    query = sa.select(action_ledger).where(*conditions).order_by(action_ledger.c.done_utc.desc()).limit(most)
    entries = [_entry(row) for row in connection.execute(query).mappings()]
    plans = {
        plan.plan_id: plan
        for plan in plans_where(connection, action_plans.c.plan_id.in_([one.plan_id for one in entries]))
    }
    return [(entry, plans[entry.plan_id]) for entry in entries]


def _plan(row: sa.RowMapping) -> PlannedAction:
    values: dict[str, Any] = dict(row)
    return PlannedAction(
        plan_id=values["plan_id"],
        action=values["action"],
        tier=values["tier"],
        arguments=json.loads(values["arguments_json"]),
        hash=values["hash"],
        impact=Impact.model_validate_json(values["impact_json"]),
        asked_by=values["asked_by"],
        conversation_id=values["conversation_id"],
        created=values["created_utc"],
        expires_at=values["expires_utc"],
        state=values["state"],
        decided_by=values["decided_by"],
        decided=values["decided_utc"],
        reason=values["reason"],
    )


def _entry(row: sa.RowMapping) -> LedgerEntry:
    facts = {_LEDGER_NAMES.get(name, name): value for name, value in dict(row).items() if name != "kept_json"}
    return LedgerEntry.model_validate(facts)
