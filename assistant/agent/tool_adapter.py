"""Turns the catalogue's tools into LangChain tools: role check, timing, JSON, and domain errors as advice."""

import asyncio
import json
import time
from collections.abc import Sequence
from concurrent.futures import Executor
from typing import Any

import structlog
from langchain.tools import ToolRuntime
from langchain_core.messages import ToolMessage
from langchain_core.tools import BaseTool, StructuredTool
from pydantic import BaseModel, JsonValue

from assistant.agent.answer import ToolStep
from assistant.agent.turn import CallRecord, ToolFinished, ToolStarted, Turn
from tools.catalog import ROLES, Catalog, Role, Tool
from tools.errors import BatteryError
from tools.quantity import ChartSpec, Frozen, Window

log = structlog.get_logger()


def may_use(role: Role, tool: Tool) -> bool:
    """Whether a role reaches as far as a tool asks."""
    return ROLES.index(role) >= ROLES.index(tool.role)


def adapt_tools(catalog: Catalog, pool: Executor) -> list[BaseTool]:
    """The catalogue as LangChain tools; tools run on a bounded pool of threads."""
    return [_adapted(tool, pool) for tool in catalog.values()]


def _adapted(tool: Tool, pool: Executor) -> BaseTool:
    async def run(runtime: ToolRuntime[Turn, Any], **arguments: Any) -> ToolMessage:
        turn = runtime.context
        call_id, plain = runtime.tool_call_id or "", _plain(tool, arguments)
        turn.emit(ToolStarted(call_id, tool.name, plain))
        began = time.perf_counter()
        record = await _run(tool, turn, arguments, pool, call_id, plain, began)
        turn.calls.append(record)
        turn.emit(ToolFinished(record.step))
        return ToolMessage(
            content=json.dumps(record.step.result, ensure_ascii=False, separators=(",", ":")),
            name=tool.name,
            tool_call_id=call_id,
            status="success" if record.step.status == "ok" else "error",
        )

    return StructuredTool(
        name=tool.name, description=tool.description, args_schema=tool.arguments, coroutine=run, func=None
    )


async def _run(
    tool: Tool,
    turn: Turn,
    arguments: dict[str, Any],
    pool: Executor,
    call_id: str,
    plain: dict[str, JsonValue],
    began: float,
) -> CallRecord:
    try:
        if not may_use(turn.role, tool):
            raise NotAllowedError(f"{tool.name} needs the role {tool.role}; you are {turn.role}.")
        context = dict.fromkeys(tool.context_arguments, turn.time_zone)
        result = await asyncio.get_running_loop().run_in_executor(pool, lambda: tool.call(**arguments, **context))
    except BatteryError as error:
        log.info("tool refused", tool=tool.name, turn=turn.turn_id, code=error.code)
        content: JsonValue = {"error": {"code": error.code, "message": error.message, "hint": error.hint}}
        return CallRecord(_step(call_id, tool, plain, "error", began, content, None), None)
    return CallRecord(_step(call_id, tool, plain, "ok", began, _without_charts(result), result), result)


class NotAllowedError(BatteryError):
    """The asker's role does not reach this tool."""

    code = "not_allowed"


def _step(
    call_id: str,
    tool: Tool,
    plain: dict[str, JsonValue],
    status: str,
    began: float,
    content: JsonValue,
    result: Frozen | None,
) -> ToolStep:
    asked = getattr(result, "asked", None)
    window = getattr(asked, "window", None)
    return ToolStep.model_validate(
        {
            "id": call_id,
            "name": tool.name,
            "arguments": plain,
            "status": status,
            "duration_ms": round(1000 * (time.perf_counter() - began), 2),
            "window": window if isinstance(window, Window) else None,
            "rows": getattr(asked, "rows", None),
            "result": content,
        }
    )


def _plain(tool: Tool, arguments: dict[str, Any]) -> dict[str, JsonValue]:
    """The arguments as JSON, without those that are the default."""
    plain: dict[str, JsonValue] = tool.arguments.model_validate(arguments).model_dump(
        mode="json", exclude_defaults=True
    )
    return plain


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
