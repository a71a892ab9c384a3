"""Reads PDF, Word and HTML files as Markdown: headings, lists and tables where the file knows of them."""

import zipfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from knowledge.errors import DocumentError

if TYPE_CHECKING:
    from bs4 import Tag
    from docx.table import Table
    from docx.text.paragraph import Paragraph

MOST_PAGES = 400
# A Word file is a ZIP; one that unpacks to more is no document but a bomb.
MOST_UNPACKED = 200 * 1024 * 1024


def read_pdf(path: Path) -> str:
    """The text of a PDF, one section a page.

    Raises:
        DocumentError: it is broken, locked, or too long.
    """
    from pypdf import PdfReader  # noqa: PLC0415  only files that users add need it
    from pypdf.errors import PyPdfError  # noqa: PLC0415

    try:
        reader = PdfReader(path)
        if reader.is_encrypted:
            raise DocumentError(f"{path.name} is locked with a password.", "Save it without one, and add it again.")
        if len(reader.pages) > MOST_PAGES:
            raise DocumentError(
                f"{path.name} has {len(reader.pages)} pages; at most {MOST_PAGES} can be read.", "Split it."
            )
        pages = [page.extract_text() for page in reader.pages]
    # A damaged PDF fails in any of the reader's own types, or in those of the broken object it meets.
    except (
        PyPdfError,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        IndexError,
        RecursionError,
        OSError,
    ) as error:
        raise DocumentError(
            f"{path.name} is not a PDF that can be read: {error}", "Open it, save it as a new PDF, and add that."
        ) from error
    if not any(text.strip() for text in pages):
        raise DocumentError(f"{path.name} holds no text.", "A scanned document needs text recognition first.")
    return "\n\n".join(f"## Page {number}\n\n{text}" for number, text in enumerate(pages, 1) if text.strip())


def read_docx(path: Path) -> str:
    """The text of a Word file with its headings, lists and tables.

    Raises:
        DocumentError: it is broken, locked, or unpacks to too much.
    """
    from docx import Document as open_docx  # noqa: PLC0415
    from docx.opc.exceptions import OpcError  # noqa: PLC0415
    from docx.table import Table  # noqa: PLC0415

    try:
        with zipfile.ZipFile(path) as packed:
            if sum(one.file_size for one in packed.infolist()) > MOST_UNPACKED:
                raise DocumentError(f"{path.name} unpacks to more than {MOST_UNPACKED // 2**20} MB.")
        document = open_docx(str(path))
        blocks = [
            _docx_table(part) if isinstance(part, Table) else _docx_paragraph(part)
            for part in document.iter_inner_content()
        ]
    except (zipfile.BadZipFile, OpcError, KeyError, ValueError) as error:
        raise DocumentError(
            f"{path.name} is not a Word file that can be read; it may be broken or locked with a password."
        ) from error
    return _joined(blocks)


def read_html(path: Path) -> str:
    """The text of a page with its headings, lists and tables; scripts and styles are left out."""
    from bs4 import BeautifulSoup  # noqa: PLC0415

    page = BeautifulSoup(path.read_bytes(), "html.parser")
    for hidden in page(["script", "style", "template", "noscript"]):
        hidden.decompose()
    blocks = list(_html_blocks(page.body or page))
    return _joined(blocks) or page.get_text(" ", strip=True)


def _docx_paragraph(paragraph: "Paragraph") -> str:
    text, style = paragraph.text.strip(), (paragraph.style.name or "") if paragraph.style else ""
    if not text:
        return ""
    if style.startswith("Heading") or style == "Title":
        return f"{'#' if style == 'Title' else '##'} {text}"
    if style.startswith("List"):
        return f"{'1.' if 'Number' in style else '-'} {text}"
    return text


def _docx_table(table: "Table") -> str:
    return _table([[cell.text for cell in row.cells] for row in table.rows])


def _html_blocks(page: "Tag") -> Iterator[str]:
    for part in page.find_all(["h1", "h2", "h3", "h4", "p", "li", "table", "pre"]):
        if part.find_parent(["table", "li"]) is not None:
            continue
        text = part.get_text(" ", strip=True)
        if part.name == "table":
            rows = part.find_all("tr")
            yield _table([[cell.get_text(" ", strip=True) for cell in row.find_all(["th", "td"])] for row in rows])
        elif part.name == "li":
            is_step = part.parent is not None and part.parent.name == "ol"
            yield f"{'1.' if is_step else '-'} {text}"
        elif text:
            yield f"{'#' if part.name == 'h1' else '##'} {text}" if part.name.startswith("h") else text


def _table(rows: Iterable[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(' '.join(cell.split()) for cell in row)} |" for row in rows if row]
    if not lines:
        return ""
    width = lines[0].count(" | ") + 1
    return "\n".join([lines[0], "|" + "---|" * width, *lines[1:]])


def _joined(blocks: Sequence[str]) -> str:
    """Blocks with an empty line between them; the steps of a list are counted and stay together."""
    lines: list[str] = []
    number = 0
    for block in filter(None, blocks):
        is_item = block.startswith(("1. ", "- "))
        number = number + 1 if block.startswith("1. ") else 0
        if lines and not (is_item and lines[-1][:1] in "-0123456789"):
            lines.append("")
        lines.append(f"{number}. {block[3:]}" if number else block)
    return "\n".join(lines)
