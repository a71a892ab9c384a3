"""Lists what each number of an answer is bound to: tool, path, stored value, unit, device and window; all escaped."""

import re
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

# Columns of cells carry their unit in the name, as `voltage_v`; the stored value says it already.
_UNIT = re.compile(r"_(v|mv|a|ma|c|mohm|pct)$")


@dataclass(frozen=True)
class _Source:
    """The figure a link points to, as far as the result says what it is of."""

    facts: dict[str, JsonValue]
    step: ToolStep | None
    leaf: str = ""
    """The last word of the path, where the figure is a part of something larger, for example "rows"."""
    place: str = ""
    """The last words of the path, for what is no figure of a field, for example "window start"."""


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
        f"<li><b>{escape(one.document)}</b>, {escape(one.section)} ({wording.revision(escape(one.revision))})"
        f"<blockquote>{_lines(one.quote)}</blockquote></li>"
        for one in citations
    )
    return f'<details class="evidence"><summary>{wording.sources(len(citations))}</summary><ul>{items}</ul></details>'


def _lines(quote: str) -> str:
    """The lines of a passage one below the other: a step stays a step."""
    return "<br>".join(escape(" ".join(line.split())) for line in quote.splitlines() if line.strip())


def _row(link: EvidenceLink, source: _Source, time_zone: str) -> str:
    origin = f"{source.step.name} · {link.path}" if source.step else wording.QUESTION_SOURCE
    cells = (link.text, _value(link, time_zone), _of(source), _when(source, time_zone), origin)
    return "<tr>" + "".join(f"<td>{escape(' '.join(cell.split()))}</td>" for cell in cells) + "</tr>"


def _value(link: EvidenceLink, time_zone: str) -> str:
    if link.value is None:
        return ""
    if isinstance(link.value, float):
        return f"{link.value:.6g} {link.unit}".strip()
    moment = _moment(link.value)
    return moment_words(moment, time_zone) if moment else link.value


def _of(source: _Source) -> str:
    """What a figure is of, for example "mean cell temperature, D03 cell 7" or "window start"."""
    facts = source.facts
    field = str(facts.get("field") or "")
    label = all_fields()[field].label if field in all_fields() else _UNIT.sub("", field).replace("_", " ")
    figure = " ".join(part for part in (str(facts.get("statistic") or "").replace("_", " "), label) if part)
    words = " of ".join(part for part in (source.leaf if figure else source.place, figure) if part)
    cell = f" cell {facts['cell_no']}" if facts.get("cell_no") else ""
    owner = str(facts.get("device_id") or facts.get("site_id") or "") + cell
    return ", ".join(part.strip() for part in (words, owner) if part.strip())


def _when(source: _Source, time_zone: str) -> str:
    moment = _moment(source.facts.get("at"))
    if moment:
        return moment_words(moment, time_zone)
    window = _window(source.facts.get("window")) or (source.step.window if source.step else None)
    return window_words(window, time_zone) if window else ""


def _source(link: EvidenceLink, step: ToolStep | None) -> _Source:
    """What the parts on the way to a figure tell of it: any of them where it is, only the innermost what it is."""
    if step is None:
        return _Source({}, None)
    keys = link.path.split(".")
    way = list(_way(step.result, keys))
    facts: dict[str, JsonValue] = {}
    for part in way:
        facts |= {key: part[key] for key in ("device_id", "site_id", "cell_no", "at", "window") if part.get(key)}
    innermost = way[-1] if way else {}
    facts |= {key: innermost[key] for key in ("field", "statistic") if innermost.get(key)}
    named = [key.replace("_", " ") for key in keys if not key.isdigit() and key != "asked"]
    leaf = named[-1] if keys[-1] in innermost else ""
    return _Source(facts, step, leaf, " ".join(named[-2:]))


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
