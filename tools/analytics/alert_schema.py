"""The tables of alerts: each one's life, thresholds of one battery model, site or device, and messages to be sent."""

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

alert_deliveries = sa.Table(
    "alert_deliveries",
    metadata,
    sa.Column("delivery_id", _Key, primary_key=True, autoincrement=True),
    # The same for the same event of the same alert, whoever computes it: receivers recognise a repetition by it.
    sa.Column("event_key", sa.Text, nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    # Not the alert's number: an alert that is evaluated anew may get another.
    sa.Column("device_id", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("raised_utc", UtcDateTime, nullable=False),
    sa.Column("event", sa.Text, nullable=False),
    sa.Column("severity", sa.Text, nullable=False),
    sa.Column("message_json", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("noted_utc", UtcDateTime, nullable=False),
    sa.Column("next_try_utc", UtcDateTime, nullable=False),
    sa.Column("delivered_utc", UtcDateTime),
    sa.Column("last_error", sa.Text),
    sa.UniqueConstraint("event_key", "channel", name="one_delivery_per_event_and_channel"),
    sa.Index("alert_deliveries_by_state", "state", "next_try_utc"),
    sa.Index("alert_deliveries_by_alert", "device_id", "name", "raised_utc"),
)
