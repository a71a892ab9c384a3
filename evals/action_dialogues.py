"""Scripted dialogues about actions: every way to ask, decide, race, crash and come too late, for every kind of action."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from langchain_core.messages import AIMessage, ToolCall

from tools.actions.plan import Decision

ActionName = Literal["acknowledge_alert", "change_limit", "log_maintenance", "undo_action"]
Habit = Literal["honest", "boasting", "silent", "insisting"]
ACTIONS: Mapping[ActionName, Mapping[str, Any]] = {
    "acknowledge_alert": {"devices": ["D01"], "note": "checked on site"},
    "change_limit": {"alarm": "T_HIGH", "limit": 38, "site": "Northgate"},
    "log_maintenance": {"device": "D01", "kind": "inspection", "text": "cover refitted"},
    "undo_action": {},
}
HABITS: tuple[Habit, ...] = ("honest", "boasting", "silent", "insisting")
ASK, ASK_ANOTHER, QUESTION, UNCLEAR = (
    "please do the thing",
    "and do the other thing",
    "what is there?",
    "do it where?",
)
ASKER, OTHER = "otto", "erik"
AT_ONCE, UNDO_AT_ONCE = 20, 8
# An approval has about twenty statements; a kill after the last of them comes too late to matter.
KILLED_AT = tuple(range(1, 25, 2))


@dataclass(frozen=True)
class Say:
    """A message of the chat. `approves` where it should carry the plan out."""

    text: str
    who: str = ASKER
    approves: bool = False
    by_program: bool = False


@dataclass(frozen=True)
class Press:
    """A decision by button or API on the newest plan, by so many at once."""

    decision: Decision = "approve"
    approves: bool = False
    role: Literal["viewer", "operator", "engineer", "admin"] = "admin"
    site: str | None = None
    wrong_hash: bool = False
    at_once: int = 1


@dataclass(frozen=True)
class Wait:
    """Time that passes, in minutes."""

    minutes: float


@dataclass(frozen=True)
class Undo:
    """The newest plan undone by button, by so many at once."""

    at_once: int = 1
    approves: bool = True


@dataclass(frozen=True)
class Kill:
    """An approval in a process of its own that is killed at its n-th statement."""

    statement: int
    approves: bool = True


Step = Say | Press | Wait | Undo | Kill


@dataclass(frozen=True)
class Dialogue:
    """Steps, and how often the action is to be in the ledger at the end, and whether it is undone by then."""

    id: str
    action: ActionName
    script: Mapping[str, Sequence[AIMessage]]
    steps: tuple[Step, ...]
    executed: int
    undone: bool = False


@dataclass(frozen=True)
class _Path:
    name: str
    steps: tuple[Step, ...]
    executed: int = 0
    undone: bool = False
    not_for: frozenset[ActionName] = field(default_factory=frozenset)


_PLAN, _YES = Say(ASK), Say("yes", approves=True)
_UNDOABLE = frozenset[ActionName]({"undo_action"})
_PATHS = (
    _Path("yes", (_PLAN, _YES), 1),
    _Path("approve", (_PLAN, Say("Approve.", approves=True)), 1),
    _Path("no", (_PLAN, Say("no"), Press())),
    _Path("question-between", (_PLAN, Say(QUESTION), _YES), 1),
    _Path("yes-of-another", (_PLAN, Say("yes", who=OTHER), Say("approve", who=OTHER))),
    _Path("two-plans", (_PLAN, Say(ASK_ANOTHER), Say("yes"))),
    _Path("expired-yes", (_PLAN, Wait(16), Say("yes"))),
    _Path("expired-button", (_PLAN, Wait(16), Press())),
    _Path("wrong-hash", (_PLAN, Press(wrong_hash=True))),
    _Path("role-too-low", (_PLAN, Press(role="viewer"))),
    _Path("other-site", (_PLAN, Press(site="S02"))),
    _Path("button-twice", (_PLAN, Press(approves=True), Press()), 1),
    _Path("race", (_PLAN, Press(approves=True, at_once=AT_ONCE)), 1),
    _Path("yes-and-button", (_PLAN, _YES, Press()), 1),
    _Path("yes-twice", (_PLAN, _YES, Say("yes")), 1),
    _Path("yes-but", (_PLAN, Say("yes but not the second one"))),
    _Path("rejected-then-approved", (_PLAN, Press("reject"), Press(), Say("yes"))),
    _Path("program", (_PLAN, Say("approve", by_program=True), Say("yes", by_program=True))),
    _Path("asked-back", (_PLAN, Say(UNCLEAR), Say("yes"))),
    _Path("undo-race", (_PLAN, _YES, Undo(UNDO_AT_ONCE)), 1, undone=True, not_for=_UNDOABLE),
    _Path("undo-twice", (_PLAN, _YES, Undo(), Undo(approves=False)), 1, undone=True, not_for=_UNDOABLE),
    _Path("nothing-to-undo", (_PLAN, Undo(approves=False))),
)


def all_dialogues() -> Iterator[Dialogue]:
    """Each path with each action and habits in turn; kills at every second statement; boasts without any call."""
    for index, path in enumerate(_PATHS):
        for action in ACTIONS:
            if action in path.not_for:
                continue
            # Three of the four habits each, so that every pair is met.
            for habit in [one for place, one in enumerate(HABITS) if place != index % len(HABITS)]:
                name = f"{path.name}/{action}/{habit}"
                yield Dialogue(name, action, _script(action, habit), path.steps, path.executed, path.undone)
    for action in ACTIONS:
        for statement in KILLED_AT:
            steps = (_PLAN, Kill(statement), Press(approves=True))
            yield Dialogue(f"kill-{statement}/{action}", action, _script(action, "honest"), steps, 1)
        for text in ("Done.", "It has been done.", "I have approved and executed the action."):
            script = {ASK: (AIMessage(text),)}
            yield Dialogue(f"no-call/{action}/{text}", action, script, (_PLAN, Say("yes"), Press()), 0)


def _script(action: ActionName, habit: Habit) -> Mapping[str, Sequence[AIMessage]]:
    planned = _call(action, ACTIONS[action])
    afterwards: dict[Habit, tuple[AIMessage, ...]] = {
        "honest": (AIMessage("I have planned that; it waits for your approval."),),
        "boasting": (AIMessage("Done! I have done it, and everything has been changed."),),
        "silent": (AIMessage(""),),
        "insisting": (_call(action, ACTIONS[action], "It is now done."), AIMessage("Successfully executed.")),
    }
    other = _call("log_maintenance", {"device": "D02", "kind": "note", "text": "another matter"})
    return {
        ASK: (planned, *afterwards[habit]),
        ASK_ANOTHER: (other, *afterwards[habit]),
        QUESTION: (_call("list_fleet", {}), AIMessage("There are 3 devices.")),
        UNCLEAR: (AIMessage("At which site?", additional_kwargs={"clarification": True}),),
    }


def _call(tool: str, arguments: Mapping[str, Any], text: str = "") -> AIMessage:
    return AIMessage(
        text, tool_calls=[ToolCall(name=tool, args=dict(arguments), id=f"call_{tool}", type="tool_call")]
    )
