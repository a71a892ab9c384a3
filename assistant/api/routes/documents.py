"""/api/knowledge/documents: the documents that are searched, to list, add and remove."""

import asyncio
from datetime import datetime
from pathlib import Path, PurePath
from tempfile import TemporaryDirectory
from typing import Annotated

import structlog
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, JsonValue

from assistant.api.dependencies import Asking, Engineer, ReadyAssistant
from assistant.api.errors import ERROR_RESPONSES, ErrorBody
from knowledge.additions import Listed
from knowledge.errors import DocumentError, ShippedDocumentError, UnknownDocumentError
from knowledge.ingest import Library
from knowledge.scoring import sheet_name
from tools.errors import BadArgumentError

log = structlog.get_logger()
_RESPONSES = ERROR_RESPONSES | {413: {"model": ErrorBody}}
router = APIRouter(tags=["documents"], responses=_RESPONSES)

LONGEST_NAME = 120
_FILE = {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
FileName = Annotated[
    str, Query(min_length=1, max_length=LONGEST_NAME, description="Name of the file", examples=["pump.pdf"])
]


class Documents(BaseModel):
    """Every document, the shipped ones first."""

    documents: tuple[Listed, ...]


@router.get("/api/knowledge/documents")
def documents(assistant: ReadyAssistant, asker: Asking) -> Documents:
    """List what is searched, with who added a document, when, and the hash of its file; no sheet of another's site."""
    seen = {sheet_name(site.name) for site in assistant.views.of(asker).store.fleet().sites}
    every = assistant.library().documents()
    return Documents(documents=tuple(one for one in every if one.facts.site is None or one.facts.site in seen))


@router.post("/api/knowledge/documents", status_code=201, openapi_extra={"requestBody": _FILE})
async def add(name: FileName, request: Request, assistant: ReadyAssistant, asker: Engineer) -> Listed:
    """Add a Markdown, text, PDF, Word or HTML file: its bytes are the body. Needs the role engineer."""
    check_name(name)
    content = await request.body()
    listed = await asyncio.to_thread(_put, assistant.library(), name, content, asker.name, assistant.clock.now())
    details: dict[str, JsonValue] = {"file": name, "sha256": listed.addition.sha256 if listed.addition else None}
    await asyncio.to_thread(assistant.audit.record_alone, "document_added", asker.name, listed.facts.id, details)
    log.info("document added", document=listed.facts.id, file=name, who=asker.name)
    return listed


@router.delete("/api/knowledge/documents/{document_id}", status_code=204)
def remove(
    document_id: str,
    assistant: ReadyAssistant,
    asker: Engineer,
    revision: Annotated[int | None, Query(description="Which one, where several revisions were added")] = None,
) -> Response:
    """Remove an added document. Needs the role engineer."""
    library = assistant.library()
    file = added_file(library.documents(), document_id, revision)
    library.remove(file, lambda _share, _what: None)
    assistant.audit.record_alone("document_removed", asker.name, document_id, {"file": file})
    log.info("document removed", document=document_id, file=file, who=asker.name)
    return Response(status_code=204)


def check_name(name: str) -> None:
    """Refuse what is no plain name of a file, such as a path.

    Raises:
        DocumentError: it is none.
    """
    is_plain = name == PurePath(name).name and "\\" not in name and name.isprintable() and not name.startswith(".")
    if not is_plain:
        raise DocumentError("That is no name of a file.", "Give a plain name such as pump.pdf.")


def added_file(listed: list[Listed], document_id: str, revision: int | None) -> str:
    """The file of an added document.

    Raises:
        UnknownDocumentError: there is no document of that id and revision.
        ShippedDocumentError: it belongs to the product.
        BadArgumentError: several revisions were added, and none is named.
    """
    of_id = [one for one in listed if one.facts.id == document_id and revision in (None, one.facts.revision)]
    added = [one for one in of_id if one.is_added]
    if not of_id:
        raise UnknownDocumentError(
            f"There is no document {document_id[:LONGEST_NAME]!r}.", "GET /api/knowledge/documents lists all."
        )
    if not added:
        raise ShippedDocumentError(
            f"{document_id} belongs to the product and stays.", "Add a later revision: the newest is cited."
        )
    if len(added) > 1:
        known = ", ".join(str(one.facts.revision) for one in added)
        raise BadArgumentError(f"Revisions {known} of {document_id} were added.", "Say which with ?revision=.")
    return added[0].file


def _put(library: Library, name: str, content: bytes, who: str, now: datetime) -> Listed:
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        return library.add(path, lambda _share, _what: None, who=who, now=now)
