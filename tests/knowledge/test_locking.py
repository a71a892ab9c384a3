"""Two who change the documents at once: one waits or is told, and nobody finds half an index."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from knowledge.errors import IndexBusyError
from knowledge.index import Index, local_client
from knowledge.ingest import Library
from knowledge.locking import writing
from knowledge.passage import Asked
from tests.support.builders import NOW
from tests.support.manuals import document, embedder, library, names, search_of

LAMP = document("MP-90", "Changing a lamp", "To change the lamp, unscrew the old bulb.")
PUMP = document("MP-91", "Priming the pump", "To prime the pump, fill its housing with water.")
FAN = document("MP-92", "Cleaning the fan", "To clean the fan, brush the dust off its blades.")
HOLDS = """
import sys, time
from pathlib import Path
from knowledge.locking import writing
with writing(Path(sys.argv[1]), 0):
    print("held", flush=True)
    time.sleep(60)
"""


def quiet(_share: float, _what: str) -> None:
    return


def impatient(folder: Path) -> Library:
    """A library on the documents of a folder that waits for nobody."""
    index = Index(local_client(folder / "chroma"), folder / "chroma")
    return Library(index, embedder, folder / "documents", folder / "kept.npz", shipped=folder / "shipped", patience=0)


def test_a_change_while_another_runs_is_refused_and_nothing_is_left_of_it(tmp_path: Path) -> None:
    library(tmp_path, {"MP-90_r1.md": LAMP}).reindex(quiet)
    opened = impatient(tmp_path)
    pump = tmp_path / "pump.md"
    pump.write_text(PUMP)
    with writing(opened.index.lock, 0), pytest.raises(IndexBusyError, match="being indexed by somebody else"):
        opened.add(pump, quiet, who="ada", now=NOW)
    assert [one.facts.id for one in opened.documents()] == ["MP-90"]
    opened.add(pump, quiet, who="ada", now=NOW)
    assert [one.facts.id for one in opened.documents()] == ["MP-90", "MP-91"]


def test_a_search_while_another_process_indexes_is_answered_from_the_index_there_is(tmp_path: Path) -> None:
    opened = library(tmp_path, {"MP-91_r1.md": PUMP})
    opened.reindex(quiet)
    (tmp_path / "shipped" / "MP-90_r1.md").write_text(LAMP)
    with writing(opened.index.lock, 0):
        found = search_of(library(tmp_path, {})).search(Asked(question="how do I prime the pump with water"))
    assert names(found.passages) == ["MP-91 r1"]


def test_a_killed_process_lets_go_of_the_lock(tmp_path: Path) -> None:
    lock = tmp_path / "index.lock"
    holder = subprocess.Popen([sys.executable, "-c", HOLDS, str(lock)], stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(IndexBusyError), writing(lock, 0):
        pass
    holder.kill()
    holder.wait()
    holder.stdout.close()
    with writing(lock, 0):
        pass


def test_two_that_add_at_once_are_both_found(tmp_path: Path) -> None:
    library(tmp_path, {"MP-90_r1.md": LAMP}).reindex(quiet)
    files = {"pump.md": PUMP, "fan.md": FAN}
    for name, text in files.items():
        (tmp_path / name).write_text(text)

    def add(name: str) -> None:
        library(tmp_path, {}).add(tmp_path / name, quiet, who="ada", now=NOW)

    adding = [threading.Thread(target=add, args=(name,)) for name in files]
    for one in adding:
        one.start()
    for one in adding:
        one.join()
    manifest = library(tmp_path, {}).index.manifest()
    assert manifest is not None
    chunks = library(tmp_path, {}).index.open(manifest).chunks
    assert {chunk.facts.id for chunk in chunks} == {"MP-90", "MP-91", "MP-92"}
