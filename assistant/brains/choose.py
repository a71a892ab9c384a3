"""Chooses who answers by the settings: chat models in the order of their names, and the embedded brain at the end."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import structlog

from assistant.brains.circuit_breaker import CircuitBreaker
from assistant.brains.prices import Prices, read_prices
from assistant.settings import Settings
from tools.errors import BatteryError

if TYPE_CHECKING:
    from assistant.brains.openai_compatible import OpenAICompatible

log = structlog.get_logger()


class ChatModelSettingsError(BatteryError):
    """A chat model is named, and nothing says where it is."""

    code = "bad_settings"


@dataclass(frozen=True)
class ChatModel:
    """A chat model with its name and the breaker that watches it."""

    name: str
    model: "OpenAICompatible"
    breaker: CircuitBreaker

    @property
    def state(self) -> Literal["ready", "failing", "resting"]:
        """How it does: left alone after several failures, or failing so far."""
        if not self.breaker.lets_through:
            return "resting"
        return "failing" if self.breaker.failures else "ready"


@dataclass(frozen=True)
class ChatModels:
    """The chat models, best first, what they cost, and how long one reply may take."""

    models: Sequence[ChatModel]
    prices: Prices
    seconds: float

    def in_order(self, begun_with: str) -> list[ChatModel]:
        """Those that may be tried now; a turn goes on with the one it was begun with."""
        ready = [one for one in self.models if one.breaker.lets_through]
        return sorted(ready, key=lambda one: one.name != begun_with)

    async def close(self) -> None:
        """Close the connections to their servers."""
        for one in self.models:
            await one.model.close()


def choose_chat_models(settings: Settings, seconds: Callable[[], float] = time.monotonic) -> ChatModels | None:
    """The chat models of the settings; None where the embedded brain answers alone.

    Raises:
        ChatModelSettingsError: a model is named without a key and without an address.
        PricesError: the prices cannot be read.
    """
    names = [name.strip() for name in (settings.assistant_model or "").split(",") if name.strip()]
    if not names:
        if settings.openai_base_url:
            log.warning("no chat model is used: OPENAI_BASE_URL is set, ASSISTANT_MODEL is not")
        return None
    if not settings.openai_api_key and not settings.openai_base_url:
        raise ChatModelSettingsError(
            "ASSISTANT_MODEL is set, but neither OPENAI_API_KEY nor OPENAI_BASE_URL.",
            "Set a key, or the address of your own server; or leave ASSISTANT_MODEL out.",
        )
    # Loaded here, since it takes more than a second and most have no chat model.
    from assistant.brains.openai_compatible import open_chat_model  # noqa: PLC0415

    models = [ChatModel(name, open_chat_model(name, settings), CircuitBreaker(seconds)) for name in names]
    return ChatModels(models, read_prices(settings.assistant_prices), settings.assistant_timeout)
