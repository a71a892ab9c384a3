"""Alembic's entry: runs the migrations on the connection `tools.database` hands in."""

from alembic import context

from tools.database import POSTGRES_SCHEMA, metadata

connection = context.config.attributes["connection"]
is_sqlite = connection.dialect.name == "sqlite"
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=is_sqlite,
    version_table_schema=None if is_sqlite else POSTGRES_SCHEMA,
)
with context.begin_transaction():
    context.run_migrations()
