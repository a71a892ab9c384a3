"""Serves the pages with a brain that plans to acknowledge alerts: `python -m tests.browser.approval_server FOLDER PORT`."""

import sys
from datetime import timedelta
from pathlib import Path

import uvicorn

from assistant.api.budgets import Budgets
from assistant.api.startup import mount_pages
from tests.support.actions import add_alert
from tests.support.databases import fresh_sqlite
from tests.support.scripted_brain import call, say
from tests.support.servers import scripted_app

ACK, LOG = "ack the alarms of D01", "log an inspection"
EVIL = '<img src=x onerror="document.title=1">'
SCRIPT = {
    ACK: (
        call("acknowledge_alert", devices=["D01"], note="checked on site"),
        say("I would acknowledge 2 alerts of D01."),
    ),
    LOG: (call("log_maintenance", device="D01", kind="inspection", text=EVIL), say("I would log an inspection.")),
}


def main() -> None:
    """Serve until stopped."""
    folder = Path(sys.argv[1])
    # The alerts are made up, so judging the readings would take them back.
    app = scripted_app(folder, script=SCRIPT, mount=mount_pages, budgets=Budgets(live_every=timedelta(hours=1)))
    database = fresh_sqlite(folder)
    with database.write() as connection:
        for name, severity, value in (("T_HIGH", "minor", 36.5), ("OHMIC", "major", 33.0)):
            add_alert(connection, "D01", "S01", name=name, severity=severity, value=value)
    database.close()
    uvicorn.run(app, port=int(sys.argv[2]), log_config=None, timeout_graceful_shutdown=1)


if __name__ == "__main__":
    main()
