"""The tables of alerts: each one's life, and thresholds that differ for one battery model, site or device."""

import sqlalchemy as sa

from tools.database import UtcDateTime, metadata

_Key = sa.BigInteger().with_variant(sa.Integer, "sqlite")

alerts = sa.Table(
    "alerts",
    metadata,
    sa.Column("alert_id", _Key, primary_key=True, autoincrement=True),
    sa.Column("device_id", sa.Text, nullable=False),
    sa.Column("site_id", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("severity", sa.Text, nullable=False),
    # The row with which the condition began, and the one that raised the alert once its delay was over.
    sa.Column("began_utc", UtcDateTime, nullable=False),
    sa.Column("raised_utc", UtcDateTime, nullable=False),
    sa.Column("cleared_utc", UtcDateTime),
    sa.Column("value", sa.Double, nullable=False),
    sa.Column("acknowledged_utc", UtcDateTime),
    sa.Column("acknowledged_by", sa.Text),
    sa.Column("note", sa.Text),
    sa.UniqueConstraint("device_id", "name", "raised_utc", name="one_alert_per_device_name_and_time"),
    sa.Index("alerts_by_time", "raised_utc"),
)

alert_thresholds = sa.Table(
    "alert_thresholds",
    metadata,
    sa.Column("scope", sa.Text, primary_key=True),
    sa.Column("scope_key", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("severity", sa.Text, primary_key=True),
    # No threshold switches this step off.
    sa.Column("threshold", sa.Double),
)
