"""The single lines of a chunk, each put so that it can be understood alone, and their vectors in a file of a build."""

import hashlib
import re
from pathlib import Path

import numpy as np
import numpy.typing as npt

from knowledge.passage import Chunk
from knowledge.quoting import lines_in

_MARK = re.compile(r"^(?:\d+[.)]|[-*+])\s+|[|*]")
_RULE = re.compile(r"[\s|:-]+")


def lines_of(chunk: Chunk) -> list[str]:
    """Steps, table rows and sentences of a chunk, each with the title and the section it stands under."""
    place = f"{chunk.facts.subject}. {chunk.section}"
    return [
        f"{place}: {' '.join(_MARK.sub(' ', line).split())}" for line in lines_in(chunk.text) if not is_rule(line)
    ]


def is_rule(line: str) -> bool:
    """Whether a line only draws the rule below the head of a table."""
    return _RULE.fullmatch(line) is not None


def line_hash(line: str) -> str:
    """Changes when what is compared with a question changes."""
    return hashlib.sha256(line.encode()).hexdigest()


def keep_lines(path: Path, vectors: npt.NDArray[np.float32]) -> None:
    """Write the vectors of all lines of a build, chunk by chunk."""
    with path.open("wb") as file:
        np.save(file, vectors, allow_pickle=False)


def kept_lines(path: Path) -> npt.NDArray[np.float32]:
    """The vectors as they lie on disk; only the rows that are used are read."""
    vectors: npt.NDArray[np.float32] = np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))
    return vectors
