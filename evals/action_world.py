"""The small fleet the action dialogues are played on, what of it actions may change, and approvals that are killed."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from assistant.wiring import any_owner, owner_named
from tools.actions.all_actions import all_actions
from tools.actions.audit import AuditLog, kept_key
from tools.actions.ledger import ActionLedger
from tools.actions.schema import maintenance_log
from tools.analytics.alert_schema import alert_thresholds, alerts
from tools.clock import Clock, FixedClock
from tools.database import Database, open_database, sqlite_url
from tools.telemetry.fleet import Device, Site
from tools.telemetry.ingest import add_device, add_site

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
_FILE, _KEY = "battery_monitoring.db", "audit.key"


def make_world(folder: Path) -> None:
    """Two devices at Northgate and one at Harbor, an alert on each that stands."""
    folder.mkdir(parents=True)
    kept_key(folder / _KEY)
    database = open_database(sqlite_url(folder / _FILE), create=True)
    with database.write() as connection:
        for site_id, name in (("S01", "Northgate"), ("S02", "Harbor")):
            add_site(connection, Site(site_id=site_id, name=name))
        for device_id, site_id in (("D01", "S01"), ("D02", "S01"), ("D03", "S02")):
            add_device(connection, Device(device_id=device_id, site_id=site_id, name=device_id, cell_count=24))
            connection.execute(
                sa.insert(alerts).values(
                    device_id=device_id, site_id=site_id, name="T_HIGH", severity="minor", value=36.5,
                    began_utc=NOW - timedelta(hours=2), raised_utc=NOW - timedelta(hours=2),
                )
            )  # fmt: skip
    database.close()


@contextmanager
def copy_of(world: Path, folder: Path) -> Iterator[Database]:
    """A world of one's own."""
    shutil.copytree(world, folder)
    database = open_database(sqlite_url(folder / _FILE))
    try:
        yield database
    finally:
        database.close()


def actions_in(folder: Path, database: Database, clock: Clock) -> ActionLedger:
    """The ledger of a world, with the key its audit log was begun with."""
    audit = AuditLog(database, kept_key(folder / _KEY), clock)
    return ActionLedger(database, all_actions(), audit, clock, any_owner, second_person=False)


def audit_of(folder: Path, database: Database) -> AuditLog:
    """The audit log of a world."""
    return AuditLog(database, kept_key(folder / _KEY), FixedClock(NOW))


def changeable(database: Database) -> tuple[Sequence[Any], ...]:
    """All that actions may change, as plain rows."""
    entries = maintenance_log.c
    asked = (
        sa.select(alerts.c.alert_id, alerts.c.acknowledged_by).order_by(alerts.c.alert_id),
        sa.select(alert_thresholds).order_by(alert_thresholds.c.scope_key, alert_thresholds.c.name),
        sa.select(entries.entry_id, entries.withdrawn_utc.is_(None)).order_by(entries.entry_id),
    )
    with database.read() as connection:
        return tuple([tuple(row) for row in connection.execute(query)] for query in asked)


class Killer:
    """Approves plans in processes of its own, each killed as by kill -9 at a given statement.

    One helper process has everything loaded, and forks for each approval.
    """

    def __init__(self) -> None:
        self._helper = subprocess.Popen(
            [sys.executable, "-m", "evals.action_world"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def approve(self, folder: Path, plan_id: str, hash: str, statement: int) -> bool:
        """Whether the approval was killed before it was through."""
        assert self._helper.stdin
        assert self._helper.stdout
        self._helper.stdin.write(json.dumps([str(folder), plan_id, hash, statement]) + "\n")
        self._helper.stdin.flush()
        return self._helper.stdout.readline().strip() == "killed"

    def close(self) -> None:
        """End the helper."""
        self._helper.communicate()


def _serve() -> None:
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _approve_and_die(*json.loads(line))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        sys.stdout.write("killed\n" if os.WIFSIGNALED(status) else "through\n")
        sys.stdout.flush()


def _approve_and_die(folder: str, plan_id: str, hash: str, statement: int) -> None:
    database = open_database(sqlite_url(Path(folder) / _FILE))
    counted = 0

    def count(*_: Any) -> None:
        nonlocal counted
        counted += 1
        if counted == statement:
            os.kill(os.getpid(), signal.SIGKILL)

    sa.event.listen(database.engine, "before_cursor_execute", count)
    sa.event.listen(database.engine, "commit", count)
    actions_in(Path(folder), database, FixedClock(NOW)).decide(plan_id, hash, "approve", owner_named("otto"))


if __name__ == "__main__":
    _serve()
