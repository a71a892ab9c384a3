"""Who added a document, when, and the hash of the file; kept as a small file beside our copy of it."""

import os
from datetime import datetime
from pathlib import Path

from pydantic import Field, ValidationError

from knowledge.passage import DocumentFacts, Frozen


class Addition(Frozen):
    """How a document came in."""

    who: str
    added_utc: datetime
    sha256: str = Field(description="Of the file as it was added")


class Listed(Frozen):
    """One document as the list shows it; `addition` is None for a shipped one."""

    file: str
    facts: DocumentFacts
    is_added: bool
    chunks: int
    addition: Addition | None = None


def keep_addition(document: Path, addition: Addition) -> None:
    """Write down how a document came in, in one step."""
    path = _beside(document)
    part = path.with_suffix(".part")
    with part.open("w", encoding="utf-8") as file:
        file.write(addition.model_dump_json(indent=2))
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def addition_of(document: Path) -> Addition | None:
    """How a document came in; None where that was not written down, as for a file copied in by hand."""
    try:
        return Addition.model_validate_json(_beside(document).read_bytes())
    except (FileNotFoundError, ValidationError):
        return None


def forget_addition(document: Path) -> None:
    """Delete the note on a document that goes."""
    _beside(document).unlink(missing_ok=True)


def _beside(document: Path) -> Path:
    # Hidden, so that it is never taken for a document.
    return document.with_name(f".{document.name}.added.json")
