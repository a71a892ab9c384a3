"""Actions that wait for approval, what was done, and the maintenance log"""

import sqlalchemy as sa
from alembic import op

from tools.database import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "action_plans",
        sa.Column("plan_id", sa.Text(), primary_key=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("tier", sa.Text(), nullable=False),
        sa.Column("arguments_json", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("impact_json", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("conversation_id", sa.Text()),
        sa.Column("created_utc", UtcDateTime(), nullable=False),
        sa.Column("expires_utc", UtcDateTime(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text()),
        sa.Column("decided_utc", UtcDateTime()),
        sa.Column("reason", sa.Text()),
    )
    op.create_index("action_plans_by_state", "action_plans", ["state", "expires_utc"])
    op.create_index("action_plans_by_conversation", "action_plans", ["conversation_id", "created_utc"])
    op.create_table(
        "action_ledger",
        sa.Column("plan_id", sa.Text(), sa.ForeignKey("action_plans.plan_id"), primary_key=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=False),
        sa.Column("conversation_id", sa.Text()),
        sa.Column("done_utc", UtcDateTime(), nullable=False),
        sa.Column("means", sa.Text(), nullable=False),
        sa.Column("kept_json", sa.Text(), nullable=False),
        sa.Column("undone_utc", UtcDateTime()),
        sa.Column("undone_by", sa.Text()),
    )
    op.create_index("action_ledger_by_time", "action_ledger", ["done_utc"])
    op.create_table(
        "maintenance_log",
        sa.Column("entry_id", KEY, primary_key=True, autoincrement=True),
        sa.Column("device_id", sa.Text(), nullable=False),
        sa.Column("site_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("cell_no", sa.Integer()),
        sa.Column("work_order", KEY),
        sa.Column("text", sa.Text()),
        sa.Column("done_utc", UtcDateTime(), nullable=False),
        sa.Column("logged_utc", UtcDateTime(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("withdrawn_utc", UtcDateTime()),
    )
    op.create_index("maintenance_log_by_device", "maintenance_log", ["device_id", "done_utc"])


def downgrade() -> None:
    for table in ("maintenance_log", "action_ledger", "action_plans"):
        op.drop_table(table)
