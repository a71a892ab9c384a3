"""The embedded brain as a LangChain chat model: plans tool calls for a question, then words their results."""

import json
import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolCall, ToolMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.runnables import Runnable
from pydantic import ConfigDict, JsonValue

from assistant.brains.embedded.answers.compose import error_words, result_words
from assistant.brains.embedded.answers.talk import REPLIES
from assistant.brains.embedded.calls import Clarify, NoTool, PlannedCall
from assistant.brains.embedded.memory import Memory
from assistant.brains.embedded.phrasing import Voice
from assistant.brains.embedded.planner import Planner
from tools.people import Scope
from tools.quantity import Frozen
from tools.telemetry.fleet import Fleet

NAME = "embedded"


_FAHRENHEIT = re.compile(r"fahrenheit|°\s?f\b|\bdeg\w* ?f\b", re.IGNORECASE)
_CELSIUS = re.compile(r"\*\*(?P<value>-?\d+(?:\.\d+)?) °C\*\*")


class EmbeddedChatModel(BaseChatModel):
    """Plans with the router, answers from tool results; needs no network and no key.

    A human message carries `time_zone` and `asked_utc` in its additional_kwargs, so that "yesterday" means the same
    whenever the conversation is read again, and `sites`, so that names of sites out of scope are unknown names.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    planner: Planner
    fleet: Callable[[Scope], Fleet]
    results: Mapping[str, type[Frozen]]

    @property
    def _llm_type(self) -> str:
        return NAME

    def bind_tools(self, tools: Sequence[Any], **kwargs: Any) -> Runnable[Any, AIMessage]:
        """The names of the tools: this model knows their arguments by heart, and schemas cost 7 ms a call."""
        return self.bind(tools=[getattr(tool, "name", None) for tool in tools], **kwargs)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,  # noqa: ARG002  the interface's own
        run_manager: CallbackManagerForLLMRun | None = None,  # noqa: ARG002
        **kwargs: Any,  # noqa: ARG002
    ) -> ChatResult:
        asked_at = max(index for index, message in enumerate(messages) if isinstance(message, HumanMessage))
        question, since = messages[asked_at], messages[asked_at + 1 :]
        now, zone = _when(question)
        fleet = self.fleet(_scope(question))
        answered = [message for message in since if isinstance(message, ToolMessage)]
        if answered:
            reply = self._answer(answered, Voice(zone, now, bool(_FAHRENHEIT.search(str(question.text)))), fleet)
        else:
            reply = self._plan(question, messages[:asked_at], fleet)
        return ChatResult(generations=[ChatGeneration(message=reply)])

    def _plan(self, question: BaseMessage, before: Sequence[BaseMessage], fleet: Fleet) -> AIMessage:
        now, zone = _when(question)
        memory = _memory(self._replayed(before, fleet, now, zone))
        plan = self.planner.plan(str(question.text), fleet, memory, now, zone)
        if isinstance(plan, Clarify):
            return _message(plan.question, additional_kwargs={"clarification": True})
        if isinstance(plan, NoTool):
            about = f"{plan.about.capitalize()} is not measured here. " if plan.about else ""
            return _message(about + REPLIES[plan.kind], additional_kwargs={"no_tool": plan.kind})
        return _calling(plan)

    def _replayed(
        self, before: Sequence[BaseMessage], fleet: Fleet, now: datetime, zone: str
    ) -> Sequence[BaseMessage]:
        """Earlier turns; those a client has kept as words alone are planned again, so that "and D02?" has its meaning."""
        seen: list[BaseMessage] = []
        for message in before:
            seen.append(message)
            if isinstance(message, HumanMessage) and message.additional_kwargs.get("kept_by_client"):
                plan = self.planner.plan(str(message.text), fleet, _memory(seen[:-1]), now, zone)
                if not isinstance(plan, Clarify | NoTool):
                    seen.append(_calling(plan))
        return seen

    def _answer(self, answered: Sequence[ToolMessage], voice: Voice, fleet: Fleet) -> AIMessage:
        parts = [_result_text(message, self.results, voice) for message in answered]
        failed = all(message.status == "error" for message in answered)
        text = _with_site_names("\n\n".join(dict.fromkeys(parts)), fleet)
        if voice.in_fahrenheit:
            text = _in_fahrenheit(text)
        return _message(text, additional_kwargs={"no_answer": True} if failed else {})


def _with_site_names(text: str, fleet: Fleet) -> str:
    """An answer with sites by their names, as people call them; a site listed with its id keeps both."""
    for site in fleet.sites:
        text = re.sub(rf"(?<![\w(])(?<!site ){re.escape(site.site_id)}(?!\w)", site.name, text)
    return text


def _in_fahrenheit(text: str) -> str:
    """Temperatures as asked for, in whole degrees Fahrenheit, with the measured ones beside them."""
    return _CELSIUS.sub(lambda found: f"**{float(found['value']) * 1.8 + 32:.0f} °F** ({found['value']} °C)", text)


def _calling(plan: Sequence[PlannedCall]) -> AIMessage:
    calls = [
        ToolCall(name=call.tool, args=call.arguments, id=f"call_{uuid.uuid4().hex[:12]}", type="tool_call")
        for call in plan
    ]
    return _message("", tool_calls=calls)


def _message(text: str, **kwargs: Any) -> AIMessage:
    return AIMessage(
        content=text,
        response_metadata={"model_name": NAME},
        usage_metadata={"input_tokens": 0, "output_tokens": 0, "total_tokens": 0},
        **kwargs,
    )


def _when(question: BaseMessage) -> tuple[datetime, str]:
    said = question.additional_kwargs
    return datetime.fromisoformat(said["asked_utc"]), said["time_zone"]


def _scope(question: BaseMessage) -> Scope:
    sites = question.additional_kwargs["sites"]
    return None if sites is None else tuple(sites)


def _result_text(message: ToolMessage, results: Mapping[str, type[Frozen]], voice: Voice) -> str:
    name = message.name or ""
    if message.status == "error":
        try:
            error = json.loads(str(message.text))["error"]
        except (ValueError, KeyError):
            return f"I could not look that up: {message.text}"
        return error_words(error["message"], error["hint"])
    return result_words(name, results[name].model_validate_json(str(message.text)), voice)


def _memory(before: Sequence[BaseMessage]) -> Memory:
    """The calls of each earlier turn, oldest first, and what the last answer put first."""
    turns: list[tuple[PlannedCall, ...]] = []
    subject: dict[str, JsonValue] = {}
    for message in before:
        if isinstance(message, HumanMessage):
            turns.append(())
        elif isinstance(message, ToolMessage) and message.status != "error":
            subject = _subject(message.name or "", json.loads(str(message.text)))
        elif isinstance(message, AIMessage) and message.tool_calls and turns:
            calls = tuple(PlannedCall(call["name"], dict(call["args"])) for call in message.tool_calls)
            turns[-1] = turns[-1] + calls
    return Memory(tuple(turns), subject)


def _subject(tool: str, result: Any) -> dict[str, JsonValue]:
    """What an answer put first, for "it" in the next question; nothing where it was about one device anyway."""
    if tool == "rank":
        return {f"{result['by']}s": [result["ranks"][0]["name"]]}
    if tool == "worst_cells":
        return {"devices": [result["worst"]["device_id"]], "cell_no": result["worst"]["cell_no"]}
    if tool == "cell_history":
        return {"devices": result["asked"]["devices"], "cell_no": result["cell_no"]}
    if tool == "device_health":
        first = result["devices"][0]
        drivers = first.get("drivers") or [{"name": None}]
        by: dict[str, JsonValue] = {"by": "resistance"} if drivers[0]["name"] == "ohmic rise" else {}
        topic: dict[str, JsonValue] = {"topic": drivers[0]["name"]} if drivers[0]["name"] else {}
        return {"devices": [first["device_id"]], **by, **topic}
    if tool == "find_anomalies" and result["anomalies"]:
        found = result["anomalies"][0]
        cell: dict[str, JsonValue] = {"cell_no": found["cell_no"]} if found.get("cell_no") else {}
        return {"devices": [found["device_id"]], "topic": found["means"], **cell}
    if tool == "list_alerts" and result["alerts"]:
        alert = result["alerts"][0]
        return {"devices": [alert["device_id"]], "topic": alert["means"], "alarm": alert["name"]}
    return {}
