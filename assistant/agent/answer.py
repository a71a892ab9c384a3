"""The answer of a turn, in the shape that chat, API, command line and evals share."""

from collections.abc import Iterable, Sequence
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from tools.actions.contract import Impact
from tools.actions.plan import PlannedAction
from tools.clock import Utc
from tools.quantity import ChartSpec, Window

Number = TypeVar("Number", int, float)


class Part(BaseModel):
    """A piece of an answer: made once, never changed."""

    model_config = ConfigDict(frozen=True)


class ToolStep(Part):
    """One tool call: what was asked of which data, how long it took, and what came back."""

    id: str
    name: str
    arguments: dict[str, JsonValue]
    status: Literal["ok", "error"]
    duration_ms: float
    window: Window | None = None
    rows: int | None = None
    result: JsonValue = None


class EvidenceLink(Part):
    """A number or time in the answer and the entry of a tool result it is bound to."""

    text: str = Field(description="As it stands in the answer")
    value: float | str | None
    unit: str = ""
    tool_call_id: str | None = Field(description="None where it stands in the question")
    path: str = Field(description="Where in the result, for example figures.0")


class Citation(Part):
    """A passage of a manual that the answer rests on."""

    document: str
    section: str
    revision: str
    quote: str


class Approval(Part):
    """An action that waits: nothing is done before POST /api/approvals/{id} approves this hash."""

    id: str
    action: str
    arguments: dict[str, JsonValue]
    impact: Impact
    expires_at: Utc
    hash: str


def approval_of(plan: PlannedAction) -> Approval:
    """A plan as an answer carries it."""
    return Approval(
        id=plan.plan_id,
        action=plan.action,
        arguments=plan.arguments,
        impact=plan.impact,
        expires_at=plan.expires_at,
        hash=plan.hash,
    )


class Usage(Part):
    """Tokens a chat model used; None where the brain does not count."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    cost: float | None = Field(None, description="USD; null where the model has no price")


class Answer(Part):
    """All that a turn gives back."""

    conversation_id: str
    turn_id: str
    answer: str
    tool_calls: tuple[ToolStep, ...] = ()
    evidence: tuple[EvidenceLink, ...] = ()
    citations: tuple[Citation, ...] = ()
    charts: tuple[ChartSpec, ...] = ()
    approval: Approval | None = None
    clarification: bool = False
    brain: str
    usage: Usage = Usage()
    latency_ms: float


def usage_of(replies: Sequence[Usage]) -> Usage:
    """The usage of several replies together; what one of them does not know, the sum does not know."""
    return Usage(
        input_tokens=_sum(one.input_tokens for one in replies),
        output_tokens=_sum(one.output_tokens for one in replies),
        cost=_sum(one.cost for one in replies),
    )


def _sum(values: Iterable[Number | None]) -> Number | None:
    total: Number | None = None
    for value in values:
        if value is None:
            return None
        total = value if total is None else total + value
    return total
