"""A served assistant with a sign-in and people who have an account, for tests of who may do what."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from starlette.testclient import TestClient

from assistant.auth.accounts import Accounts
from assistant.auth.opening import open_audit
from tests.support.builders import NOW
from tests.support.databases import fresh_sqlite
from tests.support.doors import PASSWORD, SECRET
from tests.support.servers import asking, scripted_app, settings_for
from tools.clock import FixedClock
from tools.people import Person

ADA = Person(name="ada", role="viewer")
BOB = Person(name="bob", role="operator")
EVE = Person(name="eve", role="admin")


@contextmanager
def accounts_in(folder: Path) -> Iterator[Accounts]:
    """The accounts of a server whose data is in that folder, as the command line opens them."""
    database, clock = fresh_sqlite(folder), FixedClock(NOW)
    yield Accounts(database, open_audit(settings_for(folder), database, clock), clock)
    database.close()


@contextmanager
def guarded(folder: Path, *people: Person, **values: object) -> Iterator[TestClient]:
    """A client, signed in as nobody, of a server with a sign-in for these people."""
    app = scripted_app(folder, auth_secret=SECRET, **values)  # type: ignore[arg-type]
    with accounts_in(folder) as accounts:
        for person in people:
            accounts.add(person, PASSWORD, by="test")
    with asking(app) as client:
        yield client


def sign_in(client: TestClient, person: Person, password: str = PASSWORD) -> dict[str, str]:
    """The header of somebody who has signed in."""
    answer = client.post("/api/auth/token", json={"name": person.name, "password": password})
    return {"Authorization": f"Bearer {answer.json()['token']}"}
