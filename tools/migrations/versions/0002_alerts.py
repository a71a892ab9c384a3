"""Alerts: their lives, thresholds of one model or site, and what is still to be delivered"""

import sqlalchemy as sa
from alembic import op

from tools.database import UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "alerts",
        sa.Column("alert_id", KEY, primary_key=True, autoincrement=True),
        sa.Column("device_id", sa.Text(), nullable=False),
        sa.Column("site_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("began_utc", UtcDateTime(), nullable=False),
        sa.Column("raised_utc", UtcDateTime(), nullable=False),
        sa.Column("cleared_utc", UtcDateTime()),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("acknowledged_utc", UtcDateTime()),
        sa.Column("acknowledged_by", sa.Text()),
        sa.Column("note", sa.Text()),
        sa.UniqueConstraint("device_id", "name", "raised_utc", name="one_alert_per_device_name_and_time"),
    )
    op.create_index("alerts_by_time", "alerts", ["raised_utc"])
    op.create_table(
        "alert_thresholds",
        sa.Column("scope", sa.Text(), primary_key=True),
        sa.Column("scope_key", sa.Text(), primary_key=True),
        sa.Column("name", sa.Text(), primary_key=True),
        sa.Column("severity", sa.Text(), primary_key=True),
        sa.Column("threshold", sa.Double()),
    )


def downgrade() -> None:
    op.drop_table("alert_thresholds")
    op.drop_index("alerts_by_time", "alerts")
    op.drop_table("alerts")
