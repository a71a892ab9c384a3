"""The tables of sign-in: accounts, and tokens that were signed out before they expired."""

import sqlalchemy as sa

from tools.database import UtcDateTime, metadata

users = sa.Table(
    "users",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("role", sa.Text, nullable=False),
    # Null is every site.
    sa.Column("sites_json", sa.Text),
    sa.Column("password_hash", sa.Text, nullable=False),
    sa.Column("is_disabled", sa.Boolean, nullable=False),
    # Passwords tried since the last right one.
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("locked_until_utc", UtcDateTime),
    # Tokens of an earlier epoch are void.
    sa.Column("token_epoch", sa.Integer, nullable=False),
    sa.Column("created_utc", UtcDateTime, nullable=False),
)

revoked_tokens = sa.Table(
    "revoked_tokens",
    metadata,
    sa.Column("token_id", sa.Text, primary_key=True),
    sa.Column("expires_utc", UtcDateTime, nullable=False),
)
