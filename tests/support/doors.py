"""A sign-in on a test's database, and people to come in."""

from dataclasses import dataclass

from pydantic import SecretStr

from assistant.auth.accounts import Accounts
from assistant.auth.sign_in import SignIn
from assistant.auth.tokens import Tokens
from tools.actions.audit import AuditLog
from tools.clock import FixedClock
from tools.database import Database

SECRET = "a secret for tests, longer than 32 bytes"
PASSWORD = "seventeen blue kites"


@dataclass(frozen=True)
class Door:
    """All parts of a sign-in."""

    accounts: Accounts
    sign_in: SignIn
    audit: AuditLog
    clock: FixedClock


def opened_door(database: Database, clock: FixedClock) -> Door:
    """A sign-in without accounts."""
    audit = AuditLog(database, b"k" * 32, clock)
    accounts = Accounts(database, audit, clock)
    sign_in = SignIn(database, accounts, audit, Tokens(SecretStr(SECRET), clock), clock)
    return Door(accounts, sign_in, audit, clock)
