"""Whether the live model is fit to answer: its file, whether it loads and scores, how fast, and how fresh its scores are."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from tools.database import Database
from tools.errors import ModelError
from tools.mlops.deployment import name_of
from tools.mlops.files import checked_content
from tools.mlops.registry import RULES
from tools.mlops.schema import condition_scores
from tools.mlops.serving import MOST_LATENCY_MS, ConditionServer
from tools.quantity import Frozen, Quantity

# The fleet is scored every night; two missed nights are a fault.
MOST_AGE = timedelta(days=2)


class HealthCheck(Frozen):
    """One check; `passed` is None where there is nothing to check yet."""

    name: str
    passed: bool | None = None
    means: str


class ModelHealth(Frozen):
    """The live version and every check of it."""

    live: str
    means: str
    is_well: bool
    checks: tuple[HealthCheck, ...]
    latency: Quantity
    newest_score: Quantity


def check_health(database: Database, server: ConditionServer, now: datetime) -> ModelHealth:
    """Look at the live version as it stands; a check that fails says why."""
    live = server.live().version
    checks = [] if live == RULES else [_file(server, live)]
    latency_ms, scores = _scores(server, live)
    checks.append(scores)
    newest = _newest_score(database, server.registry.model)
    checks.append(_freshness(newest, now))
    is_well = all(check.passed is not False for check in checks)
    return ModelHealth(
        live=name_of(live),
        means=f"live: {name_of(live)}, {'well' if is_well else 'not well'}",
        is_well=is_well,
        checks=tuple(checks),
        latency=Quantity(
            value=None if latency_ms is None else round(latency_ms, 1),
            unit="ms",
            statistic="latest",
            field="latency",
            at=now,
        ),
        newest_score=Quantity(
            value=None if newest is None else round((now - newest) / timedelta(hours=1), 1),
            unit="h",
            statistic="age",
            field="newest score",
            at=newest,
        ),
    )


def _file(server: ConditionServer, version: int) -> HealthCheck:
    registry = server.registry
    try:
        chosen = registry.version(version)
        checked_content(registry.path(chosen), chosen.sha256)
    except ModelError as error:
        return HealthCheck(name="file", passed=False, means=error.message)
    return HealthCheck(name="file", passed=True, means="the file is the one that was written")


def _scores(server: ConditionServer, version: int) -> tuple[float | None, HealthCheck]:
    if version == RULES:
        return None, HealthCheck(name="answers", passed=True, means="the rules need no file and are always there")
    try:
        latency_ms = server.prepare(version)
    except ModelError as error:
        return None, HealthCheck(name="answers", passed=False, means=error.message)
    return latency_ms, HealthCheck(
        name="answers",
        passed=True,
        means=f"it loads and gives a probability for every condition in less than {MOST_LATENCY_MS:.0f} ms",
    )


def _newest_score(database: Database, model: str) -> datetime | None:
    table = condition_scores.c
    # Ordered, not max(): a type that restores the zone does not pass through an aggregate of every driver.
    query = (
        sa.select(table.scored_utc)
        .where(table.model == model, table.is_answer)
        .order_by(table.scored_utc.desc())
        .limit(1)
    )
    with database.read() as connection:
        return connection.scalar(query)


def _freshness(newest: datetime | None, now: datetime) -> HealthCheck:
    if newest is None:
        return HealthCheck(name="freshness", means="nothing has been scored yet")
    if now - newest > MOST_AGE:
        return HealthCheck(
            name="freshness", passed=False, means=f"the fleet was last scored on {newest:%Y-%m-%d %H:%M} UTC"
        )
    return HealthCheck(name="freshness", passed=True, means="the newest scores are recent")
