"""Messages about alerts: what is to be sent, was sent, or could not be"""

import sqlalchemy as sa
from alembic import op

from tools.database import UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "alert_deliveries",
        sa.Column("delivery_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("event_key", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("device_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("raised_utc", UtcDateTime(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("message_json", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("noted_utc", UtcDateTime(), nullable=False),
        sa.Column("next_try_utc", UtcDateTime(), nullable=False),
        sa.Column("delivered_utc", UtcDateTime(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("delivery_id"),
        sa.UniqueConstraint("event_key", "channel", name="one_delivery_per_event_and_channel"),
    )
    op.create_index("alert_deliveries_by_state", "alert_deliveries", ["state", "next_try_utc"])
    op.create_index("alert_deliveries_by_alert", "alert_deliveries", ["device_id", "name", "raised_utc"])


def downgrade() -> None:
    op.drop_table("alert_deliveries")
