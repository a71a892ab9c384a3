"""How many tokens of chat models someone has used today, from the turn ledger."""

from datetime import datetime

import sqlalchemy as sa

from assistant.llmops.turns import turns
from tools.database import Database


class Spending:
    """Reads what has been used; a turn whose server counted no tokens adds nothing."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def tokens_today(self, who: str, now: datetime) -> int:
        """Input and output tokens of a person's turns since midnight UTC."""
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        usage = self._usage()
        used = sa.func.sum(
            sa.func.coalesce(usage["input_tokens"].as_integer(), 0)
            + sa.func.coalesce(usage["output_tokens"].as_integer(), 0)
        )
        mine = (turns.c.who == who, turns.c.asked_utc >= midnight, turns.c.details_json.is_not(None))
        with self._database.read() as connection:
            return int(connection.scalar(sa.select(used).where(*mine)) or 0)

    def _usage(self) -> sa.ColumnElement[sa.JSON]:
        # SQLite reads JSON from text as it is, and a cast would make a number of it; PostgreSQL wants the cast.
        is_sqlite = self._database.engine.dialect.name == "sqlite"
        details = turns.c.details_json
        return (sa.type_coerce(details, sa.JSON) if is_sqlite else sa.cast(details, sa.JSON))["usage"]
