"""Cuts a document into chunks along its headings; a table or a list of steps is never cut."""

import re
from collections.abc import Iterator

from knowledge.passage import Chunk, Document

# The embedding model reads 256 tokens, about this many characters.
MOST_CHARACTERS = 900
OVERVIEW = "Overview"
_HEADING = re.compile(r"^(#{1,6})\s+(.+?)\s*#*$")
_STEP = re.compile(r"^\s*(?:\d+[.)]|[-*+])\s")


def chunks_of(document: Document) -> list[Chunk]:
    """The chunks of a document in its order, none of them empty."""
    pieces = [
        (section, piece) for section, body in _sections(document.text) for piece in _packed(list(_blocks(body)))
    ]
    return [
        Chunk(facts=document.facts, section=section, position=position, text=piece)
        for position, (section, piece) in enumerate(pieces)
    ]


def _sections(text: str) -> Iterator[tuple[str, list[str]]]:
    """Headings with the lines under them; what stands before the second level is the overview."""
    section, lines = OVERVIEW, []
    for line in text.splitlines():
        heading = _HEADING.match(line)
        if heading is None:
            lines.append(line)
            continue
        yield section, lines
        section, lines = (OVERVIEW if len(heading[1]) == 1 else heading[2]), []
    yield section, lines


def _blocks(lines: list[str]) -> Iterator[str]:
    """Paragraphs, whole lists and whole tables; a sentence that leads into a list stays with it."""
    block: list[str] = []
    for line in lines:
        is_part = bool(line.strip())
        if is_part or (block and _is_list(block[-1])):
            block.append(line)
            continue
        if block and not _leads_in(block):
            yield "\n".join(block).strip()
            block = []
    if any(line.strip() for line in block):
        yield "\n".join(block).strip()


def _is_list(line: str) -> bool:
    return bool(_STEP.match(line)) or line.startswith("  ")


def _leads_in(block: list[str]) -> bool:
    return block[-1].rstrip().endswith(":")


def _packed(blocks: list[str]) -> Iterator[str]:
    """Blocks put together up to the size of a chunk; a longer paragraph is cut at its sentences."""
    held = ""
    for block in [part for whole in blocks for part in _cut(whole)]:
        if held and len(held) + len(block) > MOST_CHARACTERS:
            yield held
            held = ""
        held = f"{held}\n\n{block}" if held else block
    if held:
        yield held


def _cut(block: str) -> Iterator[str]:
    if len(block) <= MOST_CHARACTERS or block.startswith("|") or any(map(_is_list, block.splitlines())):
        yield block
        return
    held = ""
    for sentence in re.split(r"(?<=[.!?])\s+", block):
        if held and len(held) + len(sentence) > MOST_CHARACTERS:
            yield held
            held = ""
        held = f"{held} {sentence}".strip()
    yield held
