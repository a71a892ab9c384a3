"""Keeps the index in step with the documents: those that are shipped and those that users added."""

import hashlib
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import yaml

from knowledge.additions import Addition, Listed, addition_of, forget_addition, keep_addition
from knowledge.chunking import chunks_of
from knowledge.embedding import SentenceEmbedder
from knowledge.errors import DocumentError, IndexBusyError, UnknownDocumentError
from knowledge.index import Array, Build, Index
from knowledge.lines import line_hash, lines_of
from knowledge.locking import writing
from knowledge.passage import Chunk, Document, Question
from knowledge.readers import READERS, read_document
from knowledge.vectors import keep_vectors, kept_vectors

SHIPPED = Path(__file__).parent / "documents"
ELSEWHERE = Path(__file__).parent / "elsewhere.yaml"
# Raised when chunking or embedding changes, so that an older index is built anew.
LAYOUT = "5"
# Seconds that a change of the documents waits for another one to end.
PATIENCE = 60.0
Progress = Callable[[float, str], None]
log = logging.getLogger(__name__)


class Library:
    """The documents, and an index of them."""

    def __init__(
        self,
        index: Index,
        embedder: Callable[[], SentenceEmbedder],
        added: Path,
        kept: Path,
        *,
        shipped: Path = SHIPPED,
        patience: float = PATIENCE,
    ) -> None:
        self.index = index
        self._embedder = embedder
        self._added = added
        self._kept = kept
        self._shipped = shipped
        self._patience = patience

    def documents(self) -> list[Listed]:
        """Every document, the shipped ones first."""
        return [self._listed(path) for path in self._files()]

    def text_of(self, file: str) -> str:
        """The text of a document as Markdown.

        Raises:
            UnknownDocumentError: no document has this file name.
        """
        found = next((path for path in self._files() if path.name == file), None)
        if found is None:
            raise UnknownDocumentError(f"No document {file!r}.", "`app.py knowledge list` shows them.")
        return self._read(found).text

    def is_current(self) -> bool:
        """Whether the index was made from the files as they are."""
        manifest = self.index.manifest()
        return manifest is not None and manifest.files == self._hashes(self._files())

    def reindex(self, progress: Progress, *, anew: bool = False) -> int:
        """Bring the index up to date; the number of chunks. `anew` embeds all of them again.

        Raises:
            DocumentError: a file cannot be read; the index stays as it was.
            IndexBusyError: another process writes it.
        """
        with writing(self.index.lock, self._patience):
            return self._build(self._files(), progress, anew=anew)

    def refresh(self) -> None:
        """Build the index where it is not that of the files. While another process does, an older one is good enough.

        Raises:
            KnowledgeError: there is no index yet, and none can be built.
        """
        has_one = self.index.manifest() is not None
        try:
            with writing(self.index.lock, 0.0 if has_one else self._patience):
                if not self.is_current():
                    self._build(self._files(), _silent)
        except IndexBusyError:
            if not has_one:
                raise

    def add(self, path: Path, progress: Progress, *, who: str, now: datetime) -> Listed:
        """Copy a file to the added documents, note who added it, and index it.

        Raises:
            DocumentError: the file cannot be read, or there is one of its name; nothing was changed.
            IndexBusyError: another process writes the index.
        """
        with writing(self.index.lock, self._patience), ExitStack() as undo:
            target = self._added / path.name
            if target.exists():
                raise DocumentError(
                    f"There is a document {path.name} already.", "Remove it first, or rename the file."
                )
            read_document(path, _day_of(path))
            content = path.read_bytes()
            self._added.mkdir(mode=0o700, parents=True, exist_ok=True)
            undo.callback(forget_addition, target)
            keep_addition(target, Addition(who=who, added_utc=now, sha256=hashlib.sha256(content).hexdigest()))
            part = target.with_name(f".{path.name}.part")
            part.write_bytes(content)
            part.replace(target)
            undo.callback(target.unlink)
            self._build(self._files(), progress)
            undo.pop_all()
            return self._listed(target)

    def remove(self, file: str, progress: Progress) -> None:
        """Take an added document out of the index and delete our copy of it.

        Raises:
            UnknownDocumentError: no added document has this file name.
            IndexBusyError: another process writes the index.
        """
        with writing(self.index.lock, self._patience):
            names = [path.name for path in self._files() if self._is_added(path)]
            if file not in names:
                known = f"Added documents: {', '.join(names)}." if names else "No document was added."
                raise UnknownDocumentError(f"No added document {file!r}.", known)
            target = self._added / file
            self._build([path for path in self._files() if path != target], progress)
            target.unlink()
            forget_addition(target)

    def _build(self, files: Sequence[Path], progress: Progress, *, anew: bool = False) -> int:
        progress(0.0, "reading the documents")
        hashes = self._hashes(files)
        documents = [self._read(path) for path in files]
        chunks = [chunk for document in documents for chunk in chunks_of(document)]
        _check_unique(chunks)
        questions = [*_answered(documents), *_answered_elsewhere()]
        texts = _texts(chunks, questions)
        vectors = self._vectors(texts, {} if anew else self._known_vectors(), progress)
        self._keep(vectors)
        # Never empty: what no manual answers is always among them.
        of_questions = np.array([vectors[question.text_hash] for question in questions], dtype=np.float32)
        width = of_questions.shape[1]
        of_chunks = _rows([vectors[chunk.text_hash] for chunk in chunks], width)
        of_lines = _rows([vectors[line_hash(line)] for chunk in chunks for line in lines_of(chunk)], width)
        self.index.replace(Build(chunks, of_chunks, of_lines, questions, of_questions, hashes))
        progress(1.0, "indexed")
        return len(chunks)

    def _known_vectors(self) -> dict[str, Array]:
        manifest = self.index.manifest()
        name = self._embedder().name
        kept = kept_vectors(self._kept, name)
        if manifest is None or manifest.files.get("layout") != LAYOUT or manifest.files.get("embedder") != name:
            return kept
        return kept | self.index.known_vectors()

    def _vectors(self, texts: Mapping[str, str], known: dict[str, Array], progress: Progress) -> dict[str, Array]:
        """The vector of each text by its hash; only those not known are embedded."""
        # Texts of like length share a batch, so that little is padded.
        changed = sorted((one for one in texts if one not in known), key=lambda one: len(texts[one]))
        for start in range(0, len(changed), 16):
            part = changed[start : start + 16]
            progress(start / len(changed), f"embedding {len(changed)} texts")
            vectors = self._embedder().embed([texts[one] for one in part])
            known |= dict(zip(part, vectors, strict=True))
        log.info("documents embedded: %d of %d texts", len(changed), len(texts))
        return known

    def _keep(self, vectors: dict[str, Array]) -> None:
        documents = [self._read(path) for path in self._shipped.glob("*.md")]
        chunks = [chunk for document in documents for chunk in chunks_of(document)]
        shipped = _texts(chunks, [*_answered(documents), *_answered_elsewhere()])
        wanted = {one: vectors[one] for one in shipped if one in vectors}
        name = self._embedder().name
        if wanted.keys() != kept_vectors(self._kept, name).keys():
            keep_vectors(self._kept, name, wanted)

    def _files(self) -> list[Path]:
        shipped = sorted(self._shipped.glob("*.md"))
        added = sorted(path for path in self._added.glob("*") if path.suffix.lower() in READERS)
        return [*shipped, *(path for path in added if not path.name.startswith("."))]

    def _hashes(self, files: Sequence[Path]) -> dict[str, str]:
        names = {path: f"{'added' if self._is_added(path) else 'shipped'}/{path.name}" for path in files}
        hashes = {name: hashlib.sha256(path.read_bytes()).hexdigest() for path, name in names.items()}
        # Vectors of two embedders never meet in one index.
        made_with = {"layout": LAYOUT, "embedder": self._embedder().name}
        return hashes | made_with | {"elsewhere": hashlib.sha256(ELSEWHERE.read_bytes()).hexdigest()}

    def _read(self, path: Path) -> Document:
        return read_document(path, _day_of(path) if self._is_added(path) else None)

    def _listed(self, path: Path) -> Listed:
        document, is_added = self._read(path), self._is_added(path)
        addition = addition_of(path) if is_added else None
        chunks = len(chunks_of(document))
        return Listed(file=path.name, facts=document.facts, is_added=is_added, chunks=chunks, addition=addition)

    def _is_added(self, path: Path) -> bool:
        return path.parent == self._added


def _day_of(path: Path) -> date | None:
    """The day a file was last written, its date where it states none."""
    return datetime.fromtimestamp(path.stat().st_mtime, UTC).date() if path.exists() else None


def _answered(documents: Sequence[Document]) -> list[Question]:
    return [Question(document=one.facts.key, text=text) for one in documents for text in one.answers]


def _answered_elsewhere() -> list[Question]:
    return [Question(document=None, text=text) for text in yaml.safe_load(ELSEWHERE.read_text(encoding="utf-8"))]


def _texts(chunks: Sequence[Chunk], questions: Sequence[Question]) -> dict[str, str]:
    """What is embedded, by its hash."""
    passages = {chunk.text_hash: chunk.searched_text for chunk in chunks}
    lines = {line_hash(line): line for chunk in chunks for line in lines_of(chunk)}
    return passages | lines | {question.text_hash: question.text for question in questions}


def _rows(vectors: Sequence[Array], width: int) -> Array:
    return np.array(vectors, dtype=np.float32).reshape(len(vectors), width)


def _silent(_share: float, _what: str) -> None:
    return


def _check_unique(chunks: Sequence[Chunk]) -> None:
    seen: dict[str, Chunk] = {}
    for chunk in chunks:
        if chunk.key in seen:
            raise DocumentError(
                f"Two documents are {chunk.facts.id} revision {chunk.facts.revision}.",
                "Give the newer one a higher revision in its front matter.",
            )
        seen[chunk.key] = chunk
