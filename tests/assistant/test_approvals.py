"""A chat plans, a person decides: a typed "yes" is matched by code, and nothing is called done that the ledger lacks."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from langchain_core.messages import AIMessage

from assistant.agent.answer import Answer
from assistant.agent.approvals import read_decision
from assistant.agent.conversation import NOTHING_YET
from assistant.settings import Settings
from assistant.wiring import Assistant, open_assistant, owner_named
from tests.support.actions import small_fleet
from tests.support.builders import NOW
from tests.support.scripted_brain import ScriptedChatModel, call, say
from tools.analytics.alert_schema import alerts
from tools.clock import FixedClock
from tools.database import Database

ACK, ACK_2, OTHER = "ack D01", "ack D02", "what is installed"
PLAN = call("acknowledge_alert", devices=["D01"])
SCRIPT: Mapping[str, Sequence[AIMessage]] = {
    ACK: (PLAN, say("I would acknowledge 2 alerts of D01.")),
    ACK_2: (call("acknowledge_alert", devices=["D02"]), say("I would acknowledge 2 alerts of D02.")),
    OTHER: (call("list_fleet"), say("There are 3 devices.")),
    "yes": (say("Yes to what?"),),
    "approve": (say("Approve what?"),),
    "tell me more": (say("Shall I show the trend of D01?"),),
    "which one?": (AIMessage("Which device do you mean?", additional_kwargs={"clarification": True}),),
}
Play = Callable[[Assistant, FixedClock], Coroutine[None, None, list[Answer]]]


@asynccontextmanager
async def opened(
    database: Database, folder: Path, script: Mapping[str, Sequence[AIMessage]] = SCRIPT
) -> AsyncIterator[tuple[Assistant, FixedClock]]:
    small_fleet(database)
    clock = FixedClock(NOW)
    async with open_assistant(
        Settings(data_dir=folder),
        clock=clock,
        database=database,
        brain=lambda *_: ScriptedChatModel(script=script),
    ) as assistant:
        yield assistant, clock


def asked(database: Database, folder: Path, *messages: str, who: Sequence[str] = ()) -> list[Answer]:
    """The answers to messages of one conversation, all by "otto" unless named."""

    async def play() -> list[Answer]:
        async with opened(database, folder) as (assistant, _):
            names = list(who) or ["otto"] * len(messages)
            return [
                await assistant.conversation.ask(message, owner_named(name), "shift")
                for message, name in zip(messages, names, strict=True)
            ]

    return asyncio.run(play())


def acknowledged(database: Database) -> int:
    with database.read() as connection:
        return int(connection.scalar(sa.select(sa.func.count(alerts.c.acknowledged_utc))) or 0)


def test_an_answer_that_plans_carries_the_approval_and_says_that_nothing_is_done(
    database: Database, tmp_path: Path
) -> None:
    (answer,) = asked(database, tmp_path, ACK)
    assert answer.approval is not None
    assert answer.approval.impact.means == "Acknowledge 2 alerts of D01"
    assert answer.approval.arguments == {"alert_ids": [1, 2]}
    assert answer.approval.expires_at == NOW + timedelta(minutes=15)
    assert answer.answer == f"I would acknowledge 2 alerts of D01.\n\n{NOTHING_YET}"
    assert acknowledged(database) == 0


def test_a_typed_yes_does_it_without_asking_the_brain_and_says_so_from_the_ledger(
    database: Database, tmp_path: Path
) -> None:
    _, answer = asked(database, tmp_path, ACK, "Yes, please!")
    assert answer.answer == "Done. Acknowledged 2 alerts of D01. Say “undo that” to take it back."
    assert [(link.text, link.tool_call_id) for link in answer.evidence] == [("2", answer.tool_calls[0].id)]
    assert acknowledged(database) == 2


def test_a_typed_no_leaves_it(database: Database, tmp_path: Path) -> None:
    _, answer = asked(database, tmp_path, ACK, "no")
    assert answer.answer == "Rejected. Nothing was done."
    assert acknowledged(database) == 0


def test_a_yes_with_two_plans_is_asked_which_and_both_stay(database: Database, tmp_path: Path) -> None:
    answers = asked(database, tmp_path, ACK, ACK_2, "yes")
    assert answers[-1].answer.startswith("Which one do you mean? 2 actions wait")
    assert acknowledged(database) == 0


def test_a_yes_of_somebody_else_is_for_the_brain(database: Database, tmp_path: Path) -> None:
    answers = asked(database, tmp_path, ACK, "yes", who=["otto", "erik"])
    assert answers[-1].answer == "Yes to what?"
    assert acknowledged(database) == 0


def test_a_new_question_leaves_the_plan_waiting_and_a_later_yes_still_does_it(
    database: Database, tmp_path: Path
) -> None:
    answers = asked(database, tmp_path, ACK, OTHER, "yes")
    assert answers[1].answer == "There are 3 devices."
    assert answers[2].answer.startswith("Done.")
    assert acknowledged(database) == 2


def test_a_bare_yes_answers_the_question_asked_back_and_approve_means_the_plan(
    database: Database, tmp_path: Path
) -> None:
    answers = asked(database, tmp_path, ACK, "which one?", "yes")
    assert answers[-1].answer == "Yes to what?"
    assert acknowledged(database) == 0


def test_a_bare_yes_to_a_question_of_the_brain_is_not_an_approval(database: Database, tmp_path: Path) -> None:
    answers = asked(database, tmp_path, ACK, "tell me more", "yes")
    assert answers[-1].answer == "Yes to what?"
    assert acknowledged(database) == 0


def test_an_explicit_approval_needs_no_guessing(database: Database, tmp_path: Path) -> None:
    asked(database, tmp_path, ACK, "which one?", "approve")
    assert acknowledged(database) == 2


def test_a_second_yes_is_for_the_brain(database: Database, tmp_path: Path) -> None:
    answers = asked(database, tmp_path, ACK, "yes", "yes")
    assert answers[-1].answer == "Yes to what?"


def test_a_late_yes_is_told_that_the_plan_has_expired(database: Database, tmp_path: Path) -> None:
    async def play() -> Answer:
        async with opened(database, tmp_path) as (assistant, clock):
            await assistant.conversation.ask(ACK, owner_named("otto"), "shift")
            clock.move(timedelta(minutes=16))
            return await assistant.conversation.ask("yes", owner_named("otto"), "shift")

    assert asyncio.run(play()).answer == (
        "Not done. This plan has expired; nothing was done. Ask for the action again."
    )
    assert acknowledged(database) == 0


def test_a_program_cannot_approve_by_text(database: Database, tmp_path: Path) -> None:
    async def play() -> Answer:
        async with opened(database, tmp_path) as (assistant, _):
            await assistant.conversation.ask(ACK, owner_named("otto"), "shift")
            return await assistant.conversation.ask("approve", owner_named("otto"), "shift", decides_by_text=False)

    assert asyncio.run(play()).answer == "Approve what?"
    assert acknowledged(database) == 0


def test_a_brain_that_calls_on_after_its_plan_is_stopped(database: Database, tmp_path: Path) -> None:
    more = AIMessage("I will look further.", tool_calls=PLAN.tool_calls)
    script = {ACK: (PLAN, more, say("never reached"))}

    async def play() -> Answer:
        async with opened(database, tmp_path, script) as (assistant, _):
            return await assistant.conversation.ask(ACK, owner_named("otto"), "shift")

    answer = asyncio.run(play())
    assert [step.name for step in answer.tool_calls] == ["acknowledge_alert"]
    assert answer.answer == f"I will look further.\n\n{NOTHING_YET}"


def test_two_actions_at_once_are_one_plan_and_a_word_on_the_other(database: Database, tmp_path: Path) -> None:
    both = AIMessage("", tool_calls=[{**PLAN.tool_calls[0], "id": "a"}, {**PLAN.tool_calls[0], "id": "b"}])

    async def play() -> Answer:
        async with opened(database, tmp_path, {ACK: (both, say("I would acknowledge 2 alerts."))}) as (assistant, _):
            return await assistant.conversation.ask(ACK, owner_named("otto"), "shift")

    answer = asyncio.run(play())
    assert sorted(step.status for step in answer.tool_calls) == ["error", "ok"]
    assert answer.approval is not None


@pytest.mark.parametrize(
    "claim",
    [
        "Done.", "I have acknowledged both alerts.", "The alerts have been acknowledged.", "Both are now acknowledged.",
        "I've successfully acknowledged them.", "It is done.", "Acknowledged 2 alerts.", "All done!",
        "The change has taken effect.", "The alerts were successfully acknowledged.",
    ],
)  # fmt: skip
def test_a_brain_that_claims_the_deed_is_not_heard(database: Database, tmp_path: Path, claim: str) -> None:
    async def play() -> Answer:
        async with opened(database, tmp_path, {ACK: (PLAN, say(claim))}) as (assistant, _):
            return await assistant.conversation.ask(ACK, owner_named("otto"), "shift")

    answer = asyncio.run(play())
    assert claim not in answer.answer
    assert answer.answer.endswith(NOTHING_YET)


@pytest.mark.parametrize(
    "sentence",
    [
        "I would acknowledge 2 alerts.", "I have planned it.", "Nothing has been acknowledged yet.",
        "I have created a plan for it.", "Once approved, both will be acknowledged.", "It is not done before you approve it.",
    ],
)  # fmt: skip
def test_a_brain_may_say_what_is_planned(database: Database, tmp_path: Path, sentence: str) -> None:
    async def play() -> Answer:
        async with opened(database, tmp_path, {ACK: (PLAN, say(sentence))}) as (assistant, _):
            return await assistant.conversation.ask(ACK, owner_named("otto"), "shift")

    assert sentence in asyncio.run(play()).answer


@pytest.mark.parametrize(
    ("message", "decision"),
    [
        ("yes", "approve"), ("Go ahead.", "approve"), ("APPROVE", "approve"), ("ok, do it", "approve"),
        ("no", "reject"), ("Don't!", "reject"), ("reject it", "reject"),
        ("yes but only D01", None), ("no idea", None), ("approve everything at Harbor", None), ("yesterday", None),
        ("is it done", None), ("", None),
    ],
)  # fmt: skip
def test_only_a_decision_and_nothing_else_is_a_decision(message: str, decision: str | None) -> None:
    assert read_decision(message) == decision
