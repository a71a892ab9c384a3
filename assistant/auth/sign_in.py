"""Signs people in and out, and says at each request whose token it is. Too many wrong passwords lock an account."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from assistant.auth.accounts import Accounts, plain_name
from assistant.auth.errors import NotSignedInError, WrongPasswordError
from assistant.auth.passwords import is_password
from assistant.auth.schema import revoked_tokens, users
from assistant.auth.tokens import LIFETIME, Tokens
from tools.actions.audit import AuditLog
from tools.clock import Clock
from tools.database import Database
from tools.people import Person
from tools.quantity import Frozen

# So many wrong passwords in a row lock an account, each further one for twice as long.
FAILURES = 5
FIRST_LOCK, LONGEST_LOCK = timedelta(minutes=1), timedelta(hours=1)
# What somebody typed for a name may be a password, so it is not written down.
UNKNOWN_NAME = "(unknown name)"


class SignedIn(Frozen):
    """A fresh token and whose it is."""

    token: str
    expires: datetime
    lifetime_s: int
    person: Person


class SignIn:
    """The door. The account is read at each request, so that a change of it holds at once."""

    def __init__(self, database: Database, accounts: Accounts, audit: AuditLog, tokens: Tokens, clock: Clock) -> None:
        self._database = database
        self._accounts = accounts
        self._audit = audit
        self._tokens = tokens
        self._clock = clock

    def sign_in(self, typed: str, password: str) -> SignedIn:
        """A token for whoever knows the password.

        Raises:
            WrongPasswordError: name or password are wrong, or the account is locked or disabled.
        """
        name = plain_name(typed)
        attempt = self._begin_attempt(name)
        if not is_password(attempt.stored, password):
            self._note_failure(attempt)
            raise WrongPasswordError(
                "The name or the password is wrong.",
                f"After {FAILURES} wrong passwords an account is locked for a while, which looks the same.",
            )
        account = self._accounts.find(name)
        if account is None:
            raise NotSignedInError("The account is gone.", "Sign in with another one.")
        token, claims = self._tokens.issue(name, account.token_epoch)
        with self._database.write() as connection:
            connection.execute(users.update().where(users.c.name == name).values(failures=0, locked_until_utc=None))
            self._audit.record(connection, "sign_in", name, "session", {"token_id": claims.token_id})
        return SignedIn(
            token=token, expires=claims.expires, lifetime_s=int(LIFETIME.total_seconds()), person=account.person
        )

    def person(self, token: str) -> Person:
        """Whose token this is, as their account stands now.

        Raises:
            NotSignedInError: the token is no good, or no longer.
        """
        claims = self._tokens.read(token)
        revoked = sa.select(revoked_tokens.c.token_id).where(revoked_tokens.c.token_id == claims.token_id)
        with self._database.read() as connection:
            is_revoked = connection.scalar(revoked) is not None
        account = self._accounts.find(claims.name)
        if is_revoked or account is None or account.is_disabled or account.token_epoch != claims.epoch:
            raise NotSignedInError("The sign-in is no longer good.", "Sign in again.")
        return account.person

    def person_named(self, name: str | None) -> Person:
        """Somebody who is signed in, as their account stands now.

        Raises:
            NotSignedInError: the account has been disabled meanwhile.
        """
        account = self._accounts.find(name) if name else None
        if account is None or account.is_disabled:
            raise NotSignedInError("The sign-in is no longer good.", "Sign in again.")
        return account.person

    def sign_out(self, token: str, *, everywhere: bool = False) -> None:
        """Make a token void, or every token of its person."""
        claims = self._tokens.read(token)
        with self._database.write() as connection:
            if everywhere:
                mine = users.c.name == claims.name
                connection.execute(users.update().where(mine).values(token_epoch=users.c.token_epoch + 1))
            connection.execute(
                revoked_tokens.delete().where(
                    (revoked_tokens.c.expires_utc < self._clock.now())
                    | (revoked_tokens.c.token_id == claims.token_id)
                )
            )
            connection.execute(revoked_tokens.insert().values(token_id=claims.token_id, expires_utc=claims.expires))
            where = "everywhere" if everywhere else "session"
            self._audit.record(connection, "sign_out", claims.name, where, {"token_id": claims.token_id})

    def _begin_attempt(self, name: str) -> "_Attempt":
        """What to compare a password with, or why nobody gets in.

        The attempt is counted as wrong before the password is looked at, and taken back when it was right: of many
        tries at once no more come through than one after the other.
        """
        now, mine = self._clock.now(), users.c.name == name
        with self._database.write() as connection:
            row = connection.execute(sa.select(users).where(mine).with_for_update()).mappings().one_or_none()
            if row is None:
                return _Attempt(who=UNKNOWN_NAME, why="unknown name")
            if row["is_disabled"]:
                return _Attempt(who=name, why="disabled")
            if row["locked_until_utc"] is not None and row["locked_until_utc"] > now:
                return _Attempt(who=name, why="locked")
            failures = row["failures"] + 1
            lock = lock_after(failures)
            until = None if lock is None else now + lock
            connection.execute(users.update().where(mine).values(failures=failures, locked_until_utc=until))
        return _Attempt(who=name, why="wrong password", stored=row["password_hash"], lock=lock)

    def _note_failure(self, attempt: "_Attempt") -> None:
        with self._database.write() as connection:
            self._audit.record(connection, "sign_in_failed", attempt.who, "session", {"why": attempt.why})
            if attempt.lock is not None:
                minutes = attempt.lock.total_seconds() / 60
                self._audit.record(connection, "locked_out", attempt.who, "session", {"minutes": minutes})


@dataclass(frozen=True)
class _Attempt:
    """A try to sign in: whose, what it fails with if it does, and how long the account is locked then."""

    who: str
    why: str
    stored: str | None = None
    lock: timedelta | None = None


def lock_after(failures: int) -> timedelta | None:
    """How long an account is locked after so many wrong passwords in a row; None where it is not."""
    if failures < FAILURES:
        return None
    doublings = min(failures - FAILURES, 10)
    return min(FIRST_LOCK * (1 << doublings), LONGEST_LOCK)
