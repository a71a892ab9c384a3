"""The real server with its pages and a sign-in, in this process, with people of every role and of every site."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, sleep

from pydantic import SecretStr
from starlette.testclient import TestClient

from assistant.agent.views import Views
from assistant.api.opening import open_for_serving
from assistant.api.server import build_app
from assistant.auth.accounts import Accounts
from assistant.auth.opening import open_audit
from assistant.auth.sign_in import SignIn
from assistant.auth.tokens import Tokens
from assistant.settings import Settings
from assistant.wiring import open_actions, open_manuals
from evals.fleets import fleet_database
from evals.scenario import FleetSpec
from tools.catalog import build_catalog
from tools.clock import FixedClock
from tools.people import ROLES, Person
from tools.telemetry.fleet import Fleet
from tools.telemetry.store import ReadingStore

NOW = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)
ADDRESS = "http://localhost:8000"
SECRET = "the secret of a server that is attacked"  # noqa: S105
PASSWORD = "a password nobody guesses"  # noqa: S105
SECONDS_TO_START = 300


@dataclass(frozen=True)
class Guarded:
    """A server, a client that is signed in as nobody, and the people with their tokens."""

    client: TestClient
    accounts: Accounts
    sign_in: SignIn
    fleet: Fleet
    views: Views
    people: Mapping[str, Person]
    tokens: Mapping[str, str]

    def as_person(self, name: str) -> dict[str, str]:
        """The header of that person."""
        return {"Authorization": f"Bearer {self.tokens[name]}"}


@contextmanager
def guarded_server(seed: int, days: int) -> Iterator[Guarded]:
    """The server on a simulated fleet; one person a role who sees all, and one viewer a site."""
    with ExitStack() as stack:
        database = stack.enter_context(fleet_database(FleetSpec(seed=seed, days=days), NOW))
        folder = Path(stack.enter_context(TemporaryDirectory()))
        settings = Settings(
            data_dir=folder,
            database_url=None,
            database_path=Path(str(database.engine.url.database)),
            auth_secret=SecretStr(SECRET),
            allowed_hosts="localhost,127.0.0.1",
            live_feed=False,
            question_limit="100000/minute",
            request_limit="100000/minute",
            sign_in_limit="100000/minute",
        )
        clock = FixedClock(NOW)
        store, manuals = ReadingStore(database), open_manuals(settings)
        fleet = store.fleet()
        audit = open_audit(settings, database, clock)
        accounts = Accounts(database, audit, clock)
        sign_in = SignIn(database, accounts, audit, Tokens(SecretStr(SECRET), clock), clock)
        actions = open_actions(settings, database, audit, clock)
        views = Views(store, lambda own: build_catalog(own, clock, manuals, actions))
        people = _people(fleet)
        for person in people.values():
            accounts.add(person, PASSWORD, by="eval")
        tokens = {name: sign_in.sign_in(name, PASSWORD).token for name in people}
        app = build_app(settings, open_up=partial(open_for_serving, clock=clock))
        client = stack.enter_context(TestClient(app, base_url=ADDRESS, follow_redirects=False))
        _wait_for_pages(client)
        yield Guarded(client, accounts, sign_in, fleet, views, people, tokens)


def _people(fleet: Fleet) -> dict[str, Person]:
    everywhere = [Person(name=role, role=role) for role in ROLES]
    at_one_site = [
        Person(name=f"at-{site.site_id.lower()}", role="viewer", sites=(site.site_id,)) for site in fleet.sites
    ]
    nowhere = Person(name="nowhere", role="engineer", sites=())
    return {person.name: person for person in (*everywhere, *at_one_site, nowhere)}


def _wait_for_pages(client: TestClient) -> None:
    deadline = monotonic() + SECONDS_TO_START
    while client.get("/health").json().get("pages") != "ready":
        if monotonic() > deadline:
            raise TimeoutError("The server did not get ready.")
        sleep(0.2)
