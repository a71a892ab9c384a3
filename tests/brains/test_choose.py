"""Who answers follows from the settings, and what is wrong with them is said."""

from pathlib import Path

import pytest

from assistant.brains.choose import ChatModelSettingsError, choose_chat_models
from assistant.brains.circuit_breaker import FAILURES_IN_A_ROW, REST, CircuitBreaker
from assistant.brains.prices import PricesError, cost_of, read_prices
from assistant.settings import Settings


def settings(**values: object) -> Settings:
    plain: dict[str, object] = {"openai_api_key": None, "openai_base_url": None, "assistant_model": None}
    return Settings.model_validate(plain | values)


@pytest.mark.parametrize("values", [{}, {"openai_api_key": "k"}, {"openai_base_url": "http://localhost:1/v1"}])
def test_without_the_name_of_a_model_the_embedded_brain_answers(values: dict[str, object]) -> None:
    assert choose_chat_models(settings(**values)) is None


def test_models_come_in_the_order_of_the_setting() -> None:
    chosen = choose_chat_models(settings(assistant_model="model-a, model-b", openai_api_key="k"))
    assert chosen is not None
    assert [one.name for one in chosen.in_order("")] == ["model-a", "model-b"]
    assert [one.name for one in chosen.in_order("model-b")] == ["model-b", "model-a"]


def test_a_model_without_key_and_address_is_refused_with_what_to_set() -> None:
    with pytest.raises(ChatModelSettingsError, match="neither OPENAI_API_KEY nor OPENAI_BASE_URL"):
        choose_chat_models(settings(assistant_model="model-a"))


def test_prices_come_from_the_setting_or_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "prices.yaml"
    file.write_text("model-a: {input: 0.5, output: 2}\n", encoding="utf-8")
    inline = read_prices('{"model-a": {"input": 0.5, "output": 2}}')
    assert read_prices(str(file)) == inline
    assert cost_of(inline, "model-a", 1_000_000, 500_000) == 1.5
    assert cost_of(inline, "model-b", 1_000_000, 0) is None


@pytest.mark.parametrize(
    "setting", ["missing.yaml", '{"model-a": 3}', '{"model-a": {"input": -1, "output": 2}}', "{"]
)
def test_prices_that_cannot_be_read_are_refused(setting: str) -> None:
    with pytest.raises(PricesError):
        read_prices(setting)


def test_a_failing_model_rests_and_is_then_tried_once() -> None:
    now = [0.0]
    breaker = CircuitBreaker(lambda: now[0])
    for _ in range(FAILURES_IN_A_ROW):
        assert breaker.lets_through
        breaker.fail()
    assert not breaker.lets_through
    now[0] += REST.total_seconds()
    assert breaker.lets_through
    breaker.begin()
    assert not breaker.lets_through
    breaker.succeed()
    assert breaker.lets_through
