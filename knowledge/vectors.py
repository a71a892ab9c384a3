"""Keeps the vectors of the shipped documents between data folders, since embedding them takes some seconds."""

import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from knowledge.index import Array


def kept_vectors(path: Path) -> dict[str, Array]:
    """Vectors by the hash of their text; none where there is no such file, or a killed process left half of one."""
    try:
        with np.load(path, allow_pickle=False) as kept:
            return dict(zip(kept["hashes"].tolist(), kept["vectors"], strict=True))
    except (FileNotFoundError, zipfile.BadZipFile, EOFError, KeyError, ValueError):
        return {}


def keep_vectors(path: Path, vectors: Mapping[str, Array]) -> None:
    """Write the vectors in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part.npz")
    np.savez(part, hashes=np.array(list(vectors)), vectors=np.array(list(vectors.values()), dtype=np.float32))
    part.replace(path)
