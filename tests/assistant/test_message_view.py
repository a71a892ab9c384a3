"""Neither brain is ever sent a call without its result, whatever a stopped turn has left behind."""

import json

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, ToolCall, ToolMessage

from assistant.agent.message_view import for_chat, for_embedded


def calling(*ids: str, tool: str = "rank") -> AIMessage:
    return AIMessage("", tool_calls=[ToolCall(name=tool, args={}, id=one, type="tool_call") for one in ids])


def result(of: str, tool: str = "rank", content: str = '{"value": 1}') -> ToolMessage:
    return ToolMessage(content, tool_call_id=of, name=tool)


def dangling(messages: list[AnyMessage]) -> set[str]:
    called = {str(call["id"]) for one in messages if isinstance(one, AIMessage) for call in one.tool_calls}
    answered = {one.tool_call_id for one in messages if isinstance(one, ToolMessage)}
    return called ^ answered


STOPPED: list[AnyMessage] = [HumanMessage("one"), calling("a", "b"), result("a")]
ASKED: list[AnyMessage] = [*STOPPED, HumanMessage("two"), calling("c"), result("c"), calling("d")]


def test_a_chat_model_sees_nothing_of_a_turn_that_was_stopped() -> None:
    seen = for_chat(ASKED, "UTC")
    assert [one.text for one in seen if isinstance(one, HumanMessage)] == ["two"]
    assert dangling(seen) == set()


def test_the_embedded_brain_sees_only_calls_with_results() -> None:
    assert dangling(for_embedded([*STOPPED, HumanMessage("two")], 4, {"rank"})) == set()


def test_the_embedded_brain_does_not_see_what_the_chat_model_did_in_its_place() -> None:
    taken_over: list[AnyMessage] = [HumanMessage("one"), calling("a"), result("a"), calling("b"), result("b")]
    seen = for_embedded(taken_over, 3, {"rank"})
    assert [one.tool_call_id for one in seen if isinstance(one, ToolMessage)] == ["b"]


def test_the_embedded_brain_does_not_see_tools_it_does_not_know() -> None:
    before: list[AnyMessage] = [
        HumanMessage("one"),
        calling("a", tool="find_tool"),
        result("a", "find_tool"),
        AIMessage("Well."),
    ]
    seen = for_embedded([*before, HumanMessage("two")], 5, {"rank"})
    assert [one.text for one in seen] == ["one", "Well.", "two"]


def test_many_results_share_the_room() -> None:
    long = json.dumps({"rows": [{"value": 1234.5} for _ in range(1000)]})
    ids = [f"c{number}" for number in range(9)]
    seen = for_chat([HumanMessage("one"), calling(*ids), *(result(one, content=long) for one in ids)], "UTC")
    assert sum(len(one.text) for one in seen if isinstance(one, ToolMessage)) <= 36_000
