"""The audit log: appended with the effect, and any later change is found."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tools.actions.audit import AuditLog, audit_log, kept_key
from tools.clock import FixedClock
from tools.database import Database

KEY = b"k" * 32


@pytest.fixture
def log(either_database: Database) -> AuditLog:
    kept = AuditLog(either_database, KEY, FixedClock(datetime(2026, 4, 1, 12, tzinfo=UTC)))
    for who in ("ada", "bob", "eve"):
        kept.record_alone("sign_in", who, "session")
    return kept


def test_an_untouched_log_holds_and_names_its_head(log: AuditLog) -> None:
    verdict = log.verify()
    assert verdict.holds
    assert verdict.rows == 3
    assert verdict.head == log.rows()[0].hash


def test_a_changed_row_is_found_and_named(log: AuditLog, either_database: Database) -> None:
    with either_database.write() as connection:
        connection.execute(audit_log.update().where(audit_log.c.number == 2).values(who="mallory"))
    assert log.verify().broken_at == 2


def test_a_removed_row_is_found(log: AuditLog, either_database: Database) -> None:
    with either_database.write() as connection:
        connection.execute(audit_log.delete().where(audit_log.c.number == 2))
    assert not log.verify().holds


def test_a_row_written_with_another_key_is_found(log: AuditLog, either_database: Database) -> None:
    forger = AuditLog(either_database, b"x" * 32, FixedClock(datetime(2026, 4, 1, 13, tzinfo=UTC)))
    forger.record_alone("sign_in", "mallory", "session")
    assert log.verify().broken_at == 4


def test_a_cut_tail_is_found_against_a_head_kept_elsewhere(log: AuditLog, either_database: Database) -> None:
    head = log.verify().head
    with either_database.write() as connection:
        connection.execute(audit_log.delete().where(audit_log.c.number == 3))
    assert log.verify().holds
    assert not log.verify(head).holds


def test_a_head_noted_earlier_is_still_known_after_more_rows(log: AuditLog) -> None:
    head = log.verify().head
    log.record_alone("sign_out", "ada", "session")
    assert log.verify(head).holds


def test_a_row_is_kept_only_with_its_effect(log: AuditLog, either_database: Database) -> None:
    with pytest.raises(RuntimeError), either_database.write() as connection:
        log.record(connection, "executed", "ada", "plan_1")
        raise RuntimeError
    assert log.verify().rows == 3


def test_many_writers_at_once_make_one_chain(log: AuditLog) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: log.record_alone("refused", f"user{n}", "tool"), range(40)))
    verdict = log.verify()
    assert verdict.holds
    assert verdict.rows == 43


def test_the_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    first = kept_key(tmp_path / "keys" / "audit.key")
    assert first == kept_key(tmp_path / "keys" / "audit.key")
    assert (tmp_path / "keys" / "audit.key").stat().st_mode & 0o777 == 0o600
