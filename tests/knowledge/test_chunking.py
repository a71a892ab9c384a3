"""A chunk is a piece one can quote: whole tables, whole lists, under the heading it stands under."""

from datetime import date

from knowledge.chunking import MOST_CHARACTERS, OVERVIEW, chunks_of
from knowledge.passage import Document, DocumentFacts

FACTS = DocumentFacts(id="MP-99", title="Test", revision=1, date=date(2025, 1, 1), source="a test")


def chunked(text: str) -> list[tuple[str, str]]:
    return [(one.section, one.text) for one in chunks_of(Document(facts=FACTS, text=text))]


def test_text_before_the_first_section_is_the_overview() -> None:
    assert chunked("# Test\n\nWhat it is.\n\n## Steps\n\n1. Go.") == [(OVERVIEW, "What it is."), ("Steps", "1. Go.")]


def test_a_long_list_of_steps_stays_whole() -> None:
    steps = "\n".join(f"{number}. Turn the bolt {'slowly ' * 12}" for number in range(1, 21))
    assert chunked(f"## Steps\n\n{steps}") == [("Steps", steps.strip())]


def test_a_long_table_stays_whole() -> None:
    table = "| Reading | Limit |\n|---|---|\n" + "\n".join(f"| value {number} | {'x' * 60} |" for number in range(30))
    assert chunked(f"## Limits\n\n{table}") == [("Limits", table)]


def test_a_long_paragraph_is_cut_at_its_sentences() -> None:
    pieces = [text for _, text in chunked("## Why\n\n" + "The cell dries out when it is hot. " * 60)]
    assert {piece.endswith("hot.") for piece in pieces} == {True}
    assert max(map(len, pieces)) <= MOST_CHARACTERS


def test_a_sentence_that_leads_into_a_list_stays_with_it() -> None:
    assert chunked("## Do\n\nIn this order:\n\n1. Stop.\n2. Look.") == [("Do", "In this order:\n1. Stop.\n2. Look.")]


def test_a_section_without_text_is_left_out() -> None:
    assert chunked("## Empty\n\n## Steps\n\nGo.") == [("Steps", "Go.")]
