"""Keeps the vectors of the shipped documents between data folders, since embedding them takes some seconds."""

import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from knowledge.index import Array


def kept_vectors(path: Path, embedder: str) -> dict[str, Array]:
    """Vectors of an embedder by the hash of their text; none where there is no such file, or half of one."""
    try:
        with np.load(path, allow_pickle=False) as kept:
            if str(kept["embedder"]) != embedder:
                return {}
            return dict(zip(kept["hashes"].tolist(), kept["vectors"], strict=True))
    except (FileNotFoundError, zipfile.BadZipFile, EOFError, KeyError, ValueError):
        return {}


def keep_vectors(path: Path, embedder: str, vectors: Mapping[str, Array]) -> None:
    """Write the vectors of an embedder in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part.npz")
    values = np.array(list(vectors.values()), dtype=np.float32)
    np.savez(part, embedder=np.array(embedder), hashes=np.array(list(vectors)), vectors=values)
    part.replace(path)
