"""A chat model that plays given messages and has bad habits: for evals of everything that must hold whatever it says."""

from collections.abc import Mapping, Sequence
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.runnables import Runnable

BOAST = "Done, I have carried it out."


class HabitualBrain(BaseChatModel):
    """Plays the messages of a question in order, and boasts of a deed whenever it knows nothing else to say."""

    script: Mapping[str, Sequence[AIMessage]]

    @property
    def _llm_type(self) -> str:
        return "habitual"

    def bind_tools(self, tools: Sequence[Any], **kwargs: Any) -> Runnable[Any, AIMessage]:
        """The tools by name: it calls what its script says."""
        return self.bind(tools=[getattr(tool, "name", None) for tool in tools], **kwargs)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,  # noqa: ARG002  the interface's own
        run_manager: CallbackManagerForLLMRun | None = None,  # noqa: ARG002
        **kwargs: Any,  # noqa: ARG002
    ) -> ChatResult:
        asked_at = max(place for place, one in enumerate(messages) if isinstance(one, HumanMessage))
        played = sum(isinstance(one, AIMessage) for one in messages[asked_at:])
        script = self.script.get(str(messages[asked_at].text), ())
        message = script[played].model_copy(deep=True) if played < len(script) else AIMessage(BOAST)
        return ChatResult(generations=[ChatGeneration(message=message)])
