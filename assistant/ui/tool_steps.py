"""Shows the tool calls of a turn as compact rows that open to their arguments and result; all text is escaped."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Literal

from pydantic import JsonValue

from assistant.agent.answer import ToolStep
from assistant.agent.turn import ToolStarted
from assistant.ui import wording
from assistant.ui.moments import duration_words, moment_words, window_words
from tools.telemetry.fields import all_fields

# Enough of a result to check an answer by; the whole of it is in the API.
LONGEST_RESULT = 4000
Arguments = Mapping[str, JsonValue]


@dataclass(frozen=True)
class _Row:
    """What one line of the list says."""

    words: str
    facts: tuple[str, ...]
    status: Literal["running", "ok", "error"]


def steps_html(steps: Sequence[ToolStarted | ToolStep], time_zone: str) -> str:
    """The steps of a turn so far, in the order they began; empty where there is none."""
    rows = "".join(_running(step) if isinstance(step, ToolStarted) else _finished(step, time_zone) for step in steps)
    return f'<div class="steps">{rows}</div>' if rows else ""


def step_words(name: str, arguments: Arguments) -> str:
    """A step in plain words, for example "Looked up cell temperature of D03"."""
    pattern = wording.TOOLS.get(name, name.replace("_", " ").capitalize())
    what = arguments.get("kind") or arguments.get("by") or arguments.get("measure") or arguments.get("operation")
    any_field = wording.ANY_LIMITED_FIELD if name == "limit_violations" else wording.ANY_FIELD
    words = pattern.format_map(
        defaultdict(
            str,
            field=_fields(arguments) or any_field,
            what=str(what or wording.ANY_MEASURE).replace("_", " "),
            cell=arguments.get("cell_no", ""),
        )
    )
    return f"{words}{_place(arguments)}"


def _fields(arguments: Arguments) -> str:
    names = _texts(arguments.get("field")) or _texts(arguments.get("fields"))
    labels = [all_fields()[name].label if name in all_fields() else name for name in names]
    return _listed(labels)


def _place(arguments: Arguments) -> str:
    devices = _texts(arguments.get("devices")) or _texts(arguments.get("device"))
    sites = _texts(arguments.get("sites")) or _texts(arguments.get("site"))
    of = f" of {_listed(devices)}" if devices else ""
    return of + (f" at {_listed(sites)}" if sites else "")


def _listed(names: Sequence[str]) -> str:
    if len(names) > 4:
        return f"{', '.join(names[:3])} and {len(names) - 3} more"
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _texts(value: JsonValue) -> list[str]:
    if isinstance(value, list):
        return [str(one) for one in value]
    return [str(value)] if value else []


def _running(step: ToolStarted) -> str:
    return f'<div class="step running">{_summary(_Row(step_words(step.name, step.arguments), (), "running"))}</div>'


def _finished(step: ToolStep, time_zone: str) -> str:
    facts = [
        window_words(step.window, time_zone) if step.window else None,
        wording.rows(step.rows) if step.rows is not None else None,
        duration_words(step.duration_ms),
        wording.STEP_REFUSED if step.status == "error" else None,
    ]
    row = _Row(step_words(step.name, step.arguments), tuple(fact for fact in facts if fact), step.status)
    return (
        f'<details class="step {step.status}"><summary>{_summary(row)}</summary><div class="step-inside">'
        f"<h4>{wording.ARGUMENTS}</h4>{_arguments_html(step.name, step.arguments, time_zone)}"
        f"<h4>{wording.RESULT}</h4>{_result_html(step.result)}</div></details>"
    )


def _summary(row: _Row) -> str:
    words = f'<span class="step-words">{escape(row.words)}</span>'
    return words + "".join(f' · <span class="step-fact">{escape(fact)}</span>' for fact in row.facts)


def _arguments_html(name: str, arguments: Arguments, time_zone: str) -> str:
    tool = f"<dt>tool</dt><dd>{escape(name)}</dd>"
    pairs = "".join(
        f"<dt>{escape(key.replace('_', ' '))}</dt><dd>{escape(_argument(value, time_zone))}</dd>"
        for key, value in arguments.items()
    )
    return f"<dl>{tool}{pairs}</dl>"


def _argument(value: JsonValue, time_zone: str) -> str:
    if isinstance(value, list):
        return ", ".join(_argument(one, time_zone) for one in value)
    if isinstance(value, str) and value[:2] == "20" and "T" in value:
        try:
            return moment_words(datetime.fromisoformat(value), time_zone)
        except ValueError:
            return value
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _result_html(result: JsonValue) -> str:
    text = json.dumps(result, indent=1, ensure_ascii=False)
    left_out = len(text) - LONGEST_RESULT
    if left_out > 0:
        text = f"{text[:LONGEST_RESULT]}\n{wording.and_more(left_out)}"
    return f'<pre tabindex="0">{escape(text)}</pre>'
