"""An index of many chunks, to time a search in: the shipped ones again and again, each vector moved a little."""

import numpy as np

from knowledge.index import Build, Index, Manifest


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
    vectors = np.tile(own, (rounds, 1)) + random.normal(0, noise, (rounds * len(own), own.shape[1]))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return Build(chunks[:count], vectors[:count].astype(np.float32), indexed.questions, indexed.question_vectors, {})
