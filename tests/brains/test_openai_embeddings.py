"""The manuals can be embedded by a model elsewhere, whose vectors never meet those of this machine."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.brains.openai_embeddings import OpenAIEmbedder
from assistant.settings import Settings
from knowledge.errors import EmbeddingFailedError
from knowledge.index import Index, local_client
from knowledge.ingest import Library
from knowledge.passage import Asked
from knowledge.search import ManualSearch
from tests.support.embedding_server import WIDTH, EmbeddingServer, embedding_server
from tests.support.manuals import document, library, names

PUMP = document("MP-91", "Priming the pump", "To prime the pump, fill its housing with water.")
LAMP = document("MP-90", "Changing a lamp", "Unscrew the old bulb.")
FILES = {"MP-91_r1.md": PUMP, "MP-90_r1.md": LAMP}
ASK = Asked(question="how do I prime the pump with water")


@pytest.fixture
def server() -> Iterator[EmbeddingServer]:
    with embedding_server() as serving:
        yield serving


def settings(server: EmbeddingServer, **values: object) -> Settings:
    plain = {"openai_base_url": server.address, "openai_api_key": "secret", "embedding_model": "words-64"}
    return Settings.model_validate(plain | values)


def library_elsewhere(folder: Path, embedder: OpenAIEmbedder) -> Library:
    index = Index(local_client(folder / "chroma"), folder / "chroma")
    return Library(index, lambda: embedder, folder / "documents", folder / "kept.npz", shipped=folder / "shipped")


def width_of(opened: Library) -> set[int]:
    return {len(vector) for vector in opened.index.known_vectors().values()}


def test_texts_become_vectors_of_length_one_in_their_order(server: EmbeddingServer) -> None:
    rows = OpenAIEmbedder("words-64", settings(server)).embed(["pump", "lamp", "pump"])
    assert rows.shape == (3, WIDTH)
    assert float(rows[0] @ rows[2]) == pytest.approx(1.0)
    assert float(rows[0] @ rows[1]) < 0.1
    assert (server.asked[0]["model"], server.keys) == ("words-64", {"Bearer secret"})


def test_an_index_of_this_machine_is_built_anew_and_never_mixed(server: EmbeddingServer, tmp_path: Path) -> None:
    here = library(tmp_path, FILES)
    here.reindex(lambda _share, _what: None)
    embedder = OpenAIEmbedder("words-64", settings(server))
    elsewhere = library_elsewhere(tmp_path, embedder)
    assert not elsewhere.is_current()
    found = ManualSearch(lambda: elsewhere, lambda: embedder).search(ASK)
    assert names(found.passages[:1]) == ["MP-91 r1"]
    assert width_of(elsewhere) == {WIDTH}
    assert not library(tmp_path, FILES).is_current()


@pytest.mark.parametrize(("status", "lost"), [(401, 0), (200, 1)])
def test_a_server_that_fails_leaves_the_index_as_it_was(
    server: EmbeddingServer, tmp_path: Path, status: int, lost: int
) -> None:
    here = library(tmp_path, FILES)
    here.reindex(lambda _share, _what: None)
    server.status, server.lost = status, lost
    elsewhere = library_elsewhere(tmp_path, OpenAIEmbedder("words-64", settings(server)))
    with pytest.raises(EmbeddingFailedError, match="words-64") as raised:
        elsewhere.reindex(lambda _share, _what: None)
    assert "secret" not in raised.value.message
    assert library(tmp_path, FILES).is_current()


def test_a_model_without_key_and_address_is_said_at_once(server: EmbeddingServer) -> None:
    with pytest.raises(EmbeddingFailedError, match="neither a key nor an address"):
        OpenAIEmbedder("words-64", settings(server, openai_base_url=None, openai_api_key=None))
