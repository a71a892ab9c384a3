"""Reads a file as a document, whatever its kind; one way to read for each kind of file."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

import yaml
from pydantic import ValidationError

from knowledge.errors import DocumentError
from knowledge.office_files import read_docx, read_html, read_pdf
from knowledge.passage import Document, DocumentFacts

MOST_BYTES = 20 * 1024 * 1024
_LONGEST_ID, _LONGEST_TITLE = 64, 160
_FRONT_MATTER = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)


def read_document(path: Path, added: date | None = None) -> Document:
    """The document in a file. One without front matter is revision 1 of the day it was added, named as its file.

    Raises:
        DocumentError: the file cannot be read, holds no text, or is too big.
    """
    read = READERS.get(path.suffix.lower())
    if read is None:
        raise DocumentError(
            f"{path.name} is of an unknown kind.", f"These can be read: {', '.join(sorted(READERS))}."
        )
    _check_size(path)
    document = _with_facts(path, read(path), added)
    if not document.text.strip():
        raise DocumentError(f"{path.name} holds no text.", "A scanned document needs text recognition first.")
    return document


def _check_size(path: Path) -> None:
    try:
        size = path.stat().st_size
    except OSError as error:
        raise DocumentError(f"There is no file {path}.") from error
    if size == 0:
        raise DocumentError(f"{path.name} is empty.")
    if size > MOST_BYTES:
        raise DocumentError(
            f"{path.name} has {size / 2**20:.0f} MB; at most {MOST_BYTES // 2**20} MB can be read.",
            "Split it, or leave out its pictures.",
        )


def _with_facts(path: Path, text: str, added: date | None) -> Document:
    front = _FRONT_MATTER.match(text)
    if front is not None:
        return _described(path, front[1], text[front.end() :])
    if added is None:
        raise DocumentError(f"{path.name} has no front matter.")
    name = re.sub(r"[^A-Za-z0-9]+", "-", path.stem).strip("-").upper()[:_LONGEST_ID] or "DOCUMENT"
    facts = DocumentFacts(id=name, title=path.stem[:_LONGEST_TITLE], revision=1, date=added, source=path.name)
    return Document(facts=facts, text=text)


def _described(path: Path, front: str, text: str) -> Document:
    try:
        given = dict(yaml.safe_load(front))
        facts = given | dict(given.get("applies_to") or {})
        return Document(facts=DocumentFacts.model_validate(facts), text=text, answers=given.get("answers") or ())
    except (yaml.YAMLError, ValidationError, TypeError, ValueError) as error:
        raise DocumentError(f"The front matter of {path.name} cannot be read: {error}") from error


def _read_text(path: Path) -> str:
    content = path.read_bytes()
    if b"\0" in content:
        raise DocumentError(f"{path.name} is not a text file.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        # Files of older Windows programs.
        text = content.decode("cp1252", errors="replace")
    return text.replace("\r\n", "\n")


READERS: Mapping[str, Callable[[Path], str]] = {
    ".md": _read_text, ".txt": _read_text, ".pdf": read_pdf, ".docx": read_docx, ".html": read_html, ".htm": read_html,
}  # fmt: skip
