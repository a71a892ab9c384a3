"""Turns the catalogue's tools into LangChain tools: role check, timing, JSON, and domain errors as advice."""

import asyncio
import json
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import structlog
from langchain.tools import ToolRuntime
from langchain_core.messages import ToolMessage
from langchain_core.tools import BaseTool, StructuredTool
from pydantic import BaseModel, JsonValue, ValidationError

from assistant.agent.answer import ToolStep
from assistant.agent.given_figures import check_given
from assistant.agent.turn import CallRecord, ToolFinished, ToolStarted, Turn
from tools.actions.audit import AuditLog
from tools.actions.plan import PlannedAction
from tools.catalog import Catalog, Tool
from tools.errors import BadArgumentError, BatteryError, NotAllowedError
from tools.people import LOCAL_PERSON, Person
from tools.quantity import ChartSpec, Frozen, Window

log = structlog.get_logger()
CatalogOf = Callable[[Person], Catalog]


def adapt_tools(catalog_of: CatalogOf, pool: Executor, audit: AuditLog) -> list[BaseTool]:
    """The catalogue as LangChain tools; each call is made with the catalogue of whoever asks, on a bounded pool."""
    return [_adapted(tool, catalog_of, pool, audit) for tool in catalog_of(LOCAL_PERSON).values()]


def _adapted(tool: Tool, catalog_of: CatalogOf, pool: Executor, audit: AuditLog) -> BaseTool:
    async def run(runtime: ToolRuntime[Turn, Any], **arguments: Any) -> ToolMessage:
        turn, call_id = runtime.context, runtime.tool_call_id or ""
        turn.emit(ToolStarted(call_id, tool.name, arguments))
        record = await run_tool(catalog_of(turn.person)[tool.name], turn, call_id, arguments, ToolRoom(pool, audit))
        turn.calls.append(record)
        turn.emit(ToolFinished(record.step))
        return ToolMessage(
            content=json.dumps(record.step.result, ensure_ascii=False, separators=(",", ":")),
            name=tool.name,
            tool_call_id=call_id,
            status="success" if record.step.status == "ok" else "error",
        )

    # As plain JSON schema LangChain hands arguments through unread; `_run` reads them once, with our own words.
    return StructuredTool(
        name=tool.name,
        description=tool.description,
        args_schema=tool.arguments.model_json_schema(),
        coroutine=run,
        func=None,
    )


@dataclass(frozen=True)
class ToolRoom:
    """Where tools run, and where a refusal is written down."""

    pool: Executor
    audit: AuditLog


@dataclass(frozen=True)
class _Call:
    """A call as it came: id, arguments, and when it began."""

    id: str
    arguments: dict[str, Any]
    began: float


async def run_tool(tool: Tool, turn: Turn, call_id: str, arguments: dict[str, Any], tools: ToolRoom) -> CallRecord:
    """One call of a tool; an error is part of the record, and a refusal for the role stands in the audit log."""
    record = await _run(tool, turn, _Call(call_id, arguments, time.perf_counter()), tools.pool)
    if not turn.person.reaches(tool.role):
        asked: dict[str, JsonValue] = {"turn_id": turn.turn_id, "role": turn.role}
        await asyncio.to_thread(tools.audit.record_alone, "refused", turn.who, tool.name, asked)
    return record


async def _run(tool: Tool, turn: Turn, call: _Call, pool: Executor) -> CallRecord:
    try:
        if not turn.person.reaches(tool.role):
            raise NotAllowedError(f"{tool.name} needs the role {tool.role}; you are {turn.role}.")
        read = _read_arguments(tool, call.arguments)
        # A program that calls tools itself asks no question, and answers for its own figures.
        if tool.name == "calculate" and turn.question:
            check_given(call.arguments, turn.question, turn.calls)
        context = context_of(tool, turn)
        with _one_plan_a_turn(tool, turn):
            result = await asyncio.get_running_loop().run_in_executor(
                pool, lambda: tool.call(**dict(read), **context)
            )
            if isinstance(result, PlannedAction):
                turn.plan = result
    except BatteryError as error:
        log.info("tool refused", tool=tool.name, turn=turn.turn_id, code=error.code)
        content: JsonValue = {"error": {"code": error.code, "message": error.message, "hint": error.hint}}
        return CallRecord(_step(call, tool, call.arguments, content, None), None)
    plain = read.model_dump(mode="json", exclude_defaults=True)
    return CallRecord(_step(call, tool, plain, _without_charts(result), result), result)


def context_of(tool: Tool, turn: Turn) -> dict[str, object]:
    """What a tool is told of the turn, whatever a brain says."""
    known = {"time_zone": turn.time_zone, "person": turn.person, "conversation_id": turn.conversation_id}
    return {name: known[name] for name in tool.context_arguments}


@contextmanager
def _one_plan_a_turn(tool: Tool, turn: Turn) -> Iterator[None]:
    """A turn ends with its first plan, so that an approval means one thing.

    Raises:
        BadArgumentError: another action was planned in this turn.
    """
    if tool.tier not in ("change", "dangerous"):
        yield
        return
    if turn.is_planning:
        raise BadArgumentError(
            "One action at a time: another one waits for approval.", "Ask for this one once that is decided."
        )
    turn.is_planning = True
    try:
        yield
    finally:
        turn.is_planning = turn.plan is not None


def _read_arguments(tool: Tool, arguments: dict[str, Any]) -> BaseModel:
    """The arguments as the tool declares them.

    Raises:
        BadArgumentError: one is missing, unknown or of the wrong kind; says which.
    """
    try:
        return tool.arguments.model_validate(arguments)
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(str(part) for part in one['loc']) or 'arguments'}: {one['msg']}" for one in error.errors()
        )
        raise BadArgumentError(
            f"{tool.name} cannot be called like that: {wrong}.",
            f"Its arguments are {', '.join(tool.arguments.model_fields)}.",
        ) from error


def _step(
    call: _Call, tool: Tool, plain: dict[str, JsonValue], content: JsonValue, result: Frozen | None
) -> ToolStep:
    asked = getattr(result, "asked", None)
    window = getattr(asked, "window", None)
    return ToolStep(
        id=call.id,
        name=tool.name,
        arguments=plain,
        status="error" if result is None else "ok",
        duration_ms=round(1000 * (time.perf_counter() - call.began), 2),
        window=window if isinstance(window, Window) else None,
        rows=getattr(asked, "rows", None),
        result=content,
    )


def _without_charts(result: Frozen) -> JsonValue:
    """The result as JSON; the points of charts go to the page, not to the brain."""
    content: JsonValue = result.model_dump(mode="json", exclude_none=True)
    return _drop_charts(content)


def _drop_charts(content: JsonValue) -> JsonValue:
    if isinstance(content, dict):
        return {key: None if key == "chart" else _drop_charts(value) for key, value in content.items()}
    if isinstance(content, list):
        return [_drop_charts(one) for one in content]
    return content


def charts_of(result: Frozen | None) -> Sequence[ChartSpec]:
    """Every chart in a result, nested ones too."""
    found: list[ChartSpec] = []
    _collect_charts(result, found)
    return found


def _collect_charts(part: object, found: list[ChartSpec]) -> None:
    if isinstance(part, ChartSpec):
        found.append(part)
    elif isinstance(part, BaseModel):
        for name in type(part).model_fields:
            _collect_charts(getattr(part, name), found)
    elif isinstance(part, tuple):
        for one in part:
            _collect_charts(one, found)
