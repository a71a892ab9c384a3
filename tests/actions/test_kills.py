"""A kill at any statement of an approval leaves a plan that waits, or an action that is done once."""

import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.support.actions import KEY, OTTO, ledger, small_fleet
from tests.support.builders import NOW
from tools.actions.acknowledging import AcknowledgeAlerts
from tools.actions.audit import AuditLog
from tools.analytics.alert_schema import alerts
from tools.clock import FixedClock
from tools.database import Database
from tools.errors import AlreadyDecidedError

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("statement", range(1, 26, 3))
def test_a_kill_at_any_statement_loses_nothing_and_repeats_nothing(either_database: Database, statement: int) -> None:
    ids = small_fleet(either_database)
    actions = ledger(either_database)
    plan = actions.propose("acknowledge_alert", AcknowledgeAlerts(alert_ids=tuple(ids[:2])), OTTO, "shift-7")
    url = either_database.engine.url.render_as_string(hide_password=False)
    killed = subprocess.run(
        [sys.executable, "-m", "tests.actions.killed", url, plan.plan_id, plan.hash, str(statement)],
        cwd=ROOT, check=False, timeout=60,
    )  # fmt: skip
    assert killed.returncode in (-signal.SIGKILL, 0)
    # Whatever was kept, going on from there ends in the same place.
    with suppress(AlreadyDecidedError):
        actions.decide(plan.plan_id, plan.hash, "approve", OTTO)
    now = actions.plan(plan.plan_id, OTTO)
    with either_database.read() as connection:
        done = connection.scalars(sa.select(alerts.c.alert_id).where(alerts.c.acknowledged_by == "otto")).all()
    assert now.plan.state == "executed"
    assert list(done) == ids[:2]
    log = AuditLog(either_database, KEY, FixedClock(NOW))
    assert log.verify().holds
    assert [row.event for row in reversed(log.rows())] == ["planned", "approved", "executed"]
