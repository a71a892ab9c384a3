"""The command line says what went wrong and what would work, and leaves nothing half done."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def start(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "DATA_DIR": str(folder), "CACHE_DIR": str(ROOT / ".cache")}
    return subprocess.Popen(
        [sys.executable, "app.py", *arguments],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(folder: Path, *arguments: str) -> tuple[int, str, str]:
    process = start(folder, *arguments)
    out, error = process.communicate(timeout=120)
    return process.returncode, out, error


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    status, out, error = run(folder, "demo", "--records", "500", "--days", "5")
    assert status == 0, error
    assert "5 sites, 8 devices, 500 readings" in out
    return folder


def test_without_a_database_ask_says_how_to_get_one(tmp_path: Path) -> None:
    status, out, error = run(tmp_path / "nothing", "ask", "how healthy is the fleet")
    assert (status, out) == (1, "")
    assert "python app.py demo" in error


def test_a_file_that_is_no_database_is_named_as_damaged(tmp_path: Path) -> None:
    (tmp_path / "battery_monitoring.db").write_bytes(b"not a database" * 1000)
    status, _, error = run(tmp_path, "ask", "how healthy is the fleet")
    assert status == 1
    assert "damaged" in error
    assert "Traceback" not in error


def test_a_second_demo_is_refused(demo: Path) -> None:
    status, _, error = run(demo, "demo")
    assert status == 1
    assert "Traceback" not in error


def test_json_holds_the_calls_and_the_evidence(demo: Path) -> None:
    status, out, error = run(demo, "ask", "string voltage of D03", "--json")
    assert status == 0, error
    answer = json.loads(out)
    assert answer["tool_calls"][0]["name"] == "latest_readings"
    assert answer["evidence"][0]["tool_call_id"] == answer["tool_calls"][0]["id"]


def test_a_conversation_goes_on_in_a_new_process(demo: Path) -> None:
    run(demo, "ask", "string voltage of D03", "--conversation", "shift")
    _, out, _ = run(demo, "ask", "and D05?", "--conversation", "shift")
    assert out.startswith("The string voltage of D05 is")


@pytest.mark.parametrize(
    "question", ["", "x" * 20000, "\x00\x01\x02\x03\x04\x05\x06\x07"], ids=["empty", "long", "binary"]
)
def test_a_message_that_cannot_be_read_is_refused_in_one_line(demo: Path, question: str) -> None:
    # A process argument cannot hold a zero byte.
    status, out, error = run(demo, "ask", question.replace("\x00", "\x01"))
    assert (status, out) == (1, "")
    assert len(error.strip().splitlines()) == 1


def test_ask_loads_no_page_and_no_chat_model_client(demo: Path) -> None:
    program = (
        "import sys, app; status = app.main(['ask', 'soc of D01']);"
        "print(status, [name for name in ('gradio', 'openai', 'mlflow', 'dbos', 'fastapi') if name in sys.modules])"
    )
    environment = {**os.environ, "DATA_DIR": str(demo), "CACHE_DIR": str(ROOT / ".cache")}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip().splitlines()[-1] == "0 []"


def csv_of(folder: Path, rows: int) -> Path:
    path = folder / "readings.csv"
    lines = [f"2026-01-{1 + minute // 1440:02d}T{minute // 60 % 24:02d}:{minute % 60:02d}:00Z,{54 + minute % 7 / 100}"
             for minute in range(rows)]  # fmt: skip
    path.write_text("time,voltage\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_an_import_that_is_killed_is_whole_or_absent(tmp_path: Path) -> None:
    path, folder = csv_of(tmp_path, 40_000), tmp_path / "data"
    process = start(folder, "import", str(path), "--device", "K1", "--site", "Field", "--cells", "24")
    database = folder / "battery_monitoring.db"
    until = time.monotonic() + 60
    # Killed as soon as it has begun to write: the tables are there, the transaction is open.
    while not (database.exists() and (folder / "battery_monitoring.db-wal").exists()) and time.monotonic() < until:
        time.sleep(0.02)
    time.sleep(0.6)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=20)
    status, out, error = run(folder, "import", str(path), "--device", "K1", "--site", "Field", "--cells", "24")
    assert status == 0, error
    assert out.strip() in (
        "read 40000 · stored 40000 · duplicate 0 · rejected 0",
        "read 40000 · stored 0 · duplicate 40000 · rejected 0",
    )
    with sqlite3.connect(database) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("SELECT COUNT(*) FROM battery_data").fetchone() == (40_000,)


def test_a_turn_that_is_killed_leaves_a_conversation_that_goes_on(demo: Path) -> None:
    run(demo, "ask", "string voltage of D03", "--conversation", "killed")
    process = start(demo, "ask", "average temperature of D03 yesterday", "--conversation", "killed")
    with sqlite3.connect(demo / "battery_monitoring.db") as ledger:
        count = "SELECT COUNT(*) FROM turns WHERE conversation_id = 'killed'"
        until = time.monotonic() + 60
        # Killed as soon as the ledger has the question: the turn is under way.
        while ledger.execute(count).fetchone()[0] < 2 and process.poll() is None and time.monotonic() < until:
            time.sleep(0.002)
    ledger.close()
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=20)
    status, out, error = run(demo, "ask", "string voltage of D05", "--conversation", "killed")
    assert status == 0, error
    assert out.startswith("The string voltage of D05 is")


def test_a_document_can_be_added_listed_and_removed(tmp_path: Path) -> None:
    note = tmp_path / "pump notes.txt"
    note.write_text("To prime the pump, fill its housing with water.")
    assert run(tmp_path, "knowledge", "add", str(note))[:2] == (0, "Added PUMP-NOTES, revision 1: pump notes.\n")
    assert "pump notes.txt" in run(tmp_path, "knowledge", "list")[1]
    assert run(tmp_path, "knowledge", "remove", "pump notes.txt")[:2] == (0, "Removed pump notes.txt.\n")
    assert "pump notes.txt" not in run(tmp_path, "knowledge", "list")[1]


def test_a_document_that_cannot_be_read_is_one_plain_line(tmp_path: Path) -> None:
    (tmp_path / "film.mp4").write_bytes(b"film")
    status, said, wrong = run(tmp_path, "knowledge", "add", str(tmp_path / "film.mp4"))
    assert (status, said) == (1, "")
    assert wrong.splitlines()[-1].startswith("film.mp4 is of an unknown kind. These can be read:")
