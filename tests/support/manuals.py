"""Manuals of a test: a fake that finds what it was given, and a small library on a folder of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path

from knowledge.embedding import Embedder
from knowledge.index import Index, local_client
from knowledge.ingest import Library
from knowledge.passage import Asked, Found, Passage
from knowledge.search import ManualSearch

# Reading the weights costs more than a test of them.
embedder = cache(Embedder)

PROCEDURE = """---
id: {id}
title: "{title}"
revision: {revision}
date: 2025-01-0{revision}
supersedes: null
applies_to:
  models: [{models}]
  alarms: [{alarms}]
source: "a test"
---

# {title}

{text}
"""


def passage(quote: str = "1. Open the breaker.\n2. Wait 5 minutes.", **changes: object) -> Passage:
    """A passage of a procedure, section Steps, revision 2."""
    facts: dict[str, object] = {
        "document": "MP-99", "title": "Changing a lamp", "section": "Steps", "revision": 2,
        "date": date(2025, 4, 14), "is_newest": True, "quote": quote, "score": 0.8,
    }  # fmt: skip
    return Passage.model_validate(facts | changes)


def found(*passages: Passage) -> Found:
    """The result of a search."""
    best = passages[0].score if passages else None
    return Found(
        question="a question",
        passages=passages,
        is_in_documents=bool(passages),
        best_score=best,
        elsewhere_score=0.1,
    )


@dataclass
class FakeManuals:
    """Finds the same for every question, and keeps what it was asked."""

    finds: Found = field(default_factory=found)
    asked: list[Asked] = field(default_factory=list)

    def search(self, asked: Asked) -> Found:
        self.asked.append(asked)
        return self.finds


def document(id: str, title: str, text: str, **changes: object) -> str:
    """A document as its file holds it."""
    facts: dict[str, object] = {"revision": 1, "models": "", "alarms": ""}
    return PROCEDURE.format(id=id, title=title, text=text, **(facts | changes))


def library(folder: Path, documents: Mapping[str, str]) -> Library:
    """A library whose shipped documents are these, by file name."""
    shipped = folder / "shipped"
    shipped.mkdir(exist_ok=True)
    for name, text in documents.items():
        (shipped / name).write_text(text, encoding="utf-8")
    index = Index(local_client(folder / "chroma"), folder / "chroma")
    return Library(index, embedder, folder / "documents", folder / "kept.npz", shipped=shipped)


def search_of(opened: Library) -> ManualSearch:
    """A search on a library."""
    return ManualSearch(lambda: opened, embedder)


def names(passages: Sequence[Passage]) -> list[str]:
    """Document and revision of each passage."""
    return [f"{one.document} r{one.revision}" for one in passages]
