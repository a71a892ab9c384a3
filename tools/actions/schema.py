"""The tables of actions: what is planned, what was done, and the maintenance log."""

import sqlalchemy as sa

from tools.database import UtcDateTime, metadata

_Key = sa.BigInteger().with_variant(sa.Integer, "sqlite")

action_plans = sa.Table(
    "action_plans",
    metadata,
    sa.Column("plan_id", sa.Text, primary_key=True),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("tier", sa.Text, nullable=False),
    sa.Column("arguments_json", sa.Text, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
    sa.Column("impact_json", sa.Text, nullable=False),
    sa.Column("asked_by", sa.Text, nullable=False),
    sa.Column("conversation_id", sa.Text),
    sa.Column("created_utc", UtcDateTime, nullable=False),
    sa.Column("expires_utc", UtcDateTime, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("decided_by", sa.Text),
    sa.Column("decided_utc", UtcDateTime),
    sa.Column("reason", sa.Text),
    sa.Index("action_plans_by_state", "state", "expires_utc"),
    sa.Index("action_plans_by_conversation", "conversation_id", "created_utc"),
)

# One row a plan that was carried out: the key keeps a second one out whatever else goes wrong.
action_ledger = sa.Table(
    "action_ledger",
    metadata,
    sa.Column("plan_id", sa.Text, sa.ForeignKey("action_plans.plan_id"), primary_key=True),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("asked_by", sa.Text, nullable=False),
    sa.Column("approved_by", sa.Text, nullable=False),
    sa.Column("conversation_id", sa.Text),
    sa.Column("done_utc", UtcDateTime, nullable=False),
    sa.Column("means", sa.Text, nullable=False),
    # What undoing it needs to know.
    sa.Column("kept_json", sa.Text, nullable=False),
    sa.Column("undone_utc", UtcDateTime),
    sa.Column("undone_by", sa.Text),
    sa.Index("action_ledger_by_time", "done_utc"),
)

maintenance_log = sa.Table(
    "maintenance_log",
    metadata,
    sa.Column("entry_id", _Key, primary_key=True, autoincrement=True),
    sa.Column("device_id", sa.Text, nullable=False),
    sa.Column("site_id", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("cell_no", sa.Integer),
    # Of a closing, the entry that opened the order.
    sa.Column("work_order", _Key),
    sa.Column("text", sa.Text),
    sa.Column("done_utc", UtcDateTime, nullable=False),
    sa.Column("logged_utc", UtcDateTime, nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    # An entry taken back stays in the log and is counted no more.
    sa.Column("withdrawn_utc", UtcDateTime),
    sa.Index("maintenance_log_by_device", "device_id", "done_utc"),
)
