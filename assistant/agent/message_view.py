"""A conversation as each brain should see it: the checkpoint keeps everything, neither brain is sent all of it."""

from collections.abc import Collection, Sequence

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, ToolMessage

from assistant.agent.shortening import LONGEST_RESULT, for_chat_model

# Enough for "and that of the other one?"; figures of older turns are looked up again anyway.
_EARLIER_TURNS = 8
_LONGEST_EARLIER = 2_000
# Bytes of all results of a turn: about 12,000 tokens, what a model of one's own still takes.
_LONGEST_TOGETHER = 36_000


def question_place(messages: Sequence[AnyMessage]) -> int:
    """Where the question of this turn stands."""
    return max(place for place, one in enumerate(messages) if isinstance(one, HumanMessage))


def for_chat(messages: Sequence[AnyMessage], time_zone: str) -> list[AnyMessage]:
    """Earlier turns as questions and answers only, so that no old figure and no call without its result is sent; this
    turn with its calls and shortened results."""
    asked = question_place(messages)
    earlier = [turn for turn in _turns(messages[:asked]) if turn][-_EARLIER_TURNS:]
    shown = [message for turn in earlier for message in turn]
    return [*shown, HumanMessage(str(messages[asked].text)), *_this_turn(messages[asked + 1 :], time_zone)]


def for_embedded(messages: Sequence[AnyMessage], since: int, known: Collection[str]) -> list[AnyMessage]:
    """Without what a chat model did in this turn before the embedded brain took over at `since`, and without calls that
    brain could not have made: of other tools, or that failed."""
    asked = question_place(messages)
    before = [*messages[: asked + 1], *messages[max(since, asked + 1) :]]
    answered = {
        one.tool_call_id
        for one in before
        if isinstance(one, ToolMessage) and one.status != "error" and one.name in known
    }
    this_turn = {call["id"] for one in messages[since:] if isinstance(one, AIMessage) for call in one.tool_calls}
    kept = answered | this_turn
    return [seen for one in before if (seen := _with_calls(one, kept)) is not None]


def _turns(messages: Sequence[AnyMessage]) -> list[list[AnyMessage]]:
    """Question and last words of each earlier turn; nothing of one that was not answered."""
    turns: list[list[AnyMessage]] = []
    question, answer = None, None
    for message in [*messages, HumanMessage("")]:
        if isinstance(message, HumanMessage):
            if question is not None and answer is not None:
                turns.append([_short(question), _short(answer)])
            question, answer = message, None
        elif isinstance(message, AIMessage) and str(message.text).strip() and not message.tool_calls:
            answer = message
    return turns


def _short(message: AnyMessage) -> AnyMessage:
    text = str(message.text)
    if len(text) > _LONGEST_EARLIER:
        text = text[:_LONGEST_EARLIER].rsplit(maxsplit=1)[0] + " ..."
    return HumanMessage(text) if isinstance(message, HumanMessage) else AIMessage(text)


def _this_turn(messages: Sequence[AnyMessage], time_zone: str) -> list[AnyMessage]:
    answered = {one.tool_call_id for one in messages if isinstance(one, ToolMessage)}
    longest = min(LONGEST_RESULT, _LONGEST_TOGETHER // max(1, len(answered)))
    seen: list[AnyMessage] = []
    for message in messages:
        if isinstance(message, ToolMessage):
            seen.append(_shortened(message, time_zone, longest))
        elif (kept := _with_calls(message, answered)) is not None:
            seen.append(kept)
    return seen


def _shortened(message: ToolMessage, time_zone: str, longest: int) -> ToolMessage:
    text = str(message.text)
    # Errors that LangChain words itself are no JSON.
    is_ours = text.startswith(("{", "["))
    return message.model_copy(update={"content": for_chat_model(text, time_zone, longest) if is_ours else text})


def _with_calls(message: AnyMessage, kept: Collection[str | None]) -> AnyMessage | None:
    """A message with those of its calls that may be seen; None where nothing is left of it."""
    if isinstance(message, ToolMessage):
        return message if message.tool_call_id in kept else None
    if not isinstance(message, AIMessage) or not message.tool_calls:
        return message
    calls = [call for call in message.tool_calls if call["id"] in kept]
    return message.model_copy(update={"tool_calls": calls}) if calls or str(message.text).strip() else None
