"""Accounts: how they are made and changed, and that nothing of a password is kept but its hash."""

import pytest

from assistant.auth.errors import AccountError, UnknownAccountError
from tests.support.builders import NOW
from tests.support.doors import PASSWORD, Door, opened_door
from tools.clock import FixedClock
from tools.database import Database
from tools.people import Person


@pytest.fixture
def door(database: Database) -> Door:
    return opened_door(database, FixedClock(NOW))


@pytest.mark.parametrize("name", ["", "Ada", "a b", "local", ".ada", "ada/../eve", "a" * 65, "ädä", "ada\n"])
def test_unusable_name_is_refused(door: Door, name: str) -> None:
    with pytest.raises(AccountError):
        door.accounts.add(Person(name=name, role="viewer"), PASSWORD, by="test")


@pytest.mark.parametrize("password", ["", "short", "x" * 201])
def test_unusable_password_is_refused(door: Door, password: str) -> None:
    with pytest.raises(AccountError):
        door.accounts.add(Person(name="ada", role="viewer"), password, by="test")


def test_name_is_given_once(door: Door) -> None:
    door.accounts.add(Person(name="ada", role="viewer"), PASSWORD, by="test")
    with pytest.raises(AccountError):
        door.accounts.add(Person(name="ada", role="admin"), PASSWORD, by="test")


def test_change_of_nobody_is_refused_and_leaves_no_audit_row(door: Door) -> None:
    with pytest.raises(UnknownAccountError):
        door.accounts.disable("eve", "test")
    assert door.audit.rows() == ()


def test_every_change_is_in_the_audit_log_without_the_password(door: Door) -> None:
    door.accounts.add(Person(name="ada", role="viewer", sites=("S01",)), PASSWORD, by="bob")
    door.accounts.set_role("ada", "engineer", None, "bob")
    door.accounts.set_password("ada", f"{PASSWORD} 2", "bob")
    door.accounts.disable("ada", "bob")
    door.accounts.enable("ada", "bob")
    rows = door.audit.rows()
    assert {(row.event, row.who, row.subject) for row in rows} == {("account_changed", "bob", "ada")}
    assert len(rows) == 5
    assert PASSWORD not in str(rows)


def test_enabled_account_has_its_role_and_sites_as_before(door: Door) -> None:
    door.accounts.add(Person(name="ada", role="viewer", sites=("S01",)), PASSWORD, by="test")
    door.accounts.disable("ada", "test")
    door.accounts.enable("ada", "test")
    assert door.sign_in.sign_in("ada", PASSWORD).person == Person(name="ada", role="viewer", sites=("S01",))
