"""Lists what each number of an answer is bound to: tool, path, stored value, unit, device and window; all escaped."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape

from pydantic import JsonValue, ValidationError

from assistant.agent.answer import Citation, EvidenceLink, ToolStep
from assistant.ui import wording
from assistant.ui.moments import moment_words, window_words
from tools.quantity import Window
from tools.telemetry.fields import all_fields


@dataclass(frozen=True)
class _Source:
    """The figure a link points to, as far as the result says what it is of."""

    facts: dict[str, JsonValue]
    step: ToolStep | None


def evidence_html(links: Sequence[EvidenceLink], steps: Sequence[ToolStep], time_zone: str) -> str:
    """The evidence of an answer, closed until it is asked for; empty where there is none."""
    distinct = list(dict.fromkeys(links))
    if not distinct:
        return ""
    head = "".join(f'<th scope="col">{words}</th>' for words in wording.EVIDENCE_COLUMNS)
    by_id = {step.id: step for step in steps}
    rows = "".join(_row(link, _source(link, by_id.get(link.tool_call_id or "")), time_zone) for link in distinct)
    return (
        f'<details class="evidence"><summary>{wording.evidence(len(distinct))}</summary><div class="evidence-inside">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div></details>"
    )


def sources_html(citations: Sequence[Citation]) -> str:
    """The passages of manuals an answer rests on, closed until asked for; empty where there is none."""
    if not citations:
        return ""
    items = "".join(
        f"<li><b>{escape(one.document)}</b>, {escape(one.section)} ({escape(one.revision)})"
        f"<blockquote>{escape(' '.join(one.quote.split()))}</blockquote></li>"
        for one in citations
    )
    return f'<details class="evidence"><summary>{wording.sources(len(citations))}</summary><ul>{items}</ul></details>'


def _row(link: EvidenceLink, source: _Source, time_zone: str) -> str:
    origin = f"{source.step.name} · {link.path}" if source.step else wording.QUESTION_SOURCE
    cells = (link.text, _value(link, time_zone), _of(source.facts), _when(source, time_zone), origin)
    return "<tr>" + "".join(f"<td>{escape(' '.join(cell.split()))}</td>" for cell in cells) + "</tr>"


def _value(link: EvidenceLink, time_zone: str) -> str:
    if link.value is None:
        return ""
    if isinstance(link.value, float):
        return f"{link.value:.6g} {link.unit}".strip()
    moment = _moment(link.value)
    return moment_words(moment, time_zone) if moment else link.value


def _of(facts: dict[str, JsonValue]) -> str:
    """What a figure is of, for example "mean cell temperature, D03 cell 7"."""
    field = str(facts.get("field") or "")
    label = all_fields()[field].label if field in all_fields() else field.replace("_", " ")
    figure = " ".join(part for part in (str(facts.get("statistic") or "").replace("_", " "), label) if part)
    cell = f" cell {facts['cell_no']}" if facts.get("cell_no") else ""
    place = str(facts.get("device_id") or facts.get("site_id") or "") + cell
    return ", ".join(part.strip() for part in (figure, place) if part.strip())


def _when(source: _Source, time_zone: str) -> str:
    moment = _moment(source.facts.get("at"))
    if moment:
        return moment_words(moment, time_zone)
    window = _window(source.facts.get("window")) or (source.step.window if source.step else None)
    return window_words(window, time_zone) if window else ""


def _source(link: EvidenceLink, step: ToolStep | None) -> _Source:
    """Facts of the innermost parts on the way to a figure; an inner part knows better than an outer one."""
    if step is None:
        return _Source({}, None)
    facts: dict[str, JsonValue] = {}
    for part in _way(step.result, link.path.split(".")):
        known = ("field", "statistic", "device_id", "site_id", "cell_no", "at", "window")
        facts |= {key: part[key] for key in known if part.get(key) is not None}
    return _Source(facts, step)


def _way(result: JsonValue, keys: Sequence[str]) -> Iterator[dict[str, JsonValue]]:
    """Each part of a result from the outermost to the one a path ends in."""
    part = result
    for key in (*keys, ""):
        if isinstance(part, dict):
            yield part
            part = part.get(key)
        elif isinstance(part, list):
            part = part[int(key)] if key.isdigit() and int(key) < len(part) else None


def _window(value: JsonValue) -> Window | None:
    try:
        return Window.model_validate(value) if value else None
    except ValidationError:
        return None


def _moment(value: JsonValue) -> datetime | None:
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
