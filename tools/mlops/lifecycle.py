"""The deeds of a model's life: retrain, deploy, roll back - each with a dry run that says what it would change."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.engine import Connection

from tools.database import Database
from tools.errors import GateError, TrainingDataError
from tools.mlops.behaviour import behaviour_tests
from tools.mlops.candidates import Algorithm
from tools.mlops.card import make_card
from tools.mlops.checks import check_weeks
from tools.mlops.deployment import (
    Change,
    Deployment,
    live_version,
    name_of,
    switch_live,
    version_before,
)
from tools.mlops.evaluation import Comparison, Interval, compare, evaluate
from tools.mlops.gate import judge
from tools.mlops.registry import RULES, ModelRegistry, ModelVersion
from tools.mlops.serving import ConditionServer
from tools.mlops.training import ALGORITHMS, Progress, predict, rule_predictions, train
from tools.mlops.weeks import LabelledWeek, fingerprint
from tools.quantity import Frozen

# What is wrong with the live version after a switch; None where nothing is.
PostCheck = Callable[[ConditionServer], str | None]


class RetrainPreview(Frozen):
    """What a retraining would do: which data, which candidates; nothing goes live by it."""

    means: str
    learned_weeks: int
    held_out_weeks: int
    held_out_devices: int
    data: str


class SwitchPreview(Frozen):
    """What a switch would change. `comparison` is on held-out weeks both were judged on."""

    means: str
    version: int
    replaces: int
    generation: int
    macro_f1: Interval
    replaced_macro_f1: Interval | None = None
    comparison: Comparison | None = None
    devices: int


@dataclass(frozen=True)
class Switched:
    """The change that was made, and the one that took it back at once where the check afterwards failed."""

    made: Deployment
    taken_back: Deployment | None = None
    wrong: str | None = None


def preview_retrain(learned: Sequence[LabelledWeek], held_out: Sequence[LabelledWeek]) -> RetrainPreview:
    """What would be trained and judged on.

    Raises:
        TrainingDataError: the weeks do not pass the data checks.
    """
    report = check_weeks(learned, held_out)
    if not report.passed:
        failed = "; ".join(f"{check.name}: {check.means}" for check in report.checks if not check.passed)
        raise TrainingDataError(f"These weeks cannot be trained on. {failed}.", "Hand in other labelled weeks.")
    devices = len({week.device_id for week in held_out})
    return RetrainPreview(
        means=f"Train a version on {len(learned)} labelled weeks and judge it on {len(held_out)} of {devices} others",
        learned_weeks=len(learned),
        held_out_weeks=len(held_out),
        held_out_devices=devices,
        data=fingerprint(learned),
    )


def retrain(
    registry: ModelRegistry,
    learned: Sequence[LabelledWeek],
    held_out: Sequence[LabelledWeek],
    *,
    made_by: str,
    who: str,
    now: datetime,
    seed: int = 0,
    progress: Progress | None = None,
    algorithms: Sequence[Algorithm] = ALGORITHMS,
) -> ModelVersion:
    """Train, judge and keep a version; whether it passed the gate stands in its card. The live version stays.

    Raises:
        TrainingDataError: the weeks do not pass the data checks.
    """
    preview_retrain(learned, held_out)
    trained = train(learned, seed, progress, algorithms)
    said, rules = predict(trained.model, held_out), rule_predictions(held_out)
    found, by_rules = evaluate(said, seed), evaluate(rules, seed)
    gate = judge(
        check_weeks(learned, held_out),
        found,
        by_rules,
        behaviour_tests(trained.model, held_out, seed),
        against_live(registry, held_out, trained.model, seed),
    )
    card = make_card(trained, learned, held_out, found, by_rules, gate)
    return registry.register(made_by, trained, card, said, rules, who, now)


def against_live(
    registry: ModelRegistry, held_out: Sequence[LabelledWeek], challenger: object, seed: int
) -> Comparison | None:
    """A trained model against the live version on the same weeks; None while the rules are live."""
    with registry.database.read() as connection:
        live = live_version(connection, registry.model).version
    if live == RULES:
        return None
    champion = predict(registry.load(registry.version(live)), held_out)
    registry.keep_predictions(live, fingerprint(held_out), champion)
    return compare(champion, predict(challenger, held_out), seed)


def preview_deploy(connection: Connection, registry: ModelRegistry, version: int, devices: int) -> SwitchPreview:
    """What deploying a version would change; `devices` is how many are scored.

    Raises:
        UnknownVersionError: there is no such version.
        GateError: it did not pass the gate, or is live already.
    """
    chosen = registry.version(version)
    live = live_version(connection, registry.model)
    if not chosen.passed:
        failed = "; ".join(f"{check.name} ({check.means})" for check in chosen.card.gate.failures)
        raise GateError(f"Version {version} did not pass the gate: {failed}.", "Train another version.")
    if live.version == version:
        raise GateError(f"Version {version} is live already.", "Nothing is to be done.")
    return _switch_preview(registry, version, live.version, live.generation, devices, "Deploy")


def preview_roll_back(connection: Connection, registry: ModelRegistry, devices: int) -> SwitchPreview:
    """What one step back would change.

    Raises:
        BadArgumentError: nothing was live before.
    """
    live = live_version(connection, registry.model)
    target = version_before(connection, registry.model)
    return _switch_preview(registry, target, live.version, live.generation, devices, "Roll back to")


def _switch_preview(
    registry: ModelRegistry, to: int, replaces: int, generation: int, devices: int, verb: str
) -> SwitchPreview:
    judged = registry.version(to or replaces).card
    found = judged.evaluation if to != RULES else judged.rules
    comparison = compare_versions(registry, replaces, to)
    return SwitchPreview(
        means=f"{verb} {name_of(to)} in place of {name_of(replaces)} for {devices} devices",
        version=to,
        replaces=replaces,
        generation=generation,
        macro_f1=found.macro_f1,
        replaced_macro_f1=judged.rules.macro_f1
        if replaces == RULES
        else registry.version(replaces).card.evaluation.macro_f1,
        comparison=comparison,
        devices=devices,
    )


def compare_versions(registry: ModelRegistry, champion: int, challenger: int) -> Comparison | None:
    """Two versions (0: the rules) on held-out weeks both were judged on, from what they said then; None without such.

    Raises:
        UnknownVersionError: there is no such version.
    """
    judged = [registry.version(one).card.judged_on for one in (challenger, champion) if one != RULES]
    for data in judged:
        first, second = registry.predictions(champion, data), registry.predictions(challenger, data)
        if first and len(first) == len(second):
            return compare(first, second)
    return None


def deploy(
    database: Database, server: ConditionServer, change: Change, at: datetime, post_check: PostCheck | None = None
) -> Switched:
    """Load and check a version beside the live one, switch, check again, and take it back where that fails.

    Raises:
        GateError: it did not pass the gate.
        ModelError: it cannot be loaded or does not score.
        StaleChangeError: the live version was changed meanwhile.
    """
    if change.version != RULES and not server.registry.version(change.version).passed:
        raise GateError(f"Version {change.version} did not pass the gate.", "Train another version.")
    before = server.live()
    server.prepare(change.version)
    # The way back is ready before it is needed.
    server.prepare(before.version)
    with database.write() as connection:
        made = switch_live(connection, change, at, server.registry.model)
    wrong = (post_check or answers)(server)
    if wrong is None:
        return Switched(made)
    return Switched(made, _take_back(database, server, made, at, wrong), wrong)


def roll_back(database: Database, server: ConditionServer, change: Change, at: datetime) -> Deployment:
    """One step back; `change.version` is the one a dry run named.

    Raises:
        StaleChangeError: the live version was changed meanwhile.
    """
    server.prepare(change.version)
    with database.write() as connection:
        return switch_live(connection, change, at, server.registry.model)


def answers(server: ConditionServer) -> str | None:
    """The usual check after a switch: the live version is ready and scores."""
    live = server.live().version
    if not server.ready(live):
        return f"{name_of(live)} is not loaded"
    server.prepare(live)
    return None


def _take_back(database: Database, server: ConditionServer, made: Deployment, at: datetime, wrong: str) -> Deployment:
    back = Change(
        version=made.replaced,
        generation=made.generation,
        kind="automatic_roll_back",
        who=made.who,
        why=f"the check after the switch failed: {wrong}",
    )
    with database.write() as connection:
        return switch_live(connection, back, at, server.registry.model)
