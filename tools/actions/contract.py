"""What an action is made of: a dry run, an effect, a check that it took, and the way back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol, TypeVar

from pydantic import Field, JsonValue
from sqlalchemy.engine import Connection

from tools.clock import Utc
from tools.people import Role
from tools.quantity import Frozen, Quantity

ActionTier = Literal["change", "dangerous"]


class Touched(Frozen):
    """One thing an action would change, in words; `at` is when it came to be, for example an alert."""

    means: str
    device_id: str | None = None
    site_id: str | None = None
    at: Utc | None = None


class Impact(Frozen):
    """What an action would do, found out without doing it.

    At approval it is found out again: what came out differently is not what was approved, and is not done.
    """

    means: str = Field(description="What would be done, as an order: Acknowledge 2 alerts at Harbor")
    role: Role = Field(description="The role that asking and approving needs")
    sites: tuple[str, ...] = Field(description="Every site it reaches; asker and approver must see them all")
    devices: tuple[str, ...] = ()
    touched: tuple[Touched, ...] = ()
    note: str | None = Field(None, description="What the asker wants to be kept with it, in their own words")
    # Said beside it; they may move on while the plan waits.
    figures: tuple[Quantity, ...] = ()

    def is_same(self, other: "Impact") -> bool:
        """Whether the same would be done to the same things."""
        return self.model_copy(update={"figures": ()}) == other.model_copy(update={"figures": ()})


class Effect(Frozen):
    """What was done, in words, and what undoing it needs to know."""

    means: str
    kept: dict[str, JsonValue] = Field(default_factory=dict)


@dataclass(frozen=True)
class Deed:
    """Who does it and when: the asker, the approver, and the moment of approval."""

    plan_id: str
    asked_by: str
    approved_by: str
    at: datetime


Arguments = TypeVar("Arguments", bound=Frozen)


class Action(Protocol[Arguments]):
    """One kind of action. Everything happens on the connection of the caller's one transaction."""

    name: str
    tier: ActionTier
    arguments: type[Arguments]

    def preview(self, connection: Connection, arguments: Arguments) -> Impact:
        """What it would do; changes nothing. Raises a BatteryError where it cannot be done."""

    def effect(self, connection: Connection, arguments: Arguments, deed: Deed) -> Effect:
        """Do it. Raises a BatteryError where it cannot be done; then nothing of it is kept."""

    def check(self, connection: Connection, arguments: Arguments, effect: Effect) -> str | None:
        """What is wrong with the outcome, read back from the database; None where it is as it should be."""

    def undo(self, connection: Connection, arguments: Arguments, effect: Effect, deed: Deed) -> None:
        """Put back what was there before. Raises a BatteryError where something else has changed it since."""


# Each action has arguments of its own type, which a table cannot say.
Actions = Mapping[str, Action[Any]]
