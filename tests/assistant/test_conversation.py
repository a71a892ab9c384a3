"""A turn ends well whatever the brain does: one ledger row, checked text, and a plain sentence when it goes wrong."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from langchain_core.messages import AIMessage
from langgraph.checkpoint.memory import InMemorySaver

from assistant.agent.answer import Answer
from assistant.agent.approvals import TypedApprovals
from assistant.agent.build import build_agent
from assistant.agent.conversation import Conversation
from assistant.agent.evidence import WITHHELD
from assistant.agent.tool_adapter import adapt_tools
from assistant.agent.turn import ToolFinished, ToolStarted, TurnEvent, TurnFinished
from assistant.llmops.turns import TurnLedger, TurnRow
from assistant.settings import Settings
from assistant.wiring import Assistant, open_assistant
from tests.support.actions import ledger
from tests.support.builders import NOW, device, install, readings, site, store
from tests.support.manuals import FakeManuals
from tests.support.scripted_brain import ScriptedChatModel, call, say
from tools.catalog import build_catalog
from tools.clock import FixedClock
from tools.database import Database
from tools.people import Person, Role
from tools.telemetry.store import ReadingStore

ASK = "string voltage of D01"
ANN = Person(name="ann", role="admin")
LOOK = call("latest_readings", fields=["string_voltage_v"], devices=["D01"])


@asynccontextmanager
async def assistant_with(
    database: Database, folder: Path, script: Mapping[str, Sequence[AIMessage]]
) -> AsyncIterator[Assistant]:
    install(database, [site()], [device()])
    store(database, readings(), [device()])
    settings = Settings(data_dir=folder)
    async with open_assistant(
        settings, clock=FixedClock(NOW), database=database, brain=lambda *_: ScriptedChatModel(script=script)
    ) as assistant:
        yield assistant


def events_of(database: Database, folder: Path, *messages: AIMessage) -> tuple[list[TurnEvent], Assistant]:
    async def play() -> tuple[list[TurnEvent], Assistant]:
        async with assistant_with(database, folder, {ASK: messages}) as assistant:
            return [event async for event in assistant.conversation.stream(ASK, ANN, "shift")], assistant

    return asyncio.run(play())


def answer_of(database: Database, folder: Path, *messages: AIMessage) -> str:
    events, _ = events_of(database, folder, *messages)
    finished = events[-1]
    assert isinstance(finished, TurnFinished)
    return finished.answer.answer


def test_steps_come_first_and_the_whole_answer_last(database: Database, tmp_path: Path) -> None:
    events, _ = events_of(database, tmp_path, LOOK, say("D01 is at 54.48 V."))
    assert isinstance(events[0], ToolStarted)
    assert isinstance(events[1], ToolFinished)
    assert isinstance(events[-1], TurnFinished)


def test_a_turn_is_one_row_of_the_ledger(database: Database, tmp_path: Path) -> None:
    events, assistant = events_of(database, tmp_path, LOOK, say("D01 is at 54.48 V."))
    finished = events[-1]
    assert isinstance(finished, TurnFinished)
    (row,) = assistant.ledger.conversation("shift")
    assert (row.turn_id, row.status, row.question, row.answer, row.who) == (
        finished.answer.turn_id,
        "answered",
        ASK,
        "D01 is at 54.48 V.",
        "ann",
    )


def test_an_invented_number_does_not_leave(database: Database, tmp_path: Path) -> None:
    assert answer_of(database, tmp_path, LOOK, say("D01 is at 47.11 V.")) == WITHHELD


def test_a_brain_that_goes_in_circles_is_stopped_with_a_plain_sentence(database: Database, tmp_path: Path) -> None:
    circle = [call("latest_readings", devices=["D01"]) for _ in range(40)]
    assert answer_of(database, tmp_path, *circle).startswith("I stopped, because this took more steps")


def test_an_empty_answer_is_replaced_by_a_plain_sentence(database: Database, tmp_path: Path) -> None:
    assert answer_of(database, tmp_path, LOOK, say("")).startswith("I have no answer to that.")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"devices": ["D99"]}, "unknown_device"),
        ({"fields": ["colour"]}, "unknown_field"),
        ({"devise": ["D01"]}, "bad_argument"),
        ({"devices": "D01 and D02"}, "bad_argument"),
    ],
)
def test_a_wrong_call_is_advice_to_the_brain_not_a_crash(
    database: Database, tmp_path: Path, arguments: dict[str, object], code: str
) -> None:
    events, _ = events_of(database, tmp_path, call("latest_readings", **arguments), say("I could not look that up."))
    finished = events[-1]
    assert isinstance(finished, TurnFinished)
    (step,) = finished.answer.tool_calls
    assert step.status == "error"
    assert isinstance(step.result, dict)
    assert isinstance(step.result["error"], dict)
    assert step.result["error"]["code"] == code


@pytest.mark.parametrize(
    ("role", "allowed"), [("viewer", False), ("operator", False), ("engineer", True), ("admin", True)]
)
def test_a_tool_is_for_its_role_and_those_above(database: Database, role: Role, allowed: bool) -> None:
    tool = replace(
        build_catalog(ReadingStore(database), FixedClock(NOW), FakeManuals(), ledger(database))["list_fleet"],
        role="engineer",
    )
    assert Person(name="ann", role=role).reaches(tool.role) is allowed


def test_a_role_that_does_not_reach_is_told_so_and_gets_no_result(database: Database, tmp_path: Path) -> None:
    async def play() -> Answer:
        async with assistant_with(database, tmp_path, {ASK: [LOOK, say("Not for you.")]}) as assistant:
            stricter = {name: replace(tool, role="admin") for name, tool in assistant.views.catalog_of(ANN).items()}
            with ThreadPoolExecutor(1) as pool:
                build = partial(
                    build_agent,
                    ScriptedChatModel(script={ASK: [LOOK, say("Not for you.")]}),
                    adapt_tools(lambda _: stricter, pool, assistant.audit),
                    InMemorySaver(),
                )
                conversation = Conversation(
                    build,
                    assistant.ledger,
                    assistant.clock,
                    "scripted",
                    "",
                    TypedApprovals(assistant.actions, assistant.ledger),
                )
                return await conversation.ask(ASK, Person(name="ann", role="viewer"))

    (step,) = asyncio.run(play()).tool_calls
    assert step.result == {
        "error": {
            "code": "not_allowed",
            "message": "latest_readings needs the role admin; you are viewer.",
            "hint": "",
        }
    }


def test_two_conversations_at_once_keep_to_themselves(database: Database, tmp_path: Path) -> None:
    async def play() -> list[str]:
        script = {ASK: [LOOK, say("D01 is at 54.48 V.")], "hello": [say("Hello.")]}
        async with assistant_with(database, tmp_path, script) as assistant:
            asked = [assistant.conversation.ask(text, ANN, f"c{n}") for n, text in enumerate([ASK, "hello"] * 4)]
            return [answer.answer for answer in await asyncio.gather(*asked)]

    assert asyncio.run(play()) == ["D01 is at 54.48 V.", "Hello."] * 4


def test_the_memory_of_a_conversation_survives_a_restart(database: Database, tmp_path: Path) -> None:
    asyncio.run(_remember(database, tmp_path))


async def _remember(database: Database, folder: Path) -> None:
    install(database, [site()], [device(), device("D02")])
    store(database, readings(), [device()])
    store(database, readings("D02", string_voltage_v=53.9), [device("D02")])
    settings = Settings(data_dir=folder)
    async with open_assistant(settings, clock=FixedClock(NOW), database=database) as assistant:
        await assistant.conversation.ask("string voltage of D01", ANN, "shift")
    async with open_assistant(settings, clock=FixedClock(NOW), database=database) as assistant:
        answer = await assistant.conversation.ask("and D02?", ANN, "shift")
    assert answer.answer.startswith("The string voltage of D02 is **53.90 V**")


def test_an_asker_who_leaves_leaves_no_turn_open(database: Database, tmp_path: Path) -> None:
    async def play() -> list[str]:
        async with assistant_with(database, tmp_path, {ASK: [LOOK, say("D01 is at 54.48 V.")]}) as assistant:
            events = assistant.conversation.stream(ASK, ANN, "shift")
            await anext(events)
            await events.aclose()
            return [turn.status for turn in assistant.ledger.conversation("shift")]

    assert asyncio.run(play()) == ["interrupted"]


def test_a_defect_in_the_brain_is_a_failed_turn(database: Database, tmp_path: Path) -> None:
    async def play() -> list[str | None]:
        async with assistant_with(database, tmp_path, {}) as assistant:
            with pytest.raises(KeyError):
                await assistant.conversation.ask(ASK, ANN, "shift")
            return [
                code for turn in assistant.ledger.conversation("shift") for code in (turn.status, turn.error_code)
            ]

    assert asyncio.run(play()) == ["failed", "internal"]


def test_a_turn_that_a_killed_process_left_open_is_closed_at_the_next_start(
    database: Database, tmp_path: Path
) -> None:
    dead = TurnRow(
        turn_id="turn_dead", conversation_id="shift", who="ann", asked_utc=NOW - timedelta(hours=1), time_zone="UTC",
        question=ASK, status="running", brain="scripted",
    )  # fmt: skip
    TurnLedger(database).begin(dead)

    async def start() -> str:
        async with assistant_with(database, tmp_path, {}) as assistant:
            return assistant.ledger.conversation("shift")[0].status

    assert asyncio.run(start()) == "interrupted"


def test_an_answer_from_the_manuals_carries_its_citation(database: Database, tmp_path: Path) -> None:
    asked = call("search_manuals", question="how do I replace a cell", models=["AGM-500"])
    quoted = "> 4. Measure the string against earth: less than 5 V.\n\n(MP-08, section Steps, revision 2)"
    events, _ = events_of(database, tmp_path, asked, say(quoted))
    finished = events[-1]
    assert isinstance(finished, TurnFinished)
    answer = finished.answer
    assert answer.answer == quoted
    assert [(one.document, one.section, one.revision) for one in answer.citations] == [("MP-08", "Steps", "2")]
    assert quoted[2:53] in answer.citations[0].quote


def test_key_pasted_into_a_question_reaches_neither_brain_nor_ledger(database: Database, tmp_path: Path) -> None:
    async def play() -> str:
        script = {"is [secret] right?": [say("I cannot tell.")]}
        async with assistant_with(database, tmp_path, script) as assistant:
            await assistant.conversation.ask("is sk-abcdefghijklmnop1234 right?", ANN, "shift")
            return assistant.ledger.conversation("shift")[0].question

    assert asyncio.run(play()) == "is [secret] right?"
