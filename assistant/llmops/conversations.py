"""A person's conversations as a list: titles, search, rename and delete; what was said stays with the turn ledger."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict

from assistant.llmops.feedback import feedback
from assistant.llmops.turns import turns
from tools.database import Database, metadata

# Only titles somebody chose; without one a conversation is called by its first question.
titles = sa.Table(
    "conversation_titles",
    metadata,
    sa.Column("conversation_id", sa.Text, primary_key=True),
    sa.Column("title", sa.Text, nullable=False),
)


class ConversationSummary(BaseModel):
    """A conversation as a list shows it: its title, how many turns it has, when it last went on."""

    model_config = ConfigDict(frozen=True)

    conversation_id: str
    title: str
    turns: int
    last_utc: datetime


class ConversationList:
    """Lists, renames and deletes conversations."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def newest(self, who: str, most: int, words: str = "") -> Sequence[ConversationSummary]:
        """A person's conversations, those that went on last first; with `words` only where a title or question has
        them."""
        last = sa.func.max(turns.c.asked_utc).label("last_utc")
        chosen = (
            sa.select(
                turns.c.conversation_id,
                sa.func.coalesce(_given_title(), _first_question()).label("title"),
                sa.func.count().label("turns"),
                last,
            )
            .where(turns.c.who == who, *([_has(words)] if words else []))
            .group_by(turns.c.conversation_id)
            .order_by(last.desc(), turns.c.conversation_id)
            .limit(most)
        )
        with self._database.read() as connection:
            return [ConversationSummary.model_validate(dict(row)) for row in connection.execute(chosen).mappings()]

    def title(self, conversation_id: str) -> str | None:
        """The title somebody gave it, or None."""
        with self._database.read() as connection:
            return connection.scalar(sa.select(titles.c.title).where(titles.c.conversation_id == conversation_id))

    def rename(self, conversation_id: str, title: str) -> None:
        """Call a conversation by this title from now on."""
        with self._database.write() as connection:
            connection.execute(sa.delete(titles).where(titles.c.conversation_id == conversation_id))
            connection.execute(sa.insert(titles).values(conversation_id=conversation_id, title=title))

    def delete(self, conversation_id: str) -> None:
        """Remove its turns, the verdicts on them and its title."""
        its_turns = sa.select(turns.c.turn_id).where(turns.c.conversation_id == conversation_id)
        with self._database.write() as connection:
            connection.execute(sa.delete(feedback).where(feedback.c.turn_id.in_(its_turns)))
            connection.execute(sa.delete(titles).where(titles.c.conversation_id == conversation_id))
            connection.execute(sa.delete(turns).where(turns.c.conversation_id == conversation_id))


def _given_title() -> sa.ScalarSelect[str]:
    return sa.select(titles.c.title).where(titles.c.conversation_id == turns.c.conversation_id).scalar_subquery()


def _first_question() -> sa.ScalarSelect[str]:
    same = turns.alias()
    return (
        sa.select(same.c.question)
        .where(same.c.conversation_id == turns.c.conversation_id)
        .order_by(same.c.asked_utc, same.c.turn_id)
        .limit(1)
        .scalar_subquery()
    )


def _has(words: str) -> sa.ColumnElement[bool]:
    """Whether a conversation's title or one of its questions holds the words, whatever their case."""
    same = turns.alias()
    asked = sa.select(same.c.conversation_id).where(same.c.question.icontains(words, autoescape=True))
    called = sa.select(titles.c.conversation_id).where(titles.c.title.icontains(words, autoescape=True))
    return turns.c.conversation_id.in_(asked) | turns.c.conversation_id.in_(called)
