"""A chat model that plays given messages, for tests of everything around a brain."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolCall
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.runnables import Runnable
from langchain_core.utils.function_calling import convert_to_openai_tool
from pydantic import ConfigDict


class ScriptedChatModel(BaseChatModel):
    """Plays the messages of a question in order, however many turns run at once.

    `before` is called in the model's thread before each message, so that a test can hold a turn up.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    script: Mapping[str, Sequence[AIMessage]]
    before: Callable[[str], object] = str

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def bind_tools(self, tools: Sequence[Any], **kwargs: Any) -> Runnable[Any, AIMessage]:
        """The tools as any chat model gets them."""
        return self.bind(tools=[convert_to_openai_tool(tool) for tool in tools], **kwargs)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,  # noqa: ARG002  the interface's own
        run_manager: CallbackManagerForLLMRun | None = None,  # noqa: ARG002
        **kwargs: Any,  # noqa: ARG002
    ) -> ChatResult:
        asked_at = max(place for place, one in enumerate(messages) if isinstance(one, HumanMessage))
        question = str(messages[asked_at].text)
        self.before(question)
        played = sum(isinstance(one, AIMessage) for one in messages[asked_at:])
        # A copy: the agent gives each message it keeps an id of its own.
        message = self.script[question][played].model_copy(deep=True)
        return ChatResult(generations=[ChatGeneration(message=message)])


def call(tool: str, **arguments: object) -> AIMessage:
    """A message that calls a tool."""
    return AIMessage("", tool_calls=[ToolCall(name=tool, args=arguments, id=f"call_{tool}", type="tool_call")])


def say(text: str) -> AIMessage:
    """A message that answers."""
    return AIMessage(text)
