"""A conversation that its client keeps and sends along means the same as one that is kept here."""

import asyncio
from pathlib import Path

import pytest

from assistant.agent.turn import Said
from assistant.settings import Settings
from assistant.wiring import open_assistant
from tests.support.builders import NOW, device, install, readings, site, store
from tests.support.scripted_chat_server import says, scripted_server
from tools.clock import FixedClock
from tools.database import Database
from tools.people import Person

ANN = Person(name="ann", role="operator")
VOLTAGE = (Said("user", "string voltage of D01"), Said("assistant", "It is 54.48 V."))


def ask(database: Database, folder: Path, question: str, *history: Said, **settings: object) -> str:
    async def play() -> str:
        install(database, [site()], [device(), device("D02")])
        store(database, readings(), [device()])
        store(database, readings("D02", string_voltage_v=53.9), [device("D02")])
        given = Settings.model_validate({"data_dir": folder, "assistant_model": None} | settings)
        async with open_assistant(given, clock=FixedClock(NOW), database=database) as assistant:
            return (await assistant.conversation.ask(question, ANN, history=history)).answer

    return asyncio.run(play())


@pytest.mark.parametrize(
    ("question", "history", "begins"),
    [
        ("and D02?", VOLTAGE, "The string voltage of D02 is **53.90 V**"),
        ("and D01 again?", (*VOLTAGE, Said("user", "and D02?")), "The string voltage of D01 is **54.48 V**"),
    ],
)
def test_the_embedded_brain_reads_what_was_asked_before(
    database: Database, tmp_path: Path, question: str, history: tuple[Said, ...], begins: str
) -> None:
    assert ask(database, tmp_path, question, *history).startswith(begins)


def test_a_chat_model_is_sent_what_was_said_before(database: Database, tmp_path: Path) -> None:
    with scripted_server(says("You are welcome.")) as server:
        at = {"openai_base_url": server.url, "openai_api_key": None, "assistant_model": "model-a"}
        ask(database, tmp_path, "thanks", *VOLTAGE, **at)
    sent = [(one["role"], one["content"]) for one in server.requests[0]["messages"][1:]]
    assert sent == [("user", VOLTAGE[0].text), ("assistant", VOLTAGE[1].text), ("user", "thanks")]
