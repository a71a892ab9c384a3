"""The maintenance log: written by approved actions, read by the tool, and an entry taken back is counted no more."""

from datetime import timedelta

import pytest

from tests.support.actions import OTTO, ledger, small_fleet
from tests.support.builders import NOW
from tools.actions.ledger import ActionLedger
from tools.actions.maintenance import LogMaintenance
from tools.actions.maintenance_log import MaintenanceReport, read_maintenance_log
from tools.actions.plan import Decided
from tools.actions.undoing import Undo
from tools.database import Database
from tools.errors import ActionFailedError, BadArgumentError, UnknownCellError, UnknownDeviceError
from tools.quantity import Window
from tools.telemetry.store import ReadingStore


@pytest.fixture
def actions(either_database: Database) -> ActionLedger:
    small_fleet(either_database)
    return ledger(either_database)


def log(actions: ActionLedger, **values: object) -> Decided:
    """An approved entry of D01."""
    order = LogMaintenance.model_validate({"device_id": "D01", "kind": "note"} | values)
    return actions.do("log_maintenance", order, OTTO)


def read(database: Database, window: Window | None = None) -> MaintenanceReport:
    return read_maintenance_log(database, ReadingStore(database).fleet().devices, window)


def test_the_log_says_what_was_done_and_what_is_open(actions: ActionLedger, either_database: Database) -> None:
    log(actions, kind="work_order_opened", text="row 2 runs warm")
    log(actions, kind="cell_replacement", cell_no=7, done_utc=NOW - timedelta(days=40))
    log(actions, kind="cell_replacement", cell_no=9, done_utc=NOW - timedelta(days=3))
    report = read(either_database)
    assert [(one.kind, one.cell_no) for one in report.entries] == [
        ("work_order_opened", None), ("cell_replacement", 9), ("cell_replacement", 7),
    ]  # fmt: skip
    assert (report.count.value, report.open_count.value) == (3, 1)
    assert {one.text: one.value for one in report.by_kind} == {"work_order_opened": 1, "cell_replacement": 2}
    assert report.open_orders[0].text == "row 2 runs warm"
    assert report.last_replacement is not None
    assert (report.last_replacement.cell_no, report.last_replacement.who) == (9, "otto")


def test_a_window_leaves_out_what_was_before(actions: ActionLedger, either_database: Database) -> None:
    log(actions, kind="inspection", done_utc=NOW - timedelta(days=40))
    log(actions, kind="inspection", done_utc=NOW - timedelta(days=3))
    last_week = Window(start=NOW - timedelta(days=7), end=NOW)
    assert read(either_database, last_week).count.value == 1


def test_a_closed_order_is_no_longer_open(actions: ActionLedger, either_database: Database) -> None:
    log(actions, kind="work_order_opened")
    number = read(either_database).open_orders[0].entry_id
    log(actions, kind="work_order_closed", work_order=number)
    assert read(either_database).open_count.value == 0
    with pytest.raises(BadArgumentError, match="no open work order"):
        log(actions, kind="work_order_closed", work_order=number)


def test_an_undone_entry_is_counted_no_more(actions: ActionLedger, either_database: Database) -> None:
    done = log(actions, kind="cell_replacement", cell_no=7)
    actions.do("undo_action", Undo(plan_id=done.plan.plan_id), OTTO)
    assert read(either_database).entries == ()
    assert read(either_database).last_replacement is None


def test_an_order_that_was_closed_is_not_taken_back_before_its_closing(actions: ActionLedger) -> None:
    opened = log(actions, kind="work_order_opened")
    assert opened.entry is not None
    log(actions, kind="work_order_closed", work_order=int(opened.entry.means.split("entry ")[1].split(":")[0]))
    with pytest.raises(ActionFailedError, match="closed since"):
        actions.do("undo_action", Undo(plan_id=opened.plan.plan_id), OTTO)


def test_a_cell_or_device_that_is_not_there_is_not_logged(actions: ActionLedger) -> None:
    with pytest.raises(UnknownCellError, match="no cell 25"):
        log(actions, kind="cell_replacement", cell_no=25)
    with pytest.raises(BadArgumentError, match="Which cell"):
        log(actions, kind="cell_replacement")
    with pytest.raises(UnknownDeviceError):
        log(actions, device_id="D77")
