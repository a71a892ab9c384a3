"""A search finds the newest words of the right document, or says there are none."""

from pathlib import Path

import pytest

from knowledge.errors import UnknownFilterError
from knowledge.passage import Asked
from tests.support.manuals import document, library, names, search_of

LAMP = "To change the lamp, switch off the light, unscrew the old bulb and screw in a new one."
OLD_LAMP = "To change the lamp, strike a match and unscrew the old bulb in its light."
PUMP = "To prime the pump, fill its housing with water until no bubbles rise from the suction pipe."
DOCUMENTS = {
    "MP-90_r1.md": document("MP-90", "Changing a lamp", OLD_LAMP),
    "MP-90_r2.md": document("MP-90", "Changing a lamp", LAMP, revision=2),
    "MP-91_r1.md": document("MP-91", "Priming the pump", PUMP, models="AGM-500", alarms="T_HIGH"),
    "MP-92_r1.md": document("MP-92", "Priming the pump of gel", PUMP, models="GEL-600"),
}


def found(folder: Path, question: str, **filters: object) -> list[str]:
    asked = Asked.model_validate({"question": question} | filters)
    return names(search_of(library(folder, DOCUMENTS)).search(asked).passages)


def test_the_newest_revision_is_found_even_by_the_words_of_the_older(tmp_path: Path) -> None:
    hits = found(tmp_path, "change the lamp with a match")
    assert hits[0] == "MP-90 r2"
    assert "MP-90 r1" not in hits


def test_a_superseded_revision_is_found_when_asked_for(tmp_path: Path) -> None:
    assert "MP-90 r1" in found(tmp_path, "change the lamp with a match", include_superseded=True)


def test_a_document_of_another_model_is_left_out(tmp_path: Path) -> None:
    assert "MP-92 r1" not in found(tmp_path, "how do I prime the pump", models=("AGM-500",))


def test_a_document_of_another_alarm_is_left_out(tmp_path: Path) -> None:
    assert "MP-92 r1" in found(tmp_path, "how do I prime the pump", alarm="T_HIGH")
    assert "MP-91 r1" in found(tmp_path, "how do I prime the pump", alarm="T_HIGH")


def test_a_model_no_document_speaks_of_is_an_error_that_names_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(UnknownFilterError, match="LFP-100") as raised:
        found(tmp_path, "how do I prime the pump", models=("LFP-100",))
    assert raised.value.hint == "Known models: AGM-500, GEL-600."


def test_a_question_the_documents_do_not_answer_finds_nothing_and_says_so(tmp_path: Path) -> None:
    result = search_of(library(tmp_path, DOCUMENTS)).search(Asked(question="who won the chess game on Sunday"))
    assert (result.is_in_documents, result.passages) == (False, ())
    assert result.best_score is not None


def test_a_quote_stands_word_for_word_in_its_document(tmp_path: Path) -> None:
    result = search_of(library(tmp_path, DOCUMENTS)).search(Asked(question="how do I change the lamp"))
    assert result.passages[0].quote in DOCUMENTS["MP-90_r2.md"]


def test_who_asks_how_gets_the_steps_and_not_the_words_before_them(tmp_path: Path) -> None:
    text = "About the lamp of the room and its bulb.\n\n## Steps\n\n1. Switch off the light.\n2. Unscrew the bulb."
    opened = library(tmp_path, {"MP-90_r1.md": document("MP-90", "Replacing a lamp", text)})
    result = search_of(opened).search(Asked(question="how do I replace the lamp of the room"))
    assert [one.section for one in result.passages] == ["Steps"]


def test_a_document_is_found_by_a_lay_word_for_what_it_calls_otherwise(tmp_path: Path) -> None:
    cell = document("MP-93", "Lifting a cell", "Lift a cell with two people.")
    opened = library(tmp_path, DOCUMENTS | {"MP-93_r1.md": cell})
    result = search_of(opened).search(Asked(question="how do I lift a jar"))
    assert names(result.passages[:1]) == ["MP-93 r1"]


def test_a_response_is_found_by_the_name_of_its_alarm_alone(tmp_path: Path) -> None:
    text = "Open the valve and wait for the level to fall."
    alarm = document("AR-90", "Alarm response: tank too full", text, alarms="LEVEL_HIGH")
    opened = library(tmp_path, DOCUMENTS | {"AR-90_r1.md": alarm})
    result = search_of(opened).search(Asked(question="LEVEL_HIGH, what do I do"))
    assert names(result.passages[:1]) == ["AR-90 r1"]


def test_sheet_of_a_site_is_only_for_those_who_see_the_site(tmp_path: Path) -> None:
    key = "The key of the cabinet hangs behind the meter."
    sheets = {
        f"SITE-{name}_r1.md": document(f"SITE-{name}", f"Site sheet {name.title()}", key)
        for name in ("HARBOR", "TOWER-7")
    }
    search = search_of(library(tmp_path, DOCUMENTS | sheets))
    asked = Asked(question="where is the key of the cabinet")
    seen = {sites: names(search.search(asked.model_copy(update={"sites": sites})).passages)
            for sites in (None, (), ("Harbor",), ("Tower 7", "Harbour"))}  # fmt: skip
    sheets_seen = {sites: {name[5:-3] for name in found if name.startswith("SITE")} for sites, found in seen.items()}
    assert sheets_seen == {None: {"HARBOR", "TOWER-7"}, (): set(), ("Harbor",): {"HARBOR"},
                           ("Tower 7", "Harbour"): {"TOWER-7"}}  # fmt: skip
