"""Turns questions and answers into chat messages: steps, text, charts and evidence, live or from the ledger."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any, Literal, TypedDict

import gradio as gr
from gradio.components.plot import PlotData
from pydantic import BaseModel, ConfigDict

from assistant.agent.answer import Approval, Citation, EvidenceLink, ToolStep
from assistant.agent.turn import ToolStarted
from assistant.llmops.feedback import Feedback
from assistant.llmops.turns import TurnRow
from assistant.ui import wording
from assistant.ui.approval_card import approval_html
from assistant.ui.charts import draw
from assistant.ui.evidence_panel import evidence_html, sources_html
from assistant.ui.sanitise import plain_text, safe_markdown
from assistant.ui.tool_steps import steps_html
from assistant.ui.turn_actions import turn_actions_html
from tools.actions.plan import Decided
from tools.quantity import ChartSpec

# What a page loads again of a long conversation; the rest stays in the ledger.
TURNS_SHOWN = 30
# Charts are the heavy part of a page; those of older answers are left out of it.
TURNS_WITH_CHARTS = 10
CHARTS_AT_ONCE = 2
"""More charts than this wait behind a line that opens them."""


class Message(TypedDict):
    """One message as Gradio takes it."""

    role: Literal["user", "assistant"]
    content: Any


class Parts(BaseModel):
    """What stands in an answer besides its text; the shape of `TurnRow.details` and of a live answer."""

    model_config = ConfigDict(frozen=True, extra="ignore", from_attributes=True)

    tool_calls: tuple[ToolStep, ...] = ()
    evidence: tuple[EvidenceLink, ...] = ()
    citations: tuple[Citation, ...] = ()
    charts: tuple[ChartSpec, ...] = ()
    approval: Approval | None = None


@dataclass(frozen=True)
class Shown:
    """An answer, or as much of it as there is, ready to be drawn."""

    question: str
    time_zone: str
    text: str
    parts: Parts = field(default_factory=Parts)
    running: tuple[ToolStarted | ToolStep, ...] = ()
    notice: str = ""
    """What stands instead of, or below, the text: a wait, a stop, an error."""
    is_error: bool = False
    turn_id: str = ""
    """The answered turn; empty while it runs."""
    given: Feedback | None = None
    decided: Decided | None = None
    """What became of the action this answer planned; None while the answer is being written."""


def transcript(
    turns: Sequence[TurnRow],
    feedback: Mapping[str, Feedback],
    decided: Mapping[str, Decided],
    linked: str = "",
) -> list[Message]:
    """The messages of a conversation as the ledger holds it; from the turn `linked` on where that is an old one."""
    shown = turns[_first_shown(turns, linked) :]
    messages = [Message(role="assistant", content=notice(wording.EARLIER))] if len(turns) > len(shown) else []
    for age, turn in enumerate(shown, start=-len(shown)):
        messages += exchange(
            _from_row(turn, feedback.get(turn.turn_id), decided), with_charts=age >= -TURNS_WITH_CHARTS
        )
    return messages


def exchange(shown: Shown, with_charts: bool = True) -> list[Message]:
    """A question and what there is of its answer."""
    content = list(_content(shown, with_charts))
    question = Message(role="user", content=plain_text(shown.question))
    return [question, Message(role="assistant", content=content)] if content else [question]


def _first_shown(turns: Sequence[TurnRow], linked: str) -> int:
    newest = max(0, len(turns) - TURNS_SHOWN)
    return min([newest, *(number for number, turn in enumerate(turns) if turn.turn_id == linked)])


def planned_in(turns: Sequence[TurnRow]) -> list[str]:
    """The ids of the plans that turns have made."""
    found = [turn.details.get("approval") for turn in turns]
    return [str(one["id"]) for one in found if isinstance(one, dict)]


def _from_row(turn: TurnRow, given: Feedback | None, decided: Mapping[str, Decided]) -> Shown:
    parts = Parts.model_validate(turn.details)
    if turn.status == "answered":
        return Shown(
            turn.question,
            turn.time_zone,
            turn.answer or "",
            parts,
            turn_id=turn.turn_id,
            given=given,
            decided=decided.get(parts.approval.id) if parts.approval else None,
        )
    failed = turn.status == "failed"
    notice = wording.not_answered(turn.error_code) if failed else wording.STOPPED
    return Shown(turn.question, turn.time_zone, turn.answer or "", parts, notice=notice, is_error=failed)


def _content(shown: Shown, with_charts: bool) -> Iterator[Any]:
    parts = shown.parts
    yield from _html(steps_html(shown.running or parts.tool_calls, shown.time_zone))
    if shown.text:
        yield safe_markdown(shown.text)
    if shown.notice:
        yield notice(shown.notice, is_error=shown.is_error)
    if parts.approval is not None:
        yield from _html(approval_html(parts.approval, shown.decided, shown.time_zone))
    charts = parts.charts if with_charts else ()
    yield from _charts(charts[:CHARTS_AT_ONCE], shown.time_zone)
    yield from _html(evidence_html(parts.evidence, parts.tool_calls, shown.time_zone))
    yield from _html(sources_html(parts.citations))
    if shown.turn_id:
        yield from _html(turn_actions_html(shown.turn_id, shown.text, shown.given))
    if rest := charts[CHARTS_AT_ONCE:]:
        # Last, because the style sheet hides all that follows this line until it is opened.
        yield from _html(
            f'<details class="more-charts"><summary>{wording.more_charts(len(rest))}</summary></details>'
        )
        yield from _charts(rest, shown.time_zone)


def _charts(specs: Sequence[ChartSpec], time_zone: str) -> Iterator[Any]:
    for spec in specs:
        drawing = draw(spec, time_zone)
        yield from _html(
            f'<div class="chart-title"><div><b>{escape(drawing.title)}</b> <span>{escape(drawing.note)}</span></div>'
            f'<button type="button" class="enlarge" aria-label="{wording.ENLARGE}: {escape(drawing.title)}">'
            f"{wording.ENLARGE}</button></div>"
        )
        # Handed over as JSON, so that a message shown again is not drawn again; no tool bar, it has a foreign link.
        figure = json.loads(drawing.figure.to_json()) | {"config": {"displayModeBar": False}}
        yield gr.Plot(PlotData(type="plotly", plot=json.dumps(figure)), show_label=False)


def notice(words: str, *, is_error: bool = False) -> gr.HTML:
    """A line that is not an answer: a wait, a stop, an error."""
    kind = "error" if is_error else "quiet"
    return gr.HTML(f'<div class="notice {kind}">{escape(words)}</div>', padding=False)


def _html(markup: str) -> Iterator[gr.HTML]:
    """Markup of ours, every foreign text in it escaped. As Markdown, screen readers would be given its source."""
    if markup:
        yield gr.HTML(markup, padding=False)
