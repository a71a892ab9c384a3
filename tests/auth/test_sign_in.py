"""Signing in: the right password, the locks against guessing, and what makes a token void."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import jwt
import pytest
from pydantic import SecretStr

from assistant.auth.errors import AuthSecretError, NotSignedInError, WrongPasswordError
from assistant.auth.sign_in import FAILURES, lock_after
from assistant.auth.tokens import LIFETIME, Tokens
from tests.support.builders import NOW
from tests.support.doors import PASSWORD, SECRET, Door, opened_door
from tools.clock import FixedClock
from tools.database import Database
from tools.people import Person


@pytest.fixture
def door(database: Database) -> Door:
    return door_with_ada(database)


def door_with_ada(database: Database) -> Door:
    """A sign-in with one account."""
    made = opened_door(database, FixedClock(NOW))
    made.accounts.add(Person(name="ada", role="operator", sites=("S01",)), PASSWORD, by="test")
    return made


def fail(door: Door, times: int = 1) -> None:
    """Try a wrong password so many times."""
    for _ in range(times):
        with pytest.raises(WrongPasswordError):
            door.sign_in.sign_in("ada", "not the password")


def events(door: Door) -> list[str]:
    """The newest audit events, newest first."""
    return [row.event for row in door.audit.rows()]


def test_right_password_gives_a_token_of_that_person(door: Door) -> None:
    signed_in = door.sign_in.sign_in(" Ada ", PASSWORD)
    assert door.sign_in.person(signed_in.token) == Person(name="ada", role="operator", sites=("S01",))
    assert signed_in.expires == NOW + LIFETIME
    assert events(door)[0] == "sign_in"


@pytest.mark.parametrize(("name", "password"), [("ada", "wrong"), ("ada", ""), ("eve", PASSWORD), ("", "")])
def test_wrong_name_and_wrong_password_are_told_in_the_same_words(door: Door, name: str, password: str) -> None:
    with pytest.raises(WrongPasswordError) as refused:
        door.sign_in.sign_in(name, password)
    assert refused.value.message == "The name or the password is wrong."
    assert events(door)[0] == "sign_in_failed"


def test_what_was_typed_for_an_unknown_name_is_not_written_down(door: Door) -> None:
    with pytest.raises(WrongPasswordError):
        door.sign_in.sign_in("my secret password", "x")
    assert "my secret password" not in str(door.audit.rows())


def test_five_wrong_passwords_lock_the_account_even_for_the_right_one(door: Door) -> None:
    fail(door, FAILURES)
    with pytest.raises(WrongPasswordError):
        door.sign_in.sign_in("ada", PASSWORD)
    assert "locked_out" in events(door)


def test_lock_ends_by_itself_and_grows_with_each_further_failure(door: Door) -> None:
    fail(door, FAILURES)
    door.clock.move(timedelta(minutes=1))
    fail(door)
    door.clock.move(timedelta(minutes=1))
    with pytest.raises(WrongPasswordError):
        door.sign_in.sign_in("ada", PASSWORD)
    door.clock.move(timedelta(minutes=1))
    assert door.sign_in.sign_in("ada", PASSWORD).person.name == "ada"
    assert [lock_after(failures) for failures in (4, 5, 6, 50)] == [
        None, timedelta(minutes=1), timedelta(minutes=2), timedelta(hours=1),
    ]  # fmt: skip


def test_right_password_takes_the_earlier_failures_back(door: Door) -> None:
    fail(door, FAILURES - 1)
    door.sign_in.sign_in("ada", PASSWORD)
    fail(door, FAILURES - 1)
    assert door.sign_in.sign_in("ada", PASSWORD).person.name == "ada"


def test_many_guesses_at_once_get_no_more_tries_than_one_after_the_other(either_database: Database) -> None:
    door = door_with_ada(either_database)

    def guess(_: int) -> None:
        with pytest.raises(WrongPasswordError):
            door.sign_in.sign_in("ada", "guess")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(guess, range(12)))
    reasons = [row.details["why"] for row in door.audit.rows() if row.event == "sign_in_failed"]
    assert (reasons.count("wrong password"), reasons.count("locked")) == (FAILURES, 12 - FAILURES)


@pytest.mark.parametrize(
    "change",
    [
        lambda door: door.accounts.disable("ada", "test"),
        lambda door: door.accounts.set_password("ada", "another long password", "test"),
        lambda door: door.clock.move(LIFETIME),
    ],
)
def test_token_is_void_after(door: Door, change: Callable[[Door], None]) -> None:
    token = door.sign_in.sign_in("ada", PASSWORD).token
    change(door)
    with pytest.raises(NotSignedInError):
        door.sign_in.person(token)


def test_signing_out_ends_one_session_and_signing_out_everywhere_ends_all(door: Door) -> None:
    tokens = [door.sign_in.sign_in("ada", PASSWORD).token for _ in range(3)]
    door.sign_in.sign_out(tokens[0])
    assert door.sign_in.person(tokens[1]).name == "ada"
    door.sign_in.sign_out(tokens[1], everywhere=True)
    for token in tokens:
        with pytest.raises(NotSignedInError):
            door.sign_in.person(token)
    assert door.sign_in.sign_in("ada", PASSWORD).person.name == "ada"


def test_change_of_role_and_sites_holds_for_tokens_given_before(door: Door) -> None:
    token = door.sign_in.sign_in("ada", PASSWORD).token
    door.accounts.set_role("ada", "viewer", (), "test")
    assert door.sign_in.person(token) == Person(name="ada", role="viewer", sites=())


def forged(**changes: object) -> dict[str, object]:
    """What a token says, with changes."""
    ends = int((NOW + LIFETIME).timestamp())
    return {"sub": "ada", "jti": "1", "epoch": 0, "exp": ends, "role": "admin"} | changes


@pytest.mark.parametrize(
    "token",
    [
        jwt.encode(forged(), "another secret of more than 32 bytes", "HS256"),
        jwt.encode(forged(), "", "none"),
        jwt.encode(forged(), SECRET * 2, "HS512"),
        jwt.encode(forged(exp="soon"), SECRET, "HS256"),
        jwt.encode(forged(epoch=True), SECRET, "HS256"),
        jwt.encode({"sub": "ada"}, SECRET, "HS256"),
        jwt.encode(forged(sub="eve"), SECRET, "HS256"),
        jwt.encode(forged(epoch=1), SECRET, "HS256"),
        jwt.encode(forged(exp=int(NOW.timestamp())), SECRET, "HS256"),
        "", "x", "a.b.c", "ä.ö.ü",
    ],
)  # fmt: skip
def test_forged_token_is_refused(door: Door, token: str) -> None:
    with pytest.raises(NotSignedInError):
        door.sign_in.person(token)


def test_role_in_a_token_counts_for_nothing(door: Door) -> None:
    signed = jwt.encode(forged(), SECRET, "HS256")
    assert door.sign_in.person(signed).role == "operator"


def test_short_secret_is_refused_with_what_would_do() -> None:
    with pytest.raises(AuthSecretError) as refused:
        Tokens(SecretStr("x" * 31), FixedClock(NOW))
    assert "31 bytes" in refused.value.message


def test_audit_log_of_all_this_holds(door: Door) -> None:
    fail(door, FAILURES)
    assert door.audit.verify().holds
