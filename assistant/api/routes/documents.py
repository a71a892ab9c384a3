"""/api/knowledge/documents: the documents that are searched, to list, add and remove."""

import asyncio
from datetime import datetime
from pathlib import Path, PurePath
from tempfile import TemporaryDirectory
from typing import Annotated

import structlog
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel

from assistant.api.dependencies import Asker, Asking, ReadyAssistant
from assistant.api.errors import ERROR_RESPONSES, ErrorBody
from knowledge.errors import DocumentError, ShippedDocumentError, UnknownDocumentError
from knowledge.ingest import Library, Listed
from tools.errors import BadArgumentError, BatteryError

log = structlog.get_logger()
_RESPONSES = ERROR_RESPONSES | {413: {"model": ErrorBody}}
router = APIRouter(tags=["documents"], responses=_RESPONSES)

LONGEST_NAME = 120
MAY_CHANGE = ("engineer", "admin")
_FILE = {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
FileName = Annotated[
    str, Query(min_length=1, max_length=LONGEST_NAME, description="Name of the file", examples=["pump.pdf"])
]


class DocumentsForEngineersError(BatteryError):
    """Documents are changed by those who answer for them."""

    code = "not_allowed"


class Documents(BaseModel):
    """Every document, the shipped ones first."""

    documents: tuple[Listed, ...]


@router.get("/api/knowledge/documents")
def documents(assistant: ReadyAssistant, _: Asking) -> Documents:
    """List what is searched, with who added a document, when, and the hash of its file."""
    return Documents(documents=tuple(assistant.library().documents()))


@router.post("/api/knowledge/documents", status_code=201, openapi_extra={"requestBody": _FILE})
async def add(name: FileName, request: Request, assistant: ReadyAssistant, asker: Asking) -> Listed:
    """Add a Markdown, text, PDF, Word or HTML file: its bytes are the body. Needs the role engineer."""
    check_engineer(asker)
    check_name(name)
    content = await request.body()
    listed = await asyncio.to_thread(_put, assistant.library(), name, content, asker.who, assistant.clock.now())
    log.info("document added", document=listed.facts.id, file=name, who=asker.who)
    return listed


@router.delete("/api/knowledge/documents/{document_id}", status_code=204)
def remove(
    document_id: str,
    assistant: ReadyAssistant,
    asker: Asking,
    revision: Annotated[int | None, Query(description="Which one, where several revisions were added")] = None,
) -> Response:
    """Remove an added document. Needs the role engineer."""
    check_engineer(asker)
    library = assistant.library()
    file = added_file(library.documents(), document_id, revision)
    library.remove(file, lambda _share, _what: None)
    log.info("document removed", document=document_id, file=file, who=asker.who)
    return Response(status_code=204)


def check_engineer(asker: Asker) -> None:
    """Let only engineers and admins change the documents.

    Raises:
        DocumentsForEngineersError: the asker is neither.
    """
    if asker.role not in MAY_CHANGE:
        raise DocumentsForEngineersError(
            f"Changing the documents needs the role engineer; you are {asker.role}.", "Ask an engineer to do it."
        )


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
