"""The index in Chroma: one collection a build, and a small file that says which build answers.

A new build is written beside the old one and the file is switched in one step, so a process killed at any moment
leaves the old index or the new one, never a mixture. What such a process leaves behind, the next build clears away.
"""

import os
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import numpy as np
import numpy.typing as npt
from pydantic import ValidationError

from knowledge.errors import IndexFailedError, IndexGoneError
from knowledge.lines import keep_lines, kept_lines, line_hash, lines_of
from knowledge.passage import Chunk, DocumentFacts, Frozen, Question

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from chromadb.api.models.Collection import Collection
    from chromadb.api.types import GetResult

Array = npt.NDArray[np.float32]
# Chroma takes some thousands of rows a call.
BATCH = 2000
_PREFIX, _QUESTIONS, _LINES = "manuals-", "-questions", "-lines.npy"


class Manifest(Frozen):
    """Which collection answers, and the hash of each file it was made from."""

    collection: str
    files: dict[str, str]


@dataclass(frozen=True)
class Build:
    """What an index is made from: chunks, their lines, and questions, row by row with their vectors; file hashes."""

    chunks: Sequence[Chunk]
    chunk_vectors: Array
    line_vectors: Array
    questions: Sequence[Question]
    question_vectors: Array
    files: Mapping[str, str]


@dataclass(frozen=True)
class Indexed:
    """All that is searched. The vectors of the chunks stay in their collection, those of their lines on disk.

    `line_ranges` says for each chunk which rows of `lines` are its own; the few questions are at hand.
    """

    name: str
    collection: "Collection"
    chunks: Sequence[Chunk]
    lines: Array
    line_ranges: Sequence[tuple[int, int]]
    questions: Sequence[Question]
    question_vectors: Array


def local_client(folder: Path) -> "ClientAPI":
    """A Chroma client on a folder; it opens no connection."""
    import chromadb  # noqa: PLC0415  costs a second, and most questions need no document
    from chromadb.config import Settings  # noqa: PLC0415

    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return chromadb.PersistentClient(str(folder), settings=Settings(anonymized_telemetry=False))


def server_client(address: str) -> "ClientAPI":
    """A client of the Chroma server at an address like "http://localhost:8001".

    Raises:
        IndexFailedError: the address is none, or nothing answers there.
    """
    import chromadb  # noqa: PLC0415
    from chromadb.config import Settings  # noqa: PLC0415

    at = urlsplit(address)
    if at.scheme not in ("http", "https") or not at.hostname:
        raise IndexFailedError(
            f"{address!r} is no address of a Chroma server.", "Give one like http://localhost:8001."
        )
    is_safe = at.scheme == "https"
    settings = Settings(anonymized_telemetry=False)
    try:
        return chromadb.HttpClient(at.hostname, at.port or (443 if is_safe else 80), ssl=is_safe, settings=settings)
    except ValueError as error:
        raise IndexFailedError(f"No Chroma server answers at {address}.") from error


class Index:
    """The chunks with their vectors, and which build of them answers."""

    def __init__(self, client: "ClientAPI", folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._client = client
        self._pointer = folder / "current.json"
        self.lock = folder / "index.lock"

    def manifest(self) -> Manifest | None:
        """The build that answers; None before the first one."""
        try:
            return Manifest.model_validate_json(self._pointer.read_bytes())
        except FileNotFoundError:
            return None
        except ValidationError as error:
            raise IndexFailedError(f"{self._pointer} is not readable.", "Run `app.py knowledge reindex`.") from error

    def open(self, manifest: Manifest) -> Indexed:
        """The chunks of a build.

        Raises:
            IndexGoneError: the collection is gone, as after another process switched to its own build.
        """
        from chromadb.errors import NotFoundError  # noqa: PLC0415

        try:
            passages = self._client.get_collection(manifest.collection, embedding_function=None)
            asked = self._client.get_collection(manifest.collection + _QUESTIONS, embedding_function=None)
            lines = kept_lines(self._lines_of(manifest.collection))
        except (NotFoundError, FileNotFoundError) as error:
            raise IndexGoneError(
                f"The index {manifest.collection} is gone.", "Run `app.py knowledge reindex`."
            ) from error
        stored = [
            (text, facts)
            for rows in _pages(passages, ["documents", "metadatas"])
            for text, facts in zip(rows["documents"] or [], rows["metadatas"] or [], strict=True)
        ]
        chunks = [_chunk(text, facts) for text, facts in stored]
        ranges = [(int(facts["first_line"]), int(facts["line_end"])) for _, facts in stored]  # type: ignore[arg-type]
        questions, vectors = _questions(asked)
        return Indexed(manifest.collection, passages, chunks, lines, ranges, questions, vectors)

    def known_vectors(self) -> dict[str, Array]:
        """Vectors of the present build by the hash of their text, so that only what changed is embedded again."""
        manifest = self.manifest()
        if manifest is None:
            return {}
        indexed = self.open(manifest)
        by_key = {chunk.key: chunk.text_hash for chunk in indexed.chunks}
        known = {
            by_key[key]: np.asarray(vector)
            for rows in _pages(indexed.collection, ["embeddings"])
            for key, vector in zip(rows["ids"], rows["embeddings"], strict=True)  # type: ignore[arg-type]
        }
        for chunk, (start, end) in zip(indexed.chunks, indexed.line_ranges, strict=True):
            known |= zip(map(line_hash, lines_of(chunk)), np.array(indexed.lines[start:end]), strict=True)
        asked = zip(indexed.questions, indexed.question_vectors, strict=True)
        return known | {question.text_hash: vector for question, vector in asked}

    def replace(self, build: Build) -> None:
        """Write a build and let it answer from now on."""
        self._clear_away()
        name = f"{_PREFIX}{uuid.uuid4().hex}"
        passages, asked = self._new_collection(name), self._new_collection(name + _QUESTIONS)
        keep_lines(self._lines_of(name), build.line_vectors)
        newest = newest_revisions(build.chunks)
        ends = np.cumsum([len(lines_of(chunk)) for chunk in build.chunks]).tolist()
        ranges = list(zip([0, *ends], ends, strict=False))
        for start in range(0, len(build.chunks), BATCH):
            part = build.chunks[start : start + BATCH]
            passages.add(
                ids=[chunk.key for chunk in part],
                embeddings=build.chunk_vectors[start : start + BATCH],
                documents=[chunk.text for chunk in part],
                metadatas=[
                    _metadata(chunk, lines, chunk.facts.revision == newest[chunk.facts.id])
                    for chunk, lines in zip(part, ranges[start : start + BATCH], strict=True)
                ],
            )
        for start in range(0, len(build.questions), BATCH):
            some = build.questions[start : start + BATCH]
            asked.add(
                ids=[str(start + row) for row in range(len(some))],
                embeddings=build.question_vectors[start : start + BATCH],
                documents=[question.text for question in some],
                metadatas=[{"document": question.document or ""} for question in some],
            )
        self._switch(Manifest(collection=name, files=dict(build.files)))
        self._clear_away()

    def _new_collection(self, name: str) -> "Collection":
        # Our vectors come from our own embedder: Chroma's default one would download a model.
        return self._client.create_collection(
            name, embedding_function=None, configuration={"hnsw": {"space": "cosine"}}
        )

    def _switch(self, manifest: Manifest) -> None:
        written = self._pointer.with_suffix(".new")
        with written.open("w", encoding="utf-8") as file:
            file.write(manifest.model_dump_json(indent=2))
            file.flush()
            os.fsync(file.fileno())
        written.replace(self._pointer)

    def _clear_away(self) -> None:
        manifest = self.manifest()
        for one in self._client.list_collections():
            is_current = manifest is not None and one.name.removesuffix(_QUESTIONS) == manifest.collection
            if one.name.startswith(_PREFIX) and not is_current:
                self._client.delete_collection(one.name)
        for path in self._pointer.parent.glob(f"{_PREFIX}*{_LINES}"):
            if manifest is None or path != self._lines_of(manifest.collection):
                path.unlink(missing_ok=True)

    def _lines_of(self, collection: str) -> Path:
        return self._pointer.with_name(collection + _LINES)


def newest_revisions(chunks: Sequence[Chunk]) -> dict[str, int]:
    """The highest revision there is of each document."""
    newest: dict[str, int] = {}
    for chunk in chunks:
        newest[chunk.facts.id] = max(newest.get(chunk.facts.id, 0), chunk.facts.revision)
    return newest


def _pages(collection: "Collection", include: list[Any]) -> Iterator["GetResult"]:
    for start in range(0, collection.count(), BATCH):
        yield collection.get(include=include, limit=BATCH, offset=start)


def _metadata(chunk: Chunk, lines: tuple[int, int], is_newest: bool) -> dict[str, Any]:
    facts = chunk.facts
    applies = {f"model:{name}": True for name in facts.models or ("any",)}
    applies |= {f"alarm:{name}": True for name in facts.alarms or ("any",)}
    return {
        "facts": facts.model_dump_json(),
        "section": chunk.section,
        "position": chunk.position,
        "is_newest": is_newest,
        "first_line": lines[0],
        "line_end": lines[1],
        **applies,
    }


def _questions(collection: "Collection") -> tuple[list[Question], Array]:
    rows = collection.get(include=["documents", "metadatas", "embeddings"])
    pairs = zip(rows["documents"] or [], rows["metadatas"] or [], strict=True)
    questions = [Question(document=str(facts["document"]) or None, text=text) for text, facts in pairs]
    return questions, np.array(rows["embeddings"], dtype=np.float32).reshape(len(questions), -1)


def _chunk(text: str, metadata: Mapping[str, Any]) -> Chunk:
    facts = DocumentFacts.model_validate_json(metadata["facts"])
    return Chunk(facts=facts, section=metadata["section"], position=metadata["position"], text=text)
