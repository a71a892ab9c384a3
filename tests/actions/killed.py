"""Approves a plan and is killed at a given SQL statement: `python -m tests.actions.killed URL PLAN HASH STATEMENT`."""

import os
import signal
import sys
from typing import Any

import sqlalchemy as sa

from tests.support.actions import OTTO, ledger
from tools.database import open_database


def main(url: str, plan_id: str, hash: str, statement: int) -> None:
    """Count statements, transaction begin and commit included, and die with the one named, as kill -9 would."""
    database = open_database(url)
    counted = 0

    def count(*_: Any) -> None:
        nonlocal counted
        counted += 1
        if counted == statement:
            os.kill(os.getpid(), signal.SIGKILL)

    sa.event.listen(database.engine, "before_cursor_execute", count)
    sa.event.listen(database.engine, "commit", count)
    ledger(database).decide(plan_id, hash, "approve", OTTO)
    database.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))
