"""Which tools a question may need: what the embedded brain would call, then the router's ranks."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AnyMessage

from assistant.brains.embedded.compound import split
from assistant.brains.embedded.router import Router
from assistant.brains.embedded.slots import read_slots
from tools.telemetry.fleet import Fleet

# A tool that computes with the figures of others is no answer by itself, so no utterance leads to it.
_ALWAYS = ("calculate",)


class Candidates:
    """Ranks the tools of the catalogue for a question."""

    def __init__(
        self, planner: BaseChatModel, router: Router, fleet: Callable[[], Fleet], tools: Collection[str]
    ) -> None:
        self._planner = planner
        self._router = router
        self._fleet = fleet
        self._tools = tools

    def for_question(self, messages: Sequence[AnyMessage], now: datetime, zone: str) -> list[str]:
        """Tools for the last message of a conversation, most likely first."""
        planned = self._planner.invoke(list(messages))
        calls = [call["name"] for call in planned.tool_calls] if isinstance(planned, AIMessage) else []
        return self._known([*calls, *self.ranked(str(messages[-1].text), now, zone)])

    def ranked(self, text: str, now: datetime, zone: str) -> list[str]:
        """All tools by the router's probabilities, of a compound question by those of its parts in turn."""
        parts = [part.slots for part in split(text, self._fleet(), now, zone)]
        parts = parts or [read_slots(text, self._fleet(), now, zone)]
        ranks = [[choice.label for choice in choices] for choices in self._router.choose(parts)]
        merged = [label for place in zip(*ranks, strict=True) for label in place]
        # The first few first, so that a tool no utterance leads to is not lost behind all that are unlikely.
        known = self._known(merged)
        return self._known([*known[:6], *_ALWAYS, *known[6:], *sorted(self._tools)])

    def _known(self, names: Sequence[str]) -> list[str]:
        return [name for name in dict.fromkeys(names) if name in self._tools]
