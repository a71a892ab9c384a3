"""An index of many chunks, to time a search in: the shipped ones again and again, each vector moved a little."""

import numpy as np

from knowledge.index import Array, Build, Index, Manifest


def present(index: Index) -> Manifest:
    """The build that answers.

    Raises:
        ValueError: there is none yet.
    """
    manifest = index.manifest()
    if manifest is None:
        raise ValueError("The index was not built.")
    return manifest


def many_chunks(shipped: Index, count: int, noise: float, random: np.random.Generator) -> Build:
    """So many chunks of so many more documents; `noise` is the standard deviation of each number of a vector."""
    indexed, known = shipped.open(present(shipped)), shipped.known_vectors()
    own = np.array([known[chunk.text_hash] for chunk in indexed.chunks], dtype=np.float32)
    rounds = -(-count // len(own))
    chunks = [
        chunk.model_copy(update={"facts": chunk.facts.model_copy(update={"id": f"{chunk.facts.id}-{number}"})})
        for number in range(rounds)
        for chunk in indexed.chunks
    ]
    lines = np.concatenate([indexed.lines[start:end] for start, end in indexed.line_ranges])
    line_count = sum(end - start for start, end in (list(indexed.line_ranges) * rounds)[:count])
    return Build(
        chunks[:count],
        _moved(own, rounds, noise, random)[:count],
        _moved(lines, rounds, noise, random)[:line_count],
        indexed.questions,
        indexed.question_vectors,
        {},
    )


def _moved(vectors: Array, rounds: int, noise: float, random: np.random.Generator) -> Array:
    """The vectors so many times over, each moved a little."""
    moved = np.tile(vectors, (rounds, 1))
    moved += random.normal(0, noise, moved.shape).astype(np.float32)
    moved /= np.linalg.norm(moved, axis=1, keepdims=True)
    return moved
