"""What `app.py knowledge` does: adds, lists and removes documents, and brings the index up to date."""

from pathlib import Path

from assistant.settings import Settings
from assistant.wiring import open_library
from knowledge.additions import Listed
from knowledge.ingest import Progress
from tools.clock import SystemClock


def add_documents(settings: Settings, files: list[Path], progress: Progress) -> str:
    """Copy files to the data folder and index them; a file that cannot be read ends it with the ones before it kept."""
    library = open_library(settings)
    now = SystemClock().now()
    added = [library.add(path, progress, who="local", now=now).facts for path in files]
    return "\n".join(f"Added {facts.id}, revision {facts.revision}: {facts.title}." for facts in added)


def list_documents(settings: Settings) -> str:
    """One line a document."""
    return "\n".join(_line(one) for one in open_library(settings).documents())


def remove_document(settings: Settings, file: str, progress: Progress) -> str:
    """Take an added document out of the index and delete our copy."""
    open_library(settings).remove(file, progress)
    return f"Removed {file}."


def index_documents(settings: Settings, progress: Progress, *, anew: bool) -> str:
    """Bring the index up to date, or embed everything again."""
    library = open_library(settings)
    if library.is_current() and not anew:
        return "The index is up to date."
    return f"{library.reindex(progress, anew=anew)} passages of {len(library.documents())} documents are indexed."


def _line(one: Listed) -> str:
    facts = one.facts
    origin = "added" if one.is_added else "shipped"
    return f"{facts.id:<16} r{facts.revision:<3} {facts.date}  {origin:<8} {one.file:<26} {facts.title}"
