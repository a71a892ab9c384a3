"""Did the assistant decline what cannot be answered, and answer what can?"""

from evals.scorers.calls import right_tools
from evals.transcript import PlayedTurn


def declined(played: PlayedTurn) -> bool:
    """Whether the answer gives no result: an error of a tool, a question back, or a reply without tools."""
    answer = played.answer
    if answer is None:
        return True
    return answer.clarification or not any(step.status == "ok" for step in answer.tool_calls)


def is_right(played: PlayedTurn) -> bool:
    """Declined where it should, saying what it should; answered with the right tool where it could."""
    if played.turn.expect == "decline":
        text = played.answer.answer.lower() if played.answer else ""
        return declined(played) and all(word.lower() in text for word in played.turn.mentions)
    return not declined(played) and right_tools(played) is not False
