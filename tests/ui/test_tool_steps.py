"""Tool steps and evidence as an operator reads them."""

from datetime import UTC, datetime

import pytest
from pydantic import JsonValue

from assistant.agent.answer import Citation, EvidenceLink, ToolStep
from assistant.agent.turn import ToolStarted
from assistant.ui import wording
from assistant.ui.evidence_panel import evidence_html, sources_html
from assistant.ui.tool_steps import step_words, steps_html
from tests.support.actions import ledger
from tests.support.manuals import FakeManuals
from tests.support.models import no_models
from tools.catalog import build_catalog
from tools.clock import SystemClock
from tools.database import Database
from tools.quantity import Window
from tools.telemetry.store import ReadingStore

DAY = Window(start=datetime(2026, 3, 29, 22, tzinfo=UTC), end=datetime(2026, 3, 30, 22, tzinfo=UTC))
EVIL = "<img src=x onerror=alert(1)>"
FIGURE: dict[str, JsonValue] = {
    "value": 24.123456,
    "unit": "°C",
    "statistic": "mean",
    "field": "cell_temperature_c",
    "device_id": "D03",
    "window": {"start": "2026-03-29T22:00:00Z", "end": "2026-03-30T22:00:00Z"},
}


def step(**changes: object) -> ToolStep:
    """A look-up of a day's temperature."""
    made: dict[str, object] = {
        "id": "call_1",
        "name": "field_history",
        "arguments": {"field": "cell_temperature_c", "devices": ["D03"], "start": "2026-03-29T22:00:00Z"},
        "status": "ok",
        "duration_ms": 12.3,
        "window": DAY,
        "rows": 96,
        "result": {"figures": [FIGURE]},
    }
    return ToolStep.model_validate(made | changes)


def link(**changes: object) -> EvidenceLink:
    """A number of an answer bound to that look-up."""
    made: dict[str, object] = {
        "text": "24.1 °C",
        "value": 24.123456,
        "unit": "°C",
        "tool_call_id": "call_1",
        "path": "figures.0",
    }
    return EvidenceLink.model_validate(made | changes)


def test_finished_step_says_what_when_how_many_and_how_long() -> None:
    shown = steps_html([step()], "Europe/Oslo")
    facts = ("30 Mar 00:00–24:00 CEST", "96 rows", "12 ms")
    expected = "".join(f' · <span class="step-fact">{fact}</span>' for fact in facts)
    assert f"Looked up cell temperature of D03</span>{expected}</summary>" in shown


def test_running_step_is_shown_before_it_has_answered() -> None:
    shown = steps_html([ToolStarted("call_1", "device_health", {"sites": ["Harbor"]})], "UTC")
    assert "Scored the health at Harbor" in shown


def test_refused_step_says_so() -> None:
    shown = steps_html([step(status="error", window=None, rows=None, result={"error": {"message": "no"}})], "UTC")
    assert '<span class="step-fact">refused</span>' in shown


def test_step_opens_to_arguments_and_result() -> None:
    shown = steps_html([step()], "Europe/Oslo")
    assert "<dt>start</dt><dd>30 Mar 00:00 CEST</dd>" in shown
    assert "24.123456" in shown


def test_long_result_is_cut_and_says_so() -> None:
    assert "more characters" in steps_html([step(result=["x" * 5000])], "UTC")


@pytest.mark.parametrize(
    "changes",
    [
        {"name": EVIL},
        {"arguments": {"devices": [EVIL]}},
        {"arguments": {EVIL: 1}},
        {"arguments": {"field": EVIL, "start": EVIL}},
        {"result": {EVIL: EVIL}},
    ],
)
def test_no_text_of_a_step_becomes_markup(changes: dict[str, object]) -> None:
    assert "<img" not in steps_html([step(**changes)], "UTC")


def test_many_devices_are_counted() -> None:
    words = step_words("rank", {"field": "string_voltage_v", "devices": ["D01", "D02", "D03", "D04", "D05", "D06"]})
    assert words == "Ranked by string voltage of D01, D02, D03 and 3 more"


def test_every_tool_has_words_for_its_step(database: Database) -> None:
    assert set(wording.TOOLS) == set(
        build_catalog(ReadingStore(database), SystemClock(), FakeManuals(), ledger(database), no_models(database))
    )


def test_evidence_names_value_figure_window_and_source() -> None:
    shown = evidence_html([link()], [step()], "Europe/Oslo")
    cells = (
        "24.1 °C", "24.1235 °C", "mean cell temperature, D03", "30 Mar 00:00–24:00 CEST", "field_history · figures.0"
    )  # fmt: skip
    assert "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>" in shown


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("figures.0.rows", "rows of mean cell temperature, D03"),
        ("asked.rows", "rows"),
        ("asked.window.start", "window start"),
    ],
)
def test_evidence_says_what_a_count_or_time_is_of(path: str, words: str) -> None:
    asked = {"window": {"start": "2026-03-29T22:00:00Z", "end": "2026-03-30T22:00:00Z"}, "rows": 96}
    result = {"asked": asked, "field": "cell_temperature_c", "figures": [FIGURE | {"rows": 96}]}
    assert f"<td>{words}</td>" in evidence_html([link(path=path)], [step(result=result)], "UTC")


def test_evidence_counts_each_figure_once() -> None:
    assert "Evidence (1)" in evidence_html([link(), link()], [step()], "UTC")


def test_number_from_the_question_is_named_as_such() -> None:
    shown = evidence_html([link(value=None, tool_call_id=None, path="question")], [], "UTC")
    assert "<td>your question</td>" in shown


def test_no_text_of_evidence_becomes_markup() -> None:
    figure = FIGURE | {"device_id": EVIL, "field": EVIL}
    shown = evidence_html([link(text=EVIL, unit=EVIL)], [step(name=EVIL, result={"figures": [figure]})], "UTC")
    assert "<img" not in shown


def test_path_that_leads_nowhere_is_still_shown() -> None:
    assert "figures.9.gone" in evidence_html([link(path="figures.9.gone")], [step()], "UTC")


def test_answer_without_steps_shows_none() -> None:
    assert (steps_html([], "UTC"), evidence_html([], [], "UTC")) == ("", "")


def test_a_source_shows_document_section_revision_and_its_lines() -> None:
    cited = Citation(document="MP-99", section="Steps", revision="2", quote=f"1. Open it.\n2. Wait. {EVIL}")
    shown = sources_html([cited])
    assert "<b>MP-99</b>, Steps (revision 2)<blockquote>1. Open it.<br>2. Wait. &lt;img" in shown
    assert "<img" not in shown
