"""Models: versions, what they said, which one is live and was, trials, scores and labels"""

import sqlalchemy as sa
from alembic import op

from tools.database import UtcDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "model_versions",
        sa.Column("model", sa.Text(), primary_key=True),
        sa.Column("version", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("created_utc", UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False, unique=True),
        sa.Column("algorithm", sa.Text(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("card_json", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text()),
    )
    op.create_table(
        "model_predictions",
        sa.Column("model", sa.Text(), primary_key=True),
        sa.Column("version", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("data", sa.Text(), primary_key=True),
        sa.Column("device_id", sa.Text(), primary_key=True),
        sa.Column("end_utc", UtcDateTime(), primary_key=True),
        sa.Column("site_id", sa.Text(), nullable=False),
        sa.Column("truth", sa.Text(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("probabilities_json", sa.Text()),
        sa.Column("battery_model", sa.Text()),
        sa.Column("age_years", sa.Double()),
        sa.Column("kind", sa.Text()),
        sa.Column("strength", sa.Double()),
    )
    op.create_table(
        "live_models",
        sa.Column("model", sa.Text(), primary_key=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
    )
    op.create_table(
        "model_deployments",
        sa.Column("model", sa.Text(), primary_key=True),
        sa.Column("generation", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("replaced", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at_utc", UtcDateTime(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Text(), unique=True),
    )
    op.create_table(
        "model_trials",
        sa.Column("trial_id", KEY, primary_key=True, autoincrement=True),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("champion", sa.Integer(), nullable=False),
        sa.Column("challenger", sa.Integer(), nullable=False),
        sa.Column("share_pct", sa.Double(), nullable=False),
        sa.Column("sample_size", sa.Integer(), nullable=False),
        sa.Column("started_utc", UtcDateTime(), nullable=False),
        sa.Column("started_by", sa.Text(), nullable=False),
        sa.Column("ended_utc", UtcDateTime()),
        sa.Column("ended_by", sa.Text()),
        sa.Column("verdict", sa.Text()),
    )
    op.create_table(
        "condition_scores",
        sa.Column("model", sa.Text(), primary_key=True),
        sa.Column("version", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("device_id", sa.Text(), primary_key=True),
        sa.Column("end_utc", UtcDateTime(), primary_key=True),
        sa.Column("scored_utc", UtcDateTime(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("probabilities_json", sa.Text()),
        sa.Column("features_json", sa.Text(), nullable=False),
        sa.Column("is_answer", sa.Boolean(), nullable=False),
        sa.Column("latency_ms", sa.Double(), nullable=False),
    )
    op.create_table(
        "condition_labels",
        sa.Column("device_id", sa.Text(), primary_key=True),
        sa.Column("end_utc", UtcDateTime(), primary_key=True),
        sa.Column("condition", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("at_utc", UtcDateTime(), nullable=False),
    )
    op.create_index("condition_scores_by_time", "condition_scores", ["model", "scored_utc"])
    # Until a version passes the gate, the rules of the analytics (version 0) are live.
    op.execute("INSERT INTO live_models (model, version, generation) VALUES ('condition', 0, 0)")


def downgrade() -> None:
    op.drop_index("condition_scores_by_time", "condition_scores")
    op.drop_table("condition_labels")
    op.drop_table("condition_scores")
    op.drop_table("model_trials")
    op.drop_table("model_deployments")
    op.drop_table("live_models")
    op.drop_table("model_predictions")
    op.drop_table("model_versions")
