"""`app.py users` and `app.py audit`: accounts made on the command line, and a log that shows when it was changed."""

import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from assistant.administration import Office, checked_log, open_office, shown_log
from assistant.auth.errors import AccountError, UnknownAccountError
from tests.support.builders import device, install, site
from tests.support.databases import fresh_sqlite
from tests.support.doors import PASSWORD
from tests.support.servers import settings_for
from tools.errors import UnknownSiteError

ROOT = Path(__file__).parents[2]


def run(folder: Path, *arguments: str, typed: str = "") -> tuple[int, str, str]:
    """Run the command line with something piped in."""
    done = subprocess.run(
        [sys.executable, "app.py", *arguments], cwd=ROOT, env=os.environ | {"DATA_DIR": str(folder)}, input=typed,
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    database = fresh_sqlite(tmp_path)
    install(database, [site("S01", "Northgate"), site("S02", "Harbor")], [device("D01", "S01")])
    database.close()
    with open_office(settings_for(tmp_path)) as opened:
        opened.add("Ada", "operator", ["harbor"], PASSWORD)
        yield opened


def test_account_is_made_with_a_password_from_standard_input_alone(tmp_path: Path) -> None:
    status, out, error = run(tmp_path, "users", "add", "ada", "--role", "engineer", typed=f"{PASSWORD}\n")
    assert (status, out, error) == (0, "ada may sign in as engineer, seeing all sites.\n", "")
    assert run(tmp_path, "users", "add", "bob", typed="short\n")[0] == 1
    assert run(tmp_path, "users", "list")[1].split() == ["ada", "engineer", "active", "all", "sites"]


def test_changed_log_is_found_on_the_command_line(tmp_path: Path) -> None:
    run(tmp_path, "users", "add", "ada", typed=f"{PASSWORD}\n")
    before = run(tmp_path, "audit", "verify")
    head = re.findall(r"[0-9a-f]{64}", before[1])[0]
    with closing(sqlite3.connect(tmp_path / "battery_monitoring.db")) as connection, connection:
        connection.execute("DELETE FROM audit_log")
    assert before[0] == 0
    assert run(tmp_path, "audit", "verify", "--head", head)[:2] == (
        1, f"Rows were cut off: none of the 0 rows has the hash {head}.\n",
    )  # fmt: skip


def test_sites_are_named_as_people_call_them_and_kept_by_their_ids(office: Office) -> None:
    assert "S02" in office.list()
    assert office.set_role("ada", "admin", []) == "ada is admin now, seeing all sites."
    with pytest.raises(UnknownSiteError):
        office.set_role("ada", "viewer", ["Nowhere"])


def test_disabled_account_is_listed_as_such_until_it_is_enabled(office: Office) -> None:
    office.disable("ADA ")
    assert "disabled" in office.list()
    office.enable("ada")
    assert "active" in office.list()


def test_change_of_an_unknown_account_says_so(office: Office) -> None:
    with pytest.raises(UnknownAccountError):
        office.set_password("eve", PASSWORD)
    with pytest.raises(AccountError):
        office.set_password("ada", "short")


def test_log_says_who_did_what_and_that_it_holds(office: Office) -> None:
    assert "local" in shown_log(office.audit, 10)
    assert "account_changed" in shown_log(office.audit, 10)
    holds, said = checked_log(office.audit, None)
    assert holds
    assert "holds: 1 row." in said
