"""Which version is live, who made it so, when and why: compare-and-set, a history, and one step back.

Everything happens on the caller's connection, so that an action, its audit row and the switch are one transaction.
"""

from datetime import datetime
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from tools.clock import Utc
from tools.errors import BadArgumentError, StaleChangeError, UnknownVersionError
from tools.mlops.registry import CONDITION, RULES
from tools.mlops.schema import live_models, model_deployments
from tools.quantity import Frozen

DeploymentKind = Literal["deploy", "roll_back", "automatic_roll_back"]


class Live(Frozen):
    """The live version (0: the rules) and how often that has changed."""

    version: int
    generation: int


class Deployment(Frozen):
    """One change of the live version."""

    generation: int
    version: int
    replaced: int
    kind: DeploymentKind
    at: Utc
    who: str
    why: str


class Change(Frozen):
    """A change of the live version as somebody wants it: made on the view that `generation` was the newest."""

    version: int
    generation: int
    kind: DeploymentKind
    who: str
    why: str
    # Names the work it belongs to, so that work done twice is one change.
    made_by: str | None = None


def live_version(connection: Connection, model: str = CONDITION) -> Live:
    """What is live now.

    Raises:
        UnknownVersionError: there is no such model.
    """
    row = connection.execute(_LIVE, {"name": model}).one_or_none()
    if row is None:
        raise UnknownVersionError(f"There is no model {model!r}.", f"There is {CONDITION!r}.")
    return Live(version=row.version, generation=row.generation)


# Built once: it is asked before every score.
_LIVE = sa.select(live_models.c.version, live_models.c.generation).where(live_models.c.model == sa.bindparam("name"))


def switch_live(connection: Connection, change: Change, at: datetime, model: str = CONDITION) -> Deployment:
    """Make a version live if nothing changed since the asker looked; work done twice gives the first change.

    Raises:
        StaleChangeError: another change came first.
    """
    if change.made_by is not None:
        done = _deployments(connection, model_deployments.c.made_by == change.made_by)
        if done:
            return done[0]
    before = live_version(connection, model)
    changed = connection.execute(
        sa.update(live_models)
        .where(live_models.c.model == model, live_models.c.generation == change.generation)
        .values(version=change.version, generation=change.generation + 1)
    )
    if changed.rowcount != 1:
        raise StaleChangeError(
            f"The live version was changed meanwhile: it is {name_of(before.version)} now.",
            "Look again, then decide.",
        )
    made = Deployment(
        generation=change.generation + 1,
        version=change.version,
        replaced=before.version,
        kind=change.kind,
        at=at,
        who=change.who,
        why=change.why,
    )
    row = made.model_dump(exclude={"at"}) | {"model": model, "at_utc": at, "made_by": change.made_by}
    connection.execute(sa.insert(model_deployments).values(row))
    return made


def deployments(connection: Connection, model: str = CONDITION) -> tuple[Deployment, ...]:
    """The whole history, newest first."""
    return _deployments(connection, model_deployments.c.model == model)


def version_before(connection: Connection, model: str = CONDITION) -> int:
    """The version that one step back leads to: what the live one replaced when it was deployed.

    Raises:
        BadArgumentError: nothing was live before.
    """
    live = live_version(connection, model)
    for one in deployments(connection, model):
        if one.version == live.version and one.kind == "deploy":
            return one.replaced
    raise BadArgumentError(f"Nothing was live before {name_of(live.version)}.", "There is no step back.")


def name_of(version: int) -> str:
    """A version in words."""
    return "the rules" if version == RULES else f"version {version}"


def _deployments(connection: Connection, condition: sa.ColumnElement[bool]) -> tuple[Deployment, ...]:
    query = sa.select(model_deployments).where(condition).order_by(model_deployments.c.generation.desc())
    return tuple(
        Deployment(
            generation=row["generation"],
            version=row["version"],
            replaced=row["replaced"],
            kind=row["kind"],
            at=row["at_utc"],
            who=row["who"],
            why=row["why"],
        )
        for row in connection.execute(query).mappings()
    )
