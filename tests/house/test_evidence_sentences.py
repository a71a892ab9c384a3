"""The labelled sentences of the evidence suite can be judged: every case loads, and both labels occur everywhere."""

from collections import Counter

import pytest

from evals.evidence_sentences import (
    EvidenceCase,
    LabelledSentence,
    RecordedCall,
    load_cases,
    read_calls,
    sentence_metrics,
    sentences_to_judge,
)
from tests.support.actions import ledger
from tests.support.manuals import FakeManuals
from tests.support.models import no_models
from tools.catalog import Catalog, build_catalog
from tools.clock import SystemClock
from tools.database import Database
from tools.telemetry.store import ReadingStore

FILES = {name: load_cases(name) for name in ("open", "sealed")}
# On a fleet without a trained version they have next to nothing to say.
WITHOUT_A_CASE = {"model_status", "list_versions", "compare_versions", "drift_report", "model_health"}
CASES = [case for cases in FILES.values() for case in cases]


@pytest.fixture
def catalog(database: Database) -> Catalog:
    return build_catalog(ReadingStore(database), SystemClock(), FakeManuals(), ledger(database), no_models(database))


def test_every_recorded_result_is_still_what_its_tool_returns(catalog: Catalog) -> None:
    for case in CASES:
        for call, record in zip(case.calls, read_calls(case, catalog), strict=True):
            again = record.result and record.result.model_dump(mode="json", exclude_none=True)
            assert again == call.result, case.id


def test_every_tool_has_a_case(catalog: Catalog) -> None:
    judging = {name for name, tool in catalog.items() if tool.tier in ("read", "compute")} - WITHOUT_A_CASE
    assert judging - {call.tool for case in CASES for call in case.calls} == set()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_each_case_has_sentences_of_both_labels(case: EvidenceCase) -> None:
    assert {sentence.supported for sentence in case.sentences} == {True, False}


def test_there_are_enough_sentences_about_half_of_them_supported(catalog: Catalog) -> None:
    counts = Counter(sentence.label.supported for sentence in sentences_to_judge(catalog))
    assert counts.total() >= 420
    assert 0.4 <= counts[True] / counts.total() <= 0.6


def test_a_third_of_the_cases_is_kept_sealed(catalog: Catalog) -> None:
    assert 0.3 <= len(FILES["sealed"]) / len(CASES) <= 0.36
    assert not any(sentence.is_sealed for sentence in sentences_to_judge(catalog, with_sealed=False))


def test_no_case_and_no_sentence_of_a_case_stands_twice() -> None:
    assert max(Counter(case.id for case in CASES).values()) == 1
    assert max(Counter((case.id, one.text) for case in CASES for one in case.sentences).values()) == 1


def test_a_call_that_was_not_recorded_is_refused() -> None:
    with pytest.raises(ValueError, match="record it first"):
        RecordedCall(tool="list_fleet", arguments={})


def test_precision_is_of_the_withheld_and_recall_of_the_unsupported() -> None:
    right = LabelledSentence(text="D03 is at 14.8 °C.", supported=True, kind="figure", why="")
    wrong = LabelledSentence(text="D03 is at 18.4 °C.", supported=False, kind="figure", why="")
    metrics = sentence_metrics(
        [(right, True), (wrong, True), (wrong, True), (wrong, True), (wrong, False), (right, False)]
    )
    assert (metrics["sentences"], metrics["precision"], metrics["recall"]) == (6, 0.75, 0.75)
