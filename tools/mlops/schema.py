"""The tables of models: versions, what they said of held-out weeks, which one is live, its history, trials, scores."""

import sqlalchemy as sa

from tools.database import UtcDateTime, metadata

_KEY = sa.BigInteger().with_variant(sa.Integer, "sqlite")

model_versions = sa.Table(
    "model_versions",
    metadata,
    sa.Column("model", sa.Text, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("created_utc", UtcDateTime, nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
    # Names the work it came from, so that work done twice makes one version.
    sa.Column("made_by", sa.Text, nullable=False, unique=True),
    sa.Column("algorithm", sa.Text, nullable=False),
    sa.Column("file", sa.Text, nullable=False),
    sa.Column("sha256", sa.Text, nullable=False),
    sa.Column("passed", sa.Boolean, nullable=False),
    sa.Column("card_json", sa.Text, nullable=False),
    sa.Column("run_id", sa.Text),
)

model_predictions = sa.Table(
    "model_predictions",
    metadata,
    sa.Column("model", sa.Text, primary_key=True),
    # Version 0 is the rules of the analytics.
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    # Which labelled weeks: the fingerprint of their data.
    sa.Column("data", sa.Text, primary_key=True),
    sa.Column("device_id", sa.Text, primary_key=True),
    sa.Column("end_utc", UtcDateTime, primary_key=True),
    sa.Column("site_id", sa.Text, nullable=False),
    sa.Column("truth", sa.Text, nullable=False),
    sa.Column("said", sa.Text, nullable=False),
    sa.Column("probabilities_json", sa.Text),
    sa.Column("battery_model", sa.Text),
    sa.Column("age_years", sa.Double),
    sa.Column("kind", sa.Text),
    sa.Column("strength", sa.Double),
)

# One row a model; `generation` counts every change, so that a change made on an old view is refused.
live_models = sa.Table(
    "live_models",
    metadata,
    sa.Column("model", sa.Text, primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("generation", sa.Integer, nullable=False),
)

model_deployments = sa.Table(
    "model_deployments",
    metadata,
    sa.Column("model", sa.Text, primary_key=True),
    sa.Column("generation", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("replaced", sa.Integer, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("at_utc", UtcDateTime, nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("why", sa.Text, nullable=False),
    # Names the work it came from, so that work done twice is one deployment.
    sa.Column("made_by", sa.Text, unique=True),
)

model_trials = sa.Table(
    "model_trials",
    metadata,
    sa.Column("trial_id", _KEY, primary_key=True, autoincrement=True),
    sa.Column("model", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("champion", sa.Integer, nullable=False),
    sa.Column("challenger", sa.Integer, nullable=False),
    # Percent of the devices that the challenger answers for; 0 in a shadow trial.
    sa.Column("share_pct", sa.Double, nullable=False),
    sa.Column("sample_size", sa.Integer, nullable=False),
    sa.Column("started_utc", UtcDateTime, nullable=False),
    sa.Column("started_by", sa.Text, nullable=False),
    sa.Column("ended_utc", UtcDateTime),
    sa.Column("ended_by", sa.Text),
    sa.Column("verdict", sa.Text),
)

# What was said of a device's week by whom; in a trial both versions speak, one of them answers.
condition_scores = sa.Table(
    "condition_scores",
    metadata,
    sa.Column("model", sa.Text, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("device_id", sa.Text, primary_key=True),
    sa.Column("end_utc", UtcDateTime, primary_key=True),
    sa.Column("scored_utc", UtcDateTime, nullable=False),
    sa.Column("said", sa.Text, nullable=False),
    sa.Column("probabilities_json", sa.Text),
    sa.Column("features_json", sa.Text, nullable=False),
    sa.Column("is_answer", sa.Boolean, nullable=False),
    sa.Column("latency_ms", sa.Double, nullable=False),
    sa.Index("condition_scores_by_time", "model", "scored_utc"),
)

# What a person found the condition of a device's week to be.
condition_labels = sa.Table(
    "condition_labels",
    metadata,
    sa.Column("device_id", sa.Text, primary_key=True),
    sa.Column("end_utc", UtcDateTime, primary_key=True),
    sa.Column("condition", sa.Text, nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("at_utc", UtcDateTime, nullable=False),
)
