"""PDF, Word and HTML become text with their headings, steps and tables, or a clear error."""

from io import BytesIO
from pathlib import Path

import docx
import pytest
from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

from knowledge.errors import DocumentError
from knowledge.office_files import MOST_PAGES, read_docx, read_html, read_pdf

PAGE = """<html><body><h1>Pump</h1><h2>Steps</h2><ol><li>Fill the <b>housing</b>.</li><li>Start it.</li></ol>
<table><tr><th>Part</th><th>Limit</th></tr><tr><td>Shaft</td><td>3 mm</td></tr></table>
<script>alert(1)</script><p>Done.</p></body></html>"""
STEPS = "1. Fill the housing .\n2. Start it."
AS_TEXT = f"# Pump\n\n## Steps\n\n{STEPS}\n\n| Part | Limit |\n|---|---|\n| Shaft | 3 mm |\n\nDone."


def pdf(folder: Path, *texts: str, password: str | None = None) -> Path:
    """A PDF with a line on each page."""
    writer = PdfWriter()
    for text in texts:
        page = writer.add_blank_page(300, 300)
        font = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica"}
        fonts = DictionaryObject({
            NameObject("/F1"): DictionaryObject({NameObject(key): NameObject(value) for key, value in font.items()})
        })  # fmt: skip
        page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
        stream = DecodedStreamObject()
        stream.set_data(f"BT /F1 12 Tf 20 200 Td ({text}) Tj ET".encode())
        page[NameObject("/Contents")] = stream
    if password is not None:
        writer.encrypt(password)
    packed = BytesIO()
    writer.write(packed)
    path = folder / "pump.pdf"
    path.write_bytes(packed.getvalue())
    return path


def test_each_page_of_a_pdf_is_a_section(tmp_path: Path) -> None:
    assert read_pdf(pdf(tmp_path, "Fill the housing.", "Start it.")) == (
        "## Page 1\n\nFill the housing.\n\n## Page 2\n\nStart it."
    )


def test_a_locked_pdf_says_so(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="locked with a password"):
        read_pdf(pdf(tmp_path, "Fill it.", password="secret"))


def test_a_pdf_of_too_many_pages_says_how_many_can_be_read(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match=f"at most {MOST_PAGES}"):
        read_pdf(pdf(tmp_path, *[""] * 500))


def test_a_scanned_pdf_holds_no_text(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="holds no text"):
        read_pdf(pdf(tmp_path, ""))


@pytest.mark.parametrize(
    "content", [b"no pdf at all", b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog", b"%PDF-1.4\n" + b"\xff" * 900]
)
def test_a_broken_pdf_is_a_clear_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "pump.pdf").write_bytes(content)
    with pytest.raises(DocumentError, match=r"pump\.pdf"):
        read_pdf(tmp_path / "pump.pdf")


def test_a_word_file_keeps_headings_steps_and_tables(tmp_path: Path) -> None:
    file = docx.Document()
    file.add_heading("Pump", 0)
    file.add_heading("Steps", 1)
    file.add_paragraph("Fill the housing .", style="List Number")
    file.add_paragraph("Start it.", style="List Number")
    table = file.add_table(rows=2, cols=2)
    for cell, text in zip(
        [*table.rows[0].cells, *table.rows[1].cells], ["Part", "Limit", "Shaft", "3 mm"], strict=True
    ):
        cell.text = text
    file.add_paragraph("Done.")
    file.save(str(tmp_path / "pump.docx"))
    assert read_docx(tmp_path / "pump.docx") == AS_TEXT


def test_a_broken_word_file_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "pump.docx").write_bytes(b"PK\x03\x04 half of it")
    with pytest.raises(DocumentError, match="not a Word file"):
        read_docx(tmp_path / "pump.docx")


def test_a_page_keeps_headings_steps_and_tables_and_loses_its_scripts(tmp_path: Path) -> None:
    (tmp_path / "pump.html").write_text(PAGE)
    assert read_html(tmp_path / "pump.html") == AS_TEXT
