"""The index in Chroma: one collection a build, and a small file that says which build answers.

A new build is written beside the old one and the file is switched in one step, so a process killed at any moment
leaves the old index or the new one, never a mixture. What such a process leaves behind, the next build clears away.
"""

import os
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from pydantic import ValidationError

from knowledge.errors import IndexFailedError
from knowledge.passage import Chunk, DocumentFacts, Frozen

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from chromadb.api.models.Collection import Collection

Array = npt.NDArray[np.float32]
# Chroma takes some thousands of rows a call.
BATCH = 2000
_PREFIX = "manuals-"


class Manifest(Frozen):
    """Which collection answers, and the hash of each file it was made from."""

    collection: str
    files: dict[str, str]


@dataclass(frozen=True)
class Indexed:
    """All that is searched: the chunks, row by row with their vectors, and the collection that holds them."""

    name: str
    collection: "Collection"
    chunks: Sequence[Chunk]

    @property
    def keys(self) -> list[str]:
        return [chunk.key for chunk in self.chunks]


def local_client(folder: Path) -> "ClientAPI":
    """A Chroma client on a folder; it opens no connection."""
    import chromadb  # noqa: PLC0415  costs a second, and most questions need no document
    from chromadb.config import Settings  # noqa: PLC0415

    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return chromadb.PersistentClient(str(folder), settings=Settings(anonymized_telemetry=False))


class Index:
    """The chunks with their vectors, and which build of them answers."""

    def __init__(self, client: "ClientAPI", folder: Path) -> None:
        self._client = client
        self._pointer = folder / "current.json"

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
            IndexFailedError: the collection is gone, as after another process switched to its own build.
        """
        from chromadb.errors import NotFoundError  # noqa: PLC0415

        try:
            collection = self._client.get_collection(manifest.collection, embedding_function=None)
        except NotFoundError as error:
            raise IndexFailedError(
                f"The index {manifest.collection} is gone.", "Run `app.py knowledge reindex`."
            ) from error
        rows = collection.get(include=["documents", "metadatas"])
        pairs = zip(rows["documents"] or [], rows["metadatas"] or [], strict=True)
        return Indexed(manifest.collection, collection, [_chunk(text, facts) for text, facts in pairs])

    def known_vectors(self) -> dict[str, Array]:
        """Vectors of the present build by the hash of their text, so that only what changed is embedded again."""
        manifest = self.manifest()
        if manifest is None:
            return {}
        rows = self.open(manifest).collection.get(include=["embeddings", "metadatas"])
        vectors, facts = rows["embeddings"], rows["metadatas"]
        if vectors is None or facts is None:
            return {}
        return {str(one["text_hash"]): np.asarray(vector) for one, vector in zip(facts, vectors, strict=True)}

    def replace(self, chunks: Sequence[Chunk], vectors: Array, files: Mapping[str, str]) -> None:
        """Write a build and let it answer from now on."""
        self._clear_away()
        name = f"{_PREFIX}{uuid.uuid4().hex}"
        # Our vectors come from our own embedder: Chroma's default one would download a model.
        collection = self._client.create_collection(
            name, embedding_function=None, configuration={"hnsw": {"space": "cosine"}}
        )
        newest = newest_revisions(chunks)
        for start in range(0, len(chunks), BATCH):
            part = chunks[start : start + BATCH]
            collection.add(
                ids=[chunk.key for chunk in part],
                embeddings=vectors[start : start + BATCH],
                documents=[chunk.text for chunk in part],
                metadatas=[_metadata(chunk, chunk.facts.revision == newest[chunk.facts.id]) for chunk in part],
            )
        self._switch(Manifest(collection=name, files=dict(files)))
        self._clear_away()

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
            if one.name.startswith(_PREFIX) and (manifest is None or one.name != manifest.collection):
                self._client.delete_collection(one.name)


def newest_revisions(chunks: Sequence[Chunk]) -> dict[str, int]:
    """The highest revision there is of each document."""
    newest: dict[str, int] = {}
    for chunk in chunks:
        newest[chunk.facts.id] = max(newest.get(chunk.facts.id, 0), chunk.facts.revision)
    return newest


def _metadata(chunk: Chunk, is_newest: bool) -> dict[str, Any]:
    facts = chunk.facts
    applies = {f"model:{name}": True for name in facts.models or ("any",)}
    applies |= {f"alarm:{name}": True for name in facts.alarms or ("any",)}
    return {
        "facts": facts.model_dump_json(),
        "section": chunk.section,
        "position": chunk.position,
        "text_hash": chunk.text_hash,
        "is_newest": is_newest,
        **applies,
    }


def _chunk(text: str, metadata: Mapping[str, Any]) -> Chunk:
    facts = DocumentFacts.model_validate_json(metadata["facts"])
    return Chunk(facts=facts, section=metadata["section"], position=metadata["position"], text=text)
