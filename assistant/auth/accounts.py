"""Accounts: who may sign in, with which role, seeing which sites. Every change is in the audit log."""

import json
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from pydantic import JsonValue
from sqlalchemy.engine import Connection

from assistant.auth.errors import AccountError, UnknownAccountError
from assistant.auth.passwords import hash_password
from assistant.auth.schema import users
from tools.actions.audit import AuditLog
from tools.clock import Clock
from tools.database import Database
from tools.people import LOCAL_PERSON, Person, Role
from tools.quantity import Frozen

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


class Account(Frozen):
    """An account without its password."""

    name: str
    role: Role
    sites: tuple[str, ...] | None
    is_disabled: bool
    locked_until: datetime | None
    token_epoch: int
    created: datetime

    @property
    def person(self) -> Person:
        """Whoever signs in with it."""
        return Person(name=self.name, role=self.role, sites=self.sites)


class Accounts:
    """Makes, changes and finds accounts. None is ever removed, so that a name means one person for good."""

    def __init__(self, database: Database, audit: AuditLog, clock: Clock) -> None:
        self._database = database
        self._audit = audit
        self._clock = clock

    def add(self, person: Person, password: str, by: str) -> None:
        """Make an account.

        Raises:
            AccountError: the name is taken or cannot be one, or the password is too short.
        """
        name = _checked(person.name)
        row = {
            "name": name,
            "role": person.role,
            "sites_json": _as_json(person.sites),
            "password_hash": hash_password(password),
            "is_disabled": False,
            "failures": 0,
            "token_epoch": 0,
            "created_utc": self._clock.now(),
        }
        with self._database.write() as connection:
            if connection.scalar(sa.select(users.c.name).where(users.c.name == name)):
                raise AccountError(f"There is an account {name!r} already.", "`users list` shows all of them.")
            connection.execute(users.insert().values(row))
            self._note(connection, by, name, {"made": person.role, "sites": _listed(person.sites)})

    def all(self) -> Sequence[Account]:
        """Every account by name."""
        with self._database.read() as connection:
            return [_account(row) for row in connection.execute(users.select().order_by(users.c.name)).mappings()]

    def find(self, name: str) -> Account | None:
        """The account of that name, or None."""
        with self._database.read() as connection:
            return self.find_on(connection, name)

    def find_on(self, connection: Connection, name: str) -> Account | None:
        """The same in the caller's transaction."""
        row = connection.execute(users.select().where(users.c.name == name)).mappings().one_or_none()
        return None if row is None else _account(row)

    def person_on(self, connection: Connection, name: str) -> Person | None:
        """Somebody as their account stands now, in the caller's transaction; None where it is disabled or gone."""
        account = self.find_on(connection, name)
        return None if account is None or account.is_disabled else account.person

    def set_password(self, name: str, password: str, by: str) -> None:
        """Give an account another password; it is unlocked, and signed out everywhere."""
        values = {"password_hash": hash_password(password), **_UNLOCKED, **_SIGNED_OUT}
        self._change(name, by, values, {"password": "changed"})

    def set_role(self, name: str, role: Role, sites: tuple[str, ...] | None, by: str) -> None:
        """Give an account another role and scope; both hold from the next request on."""
        values = {"role": role, "sites_json": _as_json(sites)}
        self._change(name, by, values, {"role": role, "sites": _listed(sites)})

    def disable(self, name: str, by: str) -> None:
        """Let nobody in with this account any more; whoever is in is out at the next request."""
        self._change(name, by, {"is_disabled": True, **_SIGNED_OUT}, {"disabled": True})

    def enable(self, name: str, by: str) -> None:
        """Let people in again, also where wrong passwords had locked the account."""
        self._change(name, by, {"is_disabled": False, **_UNLOCKED}, {"disabled": False})

    def _change(self, name: str, by: str, values: dict[str, Any], noted: dict[str, JsonValue]) -> None:
        with self._database.write() as connection:
            changed = connection.execute(users.update().where(users.c.name == name).values(values))
            if not changed.rowcount:
                raise UnknownAccountError(f"There is no account {name!r}.", "`users list` shows all of them.")
            self._note(connection, by, name, noted)

    def _note(self, connection: Connection, by: str, name: str, noted: dict[str, JsonValue]) -> None:
        self._audit.record(connection, "account_changed", by, name, noted)


_UNLOCKED: dict[str, Any] = {"failures": 0, "locked_until_utc": None}
_SIGNED_OUT: dict[str, Any] = {"token_epoch": users.c.token_epoch + 1}


def plain_name(typed: str) -> str:
    """A name as accounts are kept under: without case and outer spaces."""
    return typed.strip().lower()


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise AccountError(
            f"{name!r} cannot be the name of an account.",
            "Take up to 64 small letters, digits, dots, dashes or underscores, beginning with a letter or digit.",
        )
    if name == LOCAL_PERSON.name:
        raise AccountError(f"{name!r} is whoever sits at the server without a sign-in.", "Take another name.")
    return name


def _as_json(sites: tuple[str, ...] | None) -> str | None:
    return None if sites is None else json.dumps(sites)


def _listed(sites: tuple[str, ...] | None) -> JsonValue:
    return "all" if sites is None else list(sites)


def _account(row: sa.RowMapping) -> Account:
    return Account(
        name=row["name"],
        role=row["role"],
        sites=None if row["sites_json"] is None else tuple(json.loads(row["sites_json"])),
        is_disabled=row["is_disabled"],
        locked_until=row["locked_until_utc"],
        token_epoch=row["token_epoch"],
        created=row["created_utc"],
    )
