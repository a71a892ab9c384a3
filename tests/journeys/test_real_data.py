"""A person imports real telemetry and asks about it; the answers equal what pandas computes from the file."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest

from assistant.settings import Settings
from assistant.wiring import open_assistant
from tools.people import LOCAL_PERSON

ROOT = Path(__file__).parents[2]
FOLDER = ROOT.parent / "shared" / "data" / "bboxx"
FILES = sorted(FOLDER.glob("*.csv")) if FOLDER.exists() else []
Ask = Callable[[str], str]
pytestmark = pytest.mark.skipif(not FILES, reason="the real telemetry is not on this machine")


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "DATA_DIR": str(folder), "CACHE_DIR": str(ROOT / ".cache")}
    return subprocess.run(
        [sys.executable, "app.py", *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    result = run(folder, "import", str(FILES[0]), "--device", "Kiosk", "--site", "Field", "--cells", "6")
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip() == "read 13221 · stored 13221 · duplicate 0 · rejected 0"
    return folder


@pytest.fixture(scope="module")
def file() -> pd.DataFrame:
    frame = pd.read_csv(FILES[0], parse_dates=["time"])
    return frame.set_index("time")


def of_day(file: pd.DataFrame, day: str, column: str) -> "pd.Series[float]":
    return file[file.index.normalize() == pd.Timestamp(day)][column]  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def ask(imported: Path) -> Iterator[Callable[[str], str]]:
    """Ask in this process; the command line itself is tested elsewhere."""
    settings = Settings(data_dir=imported, cache_dir=ROOT / ".cache")
    with asyncio.Runner() as runner:
        context = open_assistant(settings)
        assistant = runner.run(context.__aenter__())
        yield lambda question: runner.run(assistant.conversation.ask(question, LOCAL_PERSON)).answer
        runner.run(context.__aexit__(None, None, None))


@pytest.mark.parametrize("day", ["2017-03-26", "2017-03-28", "2017-04-02"])
def test_the_lowest_voltage_of_a_day_is_the_files_own(ask: Ask, file: pd.DataFrame, day: str) -> None:
    expected = of_day(file, day, "voltage").min()
    assert f"**{expected:.2f} V**" in ask(f"lowest voltage of Kiosk on {day}")


@pytest.mark.parametrize("day", ["2017-03-27", "2017-03-31"])
def test_the_mean_temperature_of_a_day_is_the_files_own(ask: Ask, file: pd.DataFrame, day: str) -> None:
    expected = of_day(file, day, "temperature").mean()
    assert f"**{expected:.1f} °C**" in ask(f"average temperature of Kiosk on {day}")


@pytest.mark.parametrize("day", ["2017-03-27", "2017-03-30"])
def test_the_charge_current_of_a_day_is_the_files_own(ask: Ask, file: pd.DataFrame, day: str) -> None:
    current = of_day(file, day, "current")
    expected = current[current > 0].mean()
    assert f"**{expected:.2f} A**" in ask(f"average charge current of Kiosk on {day}")


def test_what_the_file_does_not_hold_reads_as_no_data(ask: Ask) -> None:
    assert "no data" in ask("state of charge of Kiosk").lower()


def test_the_same_file_again_changes_nothing(imported: Path) -> None:
    again = run(imported, "import", str(FILES[0]), "--device", "Kiosk", "--site", "Field")
    assert again.stdout.strip() == "read 13221 · stored 0 · duplicate 13221 · rejected 0"
