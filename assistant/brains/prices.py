"""What a chat model's tokens cost, by setting; a model that is not listed is unpriced, never free."""

import json
from collections.abc import Mapping
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from tools.errors import BatteryError

_MILLION = 1_000_000


class PricesError(BatteryError):
    """ASSISTANT_PRICES cannot be read."""

    code = "bad_prices"


class Price(BaseModel):
    """USD per million tokens."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    input: float = Field(ge=0)
    output: float = Field(ge=0)


Prices = Mapping[str, Price]


def read_prices(setting: str | None) -> Prices:
    """The prices by model, from JSON as it stands or from a YAML or JSON file of that name.

    Raises:
        PricesError: it is neither, or no such table.
    """
    if not setting:
        return {}
    try:
        text = setting if setting.lstrip().startswith("{") else Path(setting).read_text(encoding="utf-8")
        return TypeAdapter(dict[str, Price]).validate_python(yaml.safe_load(text))
    except (OSError, yaml.YAMLError, ValidationError) as error:
        example = json.dumps({"model-a": {"input": 0.15, "output": 0.6}})
        raise PricesError(
            f"ASSISTANT_PRICES cannot be read: {str(error).splitlines()[0]}.",
            f"Give USD per million tokens as JSON, or a file that holds it, for example {example}.",
        ) from error


def cost_of(prices: Prices, model: str, input_tokens: int, output_tokens: int) -> float | None:
    """USD for so many tokens; None where the model has no price."""
    price = prices.get(model)
    return None if price is None else (input_tokens * price.input + output_tokens * price.output) / _MILLION
