"""A switch is quick and nobody who asks meanwhile is refused: the old version stays loaded beside the new one."""

import threading
import time
from pathlib import Path
from statistics import median

import pandas as pd

from tests.support.builders import NOW, device, readings
from tests.support.labelled import held_out, shelf
from tools.analytics.device_history import history_of
from tools.database import Database
from tools.mlops.deployment import Change, switch_live
from tools.mlops.features import NAMES
from tools.mlops.serving import ConditionServer, WeekToScore

SWITCHES = 20
MOST_SECONDS = 0.05


class Client:
    """Keeps asking for the score of one week, and notes which version answered."""

    def __init__(self, server: ConditionServer) -> None:
        history = history_of(device(), readings(days=1).drop(columns="device_id"), pd.DataFrame())
        features = dict(zip(NAMES, held_out()[0].features, strict=True))
        self._server, self._week = server, WeekToScore(history, NOW, features)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._ask)
        self.answered: list[int] = []

    def __enter__(self) -> "Client":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def wait_for_an_answer(self) -> None:
        """Until it has been answered once more; a refusal would have ended it."""
        before = len(self.answered)
        while len(self.answered) == before:
            assert self._thread.is_alive()
            time.sleep(0.001)

    def _ask(self) -> None:
        while not self._stop.is_set():
            version = self._server.live().version
            self.answered.append(self._server.score(self._week, version).version)


def test_switching_to_and_fro_takes_milliseconds_and_every_question_is_answered(
    database: Database, tmp_path: Path
) -> None:
    server = ConditionServer(database, shelf(database, tmp_path, versions=2))
    for version in (1, 2):
        server.prepare(version)
    with database.write() as connection:
        switch_live(connection, Change(version=1, generation=0, kind="deploy", who="ada", why="first"), NOW)
    taken = []
    with Client(server) as client:
        for number in range(SWITCHES):
            change = Change(version=2 - number % 2, generation=1 + number, kind="deploy", who="ada", why="to and fro")
            begin = time.perf_counter()
            with database.write() as connection:
                switch_live(connection, change, NOW)
            taken.append(time.perf_counter() - begin)
            client.wait_for_an_answer()
    assert set(client.answered) == {1, 2}
    assert median(taken) < MOST_SECONDS
