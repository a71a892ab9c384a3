"""What `app.py users` and `app.py audit` do: make, list and change accounts; show and check the audit log."""

import getpass
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from assistant.auth.accounts import Account, Accounts, plain_name
from assistant.auth.errors import AccountError
from assistant.auth.opening import open_audit
from assistant.settings import Settings
from tools.actions.audit import AuditLog, AuditRow
from tools.clock import SystemClock
from tools.database import open_database
from tools.people import LOCAL_PERSON, Person, Role, Scope
from tools.telemetry.names import find_site
from tools.telemetry.store import ReadingStore


@dataclass(frozen=True)
class Office:
    """Where accounts are kept: for whoever may run commands on this machine."""

    accounts: Accounts
    audit: AuditLog
    store: ReadingStore

    def add(self, name: str, role: Role, sites: Sequence[str], password: str) -> str:
        """Make an account; no site named means all of them."""
        person = Person(name=plain_name(name), role=role, sites=self._scope(sites))
        self.accounts.add(person, password, by=LOCAL_PERSON.name)
        return f"{person.name} may sign in as {role}, seeing {_sites(person.sites)}."

    def list(self) -> str:
        """One line an account."""
        lines = [_line(account) for account in self.accounts.all()]
        return "\n".join(lines) or "There is no account yet. `users add NAME` makes one."

    def set_role(self, name: str, role: Role, sites: Sequence[str]) -> str:
        """Give an account another role, and the sites named or all of them."""
        scope = self._scope(sites)
        self.accounts.set_role(plain_name(name), role, scope, by=LOCAL_PERSON.name)
        return f"{plain_name(name)} is {role} now, seeing {_sites(scope)}."

    def set_password(self, name: str, password: str) -> str:
        """Give an account another password."""
        self.accounts.set_password(plain_name(name), password, by=LOCAL_PERSON.name)
        return f"{plain_name(name)} has a new password, and is signed out everywhere."

    def disable(self, name: str) -> str:
        """Let an account in no more."""
        self.accounts.disable(plain_name(name), by=LOCAL_PERSON.name)
        return f"{plain_name(name)} is disabled, and signed out everywhere."

    def enable(self, name: str) -> str:
        """Let an account in again."""
        self.accounts.enable(plain_name(name), by=LOCAL_PERSON.name)
        return f"{plain_name(name)} may sign in again."

    def _scope(self, sites: Sequence[str]) -> Scope:
        fleet = self.store.fleet()
        return tuple(dict.fromkeys(find_site(fleet, name).site_id for name in sites)) or None


@contextmanager
def open_office(settings: Settings) -> Iterator[Office]:
    """The accounts and the audit log of the data folder; a new one is made where there is none."""
    database, clock = open_database(settings.database_address, create=True), SystemClock()
    audit = open_audit(settings, database, clock)
    try:
        yield Office(Accounts(database, audit, clock), audit, ReadingStore(database))
    finally:
        database.close()


def read_password() -> str:
    """A password typed twice without showing it, or the first line of what is piped in; never an argument.

    Raises:
        AccountError: the two differ.
    """
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass.getpass("Password: ")
    if getpass.getpass("Once more: ") != password:
        raise AccountError("The two passwords differ.", "Type the same one twice.")
    return password


def checked_log(audit: AuditLog, head: str | None) -> tuple[bool, str]:
    """Whether the audit log holds, and what was found."""
    verdict = audit.verify(head)
    if verdict.broken_at is not None:
        return False, f"The audit log was changed: row {verdict.broken_at} of {verdict.rows} does not fit."
    if verdict.head_is_known is False:
        return False, f"Rows were cut off: none of the {verdict.rows} rows has the hash {head}."
    rows = "1 row" if verdict.rows == 1 else f"{verdict.rows} rows"
    return True, f"The audit log holds: {rows}.\nIts head, to be noted down elsewhere: {verdict.head}"


def shown_log(audit: AuditLog, most: int) -> str:
    """The newest events, newest last, one a line."""
    return "\n".join(_event(row) for row in reversed(audit.rows(most))) or "Nothing has been noted yet."


def _line(account: Account) -> str:
    state = "disabled" if account.is_disabled else "active"
    locked = f", locked until {account.locked_until:%Y-%m-%d %H:%M} UTC" if account.locked_until else ""
    return f"{account.name:<20} {account.role:<9} {state:<9} {_sites(account.sites)}{locked}"


def _sites(sites: Scope) -> str:
    return "all sites" if sites is None else ", ".join(sites)


def _event(row: AuditRow) -> str:
    details = ", ".join(f"{key} {value}" for key, value in row.details.items())
    return f"{row.number:>6} {row.at_utc:%Y-%m-%d %H:%M:%S} {row.who:<20} {row.event:<16} {row.subject}  {details}"
