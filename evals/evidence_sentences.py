"""Labelled sentences for the evidence suite: what a model might say after recorded tool calls, and whether it may."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Self

import yaml
from pydantic import Field, JsonValue, model_validator

from assistant.agent.answer import ToolStep
from assistant.agent.turn import CallRecord
from evals.scenario import SCENARIOS, Part
from evals.suites.questions import Metrics, proportion
from tools.catalog import Catalog
from tools.quantity import Window

FOLDER = SCENARIOS / "evidence"
# What a sentence turns on; said rightly where it is supported, wrongly where it is not.
Kind = Literal[
    "figure", "device", "cell", "field", "statistic", "window", "date", "duration", "unit", "rounding", "count",
    "derived", "limit", "superlative", "order", "direction", "absence", "bound", "normal", "state", "cause",
    "action", "question", "name", "no_claim",
]  # fmt: skip


class LabelledSentence(Part):
    """A sentence of an answer and whether the calls of its case bear it out."""

    text: str
    supported: bool
    kind: Kind
    why: str


class RecordedCall(Part):
    """A call as the turn made it, with the result or the refusal it got."""

    tool: str
    arguments: dict[str, JsonValue]
    result: dict[str, JsonValue] | None = None
    error: dict[str, str] | None = None

    @model_validator(mode="after")
    def _has_one_outcome(self) -> Self:
        if (self.result is None) == (self.error is None):
            raise ValueError(f"The call of {self.tool} needs a result or an error: record it first.")
        return self


class EvidenceCase(Part):
    """One turn: what was asked, what the tools gave, and the sentences to judge, each on its own."""

    id: str
    question: str
    time_zone: str = "UTC"
    calls: tuple[RecordedCall, ...]
    sentences: tuple[LabelledSentence, ...] = Field(min_length=1)


@dataclass(frozen=True)
class SentenceToJudge:
    """A labelled sentence with all that the check is handed beside it."""

    case_id: str
    is_sealed: bool
    label: LabelledSentence
    question: str
    time_zone: str
    calls: tuple[CallRecord, ...]


def load_cases(name: Literal["open", "sealed"], folder: Path = FOLDER) -> tuple[EvidenceCase, ...]:
    """The cases of a file; nobody who works on the check reads the sealed ones.

    Raises:
        FileNotFoundError: there is no such file.
        ValidationError: a case is not of the schema.
    """
    # Results make the files long, and the pure Python loader slow.
    content = yaml.load((folder / f"{name}.yaml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return tuple(EvidenceCase.model_validate(case) for case in content["cases"])


def sentences_to_judge(catalog: Catalog, *, with_sealed: bool = True) -> Iterator[SentenceToJudge]:
    """Every labelled sentence with its question, its time zone and the calls read through the tools' result models."""
    files: Sequence[Literal["open", "sealed"]] = ("open", "sealed") if with_sealed else ("open",)
    for name in files:
        for case in load_cases(name):
            calls = read_calls(case, catalog)
            for label in case.sentences:
                yield SentenceToJudge(case.id, name == "sealed", label, case.question, case.time_zone, calls)


def sentence_metrics(verdicts: Sequence[tuple[LabelledSentence, bool]]) -> Metrics:
    """Precision: of the sentences withheld, the share that is unsupported. Recall: of the unsupported, the share withheld.

    Args:
        verdicts: each sentence and whether it was withheld.
    """
    return {
        "sentences": len(verdicts),
        **proportion("precision", [not label.supported for label, withheld in verdicts if withheld]),
        **proportion("recall", [withheld for label, withheld in verdicts if not label.supported]),
    }


def read_calls(case: EvidenceCase, catalog: Catalog) -> tuple[CallRecord, ...]:
    """The calls of a case as the turn would hold them.

    Raises:
        KeyError: there is no such tool.
        ValidationError: the tool's result has another shape by now; record the case again and judge its sentences anew.
    """
    return tuple(_read_call(f"{case.id}-{number}", call, catalog) for number, call in enumerate(case.calls, start=1))


def _read_call(call_id: str, call: RecordedCall, catalog: Catalog) -> CallRecord:
    tool = catalog[call.tool]
    result = None if call.result is None else tool.result.model_validate(call.result)
    asked: Any = getattr(result, "asked", None)
    window = getattr(asked, "window", None)
    step = ToolStep(
        id=call_id,
        name=call.tool,
        arguments=call.arguments,
        status="ok" if call.error is None else "error",
        duration_ms=0.0,
        window=window if isinstance(window, Window) else None,
        rows=getattr(asked, "rows", None),
        result=call.result if call.error is None else {"error": dict(call.error)},
    )
    return CallRecord(step, result)
