"""The tables of telemetry, made from the fields of a reading.

`battery_data` and `live_readings` hold the 66 fields, `latest_readings` the newest row of each device,
`hourly_rollups` count, sum, minimum and maximum of the fields marked for it, `quarantine` what was rejected.
`injected_faults` and `simulated_truth` belong to the simulator and the evals: no tool may read them.
"""

from typing import Any

import sqlalchemy as sa

from tools.database import UtcDateTime, metadata
from tools.telemetry.fields import FieldFacts, all_fields, rollup_fields

_TYPES: dict[str, Any] = {
    "number": sa.Double,
    "integer": sa.BigInteger,
    "text": sa.Text,
    "category": sa.Text,
    "time": UtcDateTime,
    "date": sa.Date,
}
# SQLite only counts up by itself in a column of type INTEGER.
_Key = sa.BigInteger().with_variant(sa.Integer, "sqlite")
ROLLUP_STATISTICS = ("count", "sum", "min", "max")


def rollup_column(field: str, statistic: str) -> str:
    """Name of the rollup column of a field, for example "soc_pct__min"."""
    return f"{field}__{statistic}"


def _column(facts: FieldFacts) -> sa.Column[Any]:
    required = facts.name in ("timestamp_utc", "site_id", "device_id")
    return sa.Column(facts.name, _TYPES[facts.kind], nullable=not required)


def _reading_columns() -> list[sa.Column[Any]]:
    return [_column(facts) for facts in all_fields().values() if facts.name != "record_id"]


sites = sa.Table(
    "sites",
    metadata,
    sa.Column("site_id", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False, unique=True),
    sa.Column("region", sa.Text),
    sa.Column("address", sa.Text),
    sa.Column("climate", sa.Text),
    sa.Column("latitude_deg", sa.Double),
    sa.Column("longitude_deg", sa.Double),
    sa.Column("time_zone", sa.Text, nullable=False),
    sa.Column("autonomy_min", sa.Double),
)

devices = sa.Table(
    "devices",
    metadata,
    sa.Column("device_id", sa.Text, primary_key=True),
    sa.Column("site_id", sa.Text, sa.ForeignKey("sites.site_id"), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("battery_model", sa.Text),
    sa.Column("cell_count", sa.Integer, nullable=False),
    sa.Column("rated_capacity_ah", sa.Double),
    sa.Column("install_date", sa.Date),
    sa.Column("poll_interval_s", sa.Integer, nullable=False),
    sa.Column("resistance_baseline_mohm", sa.Double),
    sa.Column("joint_baseline_mohm", sa.Double),
)

battery_data = sa.Table(
    "battery_data",
    metadata,
    sa.Column("record_id", _Key, primary_key=True, autoincrement=True),
    *_reading_columns(),
    sa.UniqueConstraint("device_id", "timestamp_utc", name="one_row_per_device_and_time"),
)

live_readings = sa.Table(
    "live_readings",
    metadata,
    sa.Column("record_id", _Key, primary_key=True, autoincrement=True),
    *_reading_columns(),
    sa.UniqueConstraint("device_id", "timestamp_utc", name="one_live_row_per_device_and_time"),
    sa.Index("live_by_time", "timestamp_utc"),
)

latest_readings = sa.Table(
    "latest_readings",
    metadata,
    sa.Column("record_id", sa.BigInteger),
    *_reading_columns(),
    sa.PrimaryKeyConstraint("device_id"),
)

cell_readings = sa.Table(
    "cell_readings",
    metadata,
    sa.Column("device_id", sa.Text, nullable=False),
    sa.Column("timestamp_utc", UtcDateTime, nullable=False),
    sa.Column("cell_no", sa.Integer, nullable=False),
    sa.Column("voltage_v", sa.Double),
    sa.Column("temperature_c", sa.Double),
    sa.Column("resistance_mohm", sa.Double),
    sa.PrimaryKeyConstraint("device_id", "timestamp_utc", "cell_no"),
)

hourly_rollups = sa.Table(
    "hourly_rollups",
    metadata,
    sa.Column("hour_utc", UtcDateTime, nullable=False),
    sa.Column("device_id", sa.Text, nullable=False),
    sa.Column("rows", sa.Integer, nullable=False),
    sa.Column("rows_not_good", sa.Integer, nullable=False),
    *(
        sa.Column(rollup_column(field, statistic), sa.Integer if statistic == "count" else sa.Double)
        for field in rollup_fields()
        for statistic in ROLLUP_STATISTICS
    ),
    sa.PrimaryKeyConstraint("device_id", "hour_utc"),
    sa.Index("rollups_by_hour", "hour_utc"),
)

imports = sa.Table(
    "imports",
    metadata,
    sa.Column("import_id", _Key, primary_key=True, autoincrement=True),
    sa.Column("file_name", sa.Text, nullable=False),
    sa.Column("sha256", sa.Text, nullable=False),
    sa.Column("device_id", sa.Text, nullable=False),
    sa.Column("imported_utc", UtcDateTime, nullable=False),
    sa.Column("rows_read", sa.Integer, nullable=False),
    sa.Column("rows_stored", sa.Integer, nullable=False),
    sa.Column("rows_duplicate", sa.Integer, nullable=False),
    sa.Column("rows_rejected", sa.Integer, nullable=False),
)

quarantine = sa.Table(
    "quarantine",
    metadata,
    sa.Column("quarantine_id", _Key, primary_key=True, autoincrement=True),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("device_id", sa.Text),
    sa.Column("row_hash", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("raw_row", sa.Text, nullable=False),
    sa.Column("received_utc", UtcDateTime, nullable=False),
    # The same bad row of the same source is kept once, so that importing a file again changes nothing.
    sa.UniqueConstraint("source", "row_hash", name="one_quarantined_row"),
)

injected_faults = sa.Table(
    "injected_faults",
    metadata,
    sa.Column("fault_id", _Key, primary_key=True, autoincrement=True),
    sa.Column("device_id", sa.Text, nullable=False),
    sa.Column("cell_no", sa.Integer),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("onset_utc", UtcDateTime, nullable=False),
    sa.Column("end_utc", UtcDateTime),
    sa.Column("severity", sa.Double, nullable=False),
)

simulated_truth = sa.Table(
    "simulated_truth",
    metadata,
    sa.Column("device_id", sa.Text, nullable=False),
    sa.Column("timestamp_utc", UtcDateTime, nullable=False),
    sa.Column("cell_no", sa.Integer, nullable=False),
    sa.Column("soc_true", sa.Double),
    sa.Column("soh_true", sa.Double),
    sa.Column("temperature_true_c", sa.Double),
    sa.Column("voltage_true_v", sa.Double),
    sa.PrimaryKeyConstraint("device_id", "timestamp_utc", "cell_no"),
)

simulator_state = sa.Table(
    "simulator_state",
    metadata,
    sa.Column("state_id", sa.Integer, primary_key=True),
    sa.Column("saved_utc", UtcDateTime, nullable=False),
    sa.Column("state_json", sa.Text, nullable=False),
)
