"""The index follows the documents, and whatever goes wrong leaves it as it was."""

import hashlib
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from knowledge.additions import Listed
from knowledge.errors import DocumentError, UnknownDocumentError
from knowledge.ingest import Library, Progress
from knowledge.passage import Asked
from tests.support.builders import NOW
from tests.support.manuals import document, embedder, library, names, search_of

LAMP = {"MP-90_r1.md": document("MP-90", "Changing a lamp", "To change the lamp, unscrew the old bulb.")}
PUMP = document("MP-91", "Priming the pump", "To prime the pump, fill its housing with water.")
QUESTION = Asked(question="how do I prime the pump with water")
# Embeds, then waits to be killed before the new build answers.
KILLED = """
import sys, time
from pathlib import Path
from knowledge.index import Index
from tests.support.builders import NOW
from tests.support.manuals import library
def wait(self, manifest):
    print("written", flush=True)
    time.sleep(60)
Index._switch = wait
library(Path(sys.argv[1]), {}).reindex(lambda share, what: None)
"""


def quiet(_share: float, _what: str) -> None:
    return


def found(opened: Library) -> list[str]:
    """The best document, or none."""
    return names(search_of(opened).search(QUESTION).passages[:1])


def put(opened: Library, path: Path, progress: Progress = quiet) -> Listed:
    return opened.add(path, progress, who="ada", now=NOW)


def a_file(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_an_added_document_is_found_and_a_removed_one_is_not(tmp_path: Path) -> None:
    opened = library(tmp_path, LAMP)
    put(opened, a_file(tmp_path, "pump.md", PUMP))
    assert found(opened) == ["MP-91 r1"]
    opened.remove("pump.md", quiet)
    assert found(opened) == []
    assert not (tmp_path / "documents" / "pump.md").exists()


def test_plain_text_is_a_document_named_as_its_file(tmp_path: Path) -> None:
    opened = library(tmp_path, LAMP)
    put(opened, a_file(tmp_path, "pump notes.txt", "To prime the pump, fill its housing with water."))
    assert found(opened) == ["PUMP-NOTES r1"]


def test_only_what_changed_is_embedded_again(tmp_path: Path) -> None:
    opened = library(tmp_path, LAMP)
    opened.reindex(quiet)
    said: list[str] = []
    put(opened, a_file(tmp_path, "pump.md", PUMP), lambda _, what: said.append(what))
    assert "embedding 2 texts" in said


def test_an_index_of_other_files_is_not_current(tmp_path: Path) -> None:
    opened = library(tmp_path, LAMP)
    assert not opened.is_current()
    opened.reindex(quiet)
    assert opened.is_current()
    assert not library(tmp_path, {"MP-91_r1.md": PUMP}).is_current()


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("empty.md", b"", "is empty"),
        ("blank.txt", b"\n \n", "holds no text"),
        ("binary.txt", b"\0\1\2", "is not a text file"),
        ("film.mp4", b"film", "is of an unknown kind"),
        ("bad.md", b"---\nid: [\n---\ntext", "front matter of bad.md cannot be read"),
        ("big.txt", b"x" * (21 * 2**20), "at most 20 MB"),
        ("twin.md", LAMP["MP-90_r1.md"].encode(), "Two documents are MP-90 revision 1"),
    ],
)
def test_a_file_that_cannot_be_used_leaves_the_index_as_it_was(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    opened = library(tmp_path, LAMP)
    put(opened, a_file(tmp_path, "pump.md", PUMP))
    with pytest.raises(DocumentError, match=message):
        put(opened, a_file(tmp_path, name, content))
    assert found(opened) == ["MP-91 r1"]
    assert sorted(path.name for path in (tmp_path / "documents").iterdir()) == [".pump.md.added.json", "pump.md"]


def test_a_shipped_document_cannot_be_removed(tmp_path: Path) -> None:
    opened = library(tmp_path, LAMP)
    with pytest.raises(UnknownDocumentError, match="No added document"):
        opened.remove("MP-90_r1.md", quiet)


def test_a_kill_in_the_middle_of_a_build_leaves_the_old_index(tmp_path: Path) -> None:
    opened = library(tmp_path, {"MP-91_r1.md": PUMP})
    opened.reindex(quiet)
    (tmp_path / "shipped" / "MP-92_r1.md").write_text(document("MP-92", "Lamps", "Unscrew the bulb."))
    killed = subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert killed.stdout is not None
    assert killed.stdout.readline() == "written\n"
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    killed.stdout.close()
    again = library(tmp_path, {})
    manifest = again.index.manifest()
    assert manifest is not None
    assert [chunk.facts.id for chunk in again.index.open(manifest).chunks] == ["MP-91"]
    again.reindex(quiet)
    assert {chunk.facts.id for chunk in again.index.open(again.index.manifest() or manifest).chunks} == {
        "MP-91", "MP-92",
    }  # fmt: skip


def test_a_search_sees_the_build_another_process_switched_to(tmp_path: Path) -> None:
    searched = search_of(library(tmp_path, LAMP))
    assert searched.search(QUESTION).passages == ()
    put(library(tmp_path, {}), a_file(tmp_path, "pump.md", PUMP))
    assert names(searched.search(QUESTION).passages[:1]) == ["MP-91 r1"]


def test_kept_vectors_are_those_of_the_documents(tmp_path: Path) -> None:
    opened = library(tmp_path, LAMP)
    opened.reindex(quiet)
    (tmp_path / "kept.npz").write_bytes(b"half of a file")
    opened.reindex(quiet, anew=True)
    manifest = opened.index.manifest()
    assert manifest is not None
    chunks = opened.index.open(manifest).chunks
    vectors = opened.index.known_vectors()
    assert all(
        abs(float(vectors[chunk.text_hash] @ embedder().embed([chunk.searched_text])[0]) - 1) < 1e-5
        for chunk in chunks
    )


def test_who_added_a_document_when_and_its_hash_are_listed(tmp_path: Path) -> None:
    opened = library(tmp_path, LAMP)
    put(opened, a_file(tmp_path, "pump.md", PUMP))
    shipped, added = opened.documents()
    assert (shipped.is_added, shipped.addition) == (False, None)
    assert added.addition is not None
    assert (added.addition.who, added.addition.added_utc) == ("ada", NOW)
    assert added.addition.sha256 == hashlib.sha256(PUMP.encode()).hexdigest()
    assert added.chunks == 1


def test_nothing_is_left_of_a_removed_document(tmp_path: Path) -> None:
    opened = library(tmp_path, LAMP)
    put(opened, a_file(tmp_path, "pump.md", PUMP))
    opened.remove("pump.md", quiet)
    assert list((tmp_path / "documents").iterdir()) == []
