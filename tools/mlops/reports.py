"""What one may ask of the models: the live one, all versions, and two of them side by side, as results of tools."""

from collections.abc import Sequence

from tools.clock import Utc
from tools.database import Database
from tools.errors import BadArgumentError
from tools.mlops.conditions import Condition
from tools.mlops.deployment import Deployment, deployments, live_version, name_of
from tools.mlops.evaluation import Evaluation, Interval, evaluate
from tools.mlops.lifecycle import compare_versions
from tools.mlops.registry import RULES, ModelRegistry, ModelVersion
from tools.mlops.trials import running_trial, trial_state
from tools.quantity import Frozen, Quantity, Statistic

INTERVAL_CONFIDENCE = Quantity(value=95.0, unit="%", statistic="probability", field="confidence")
_HISTORY = 10


class Figures(Frozen):
    """Quality on held-out weeks: macro F1 with its 95 % interval, and of how many weeks."""

    macro_f1: Quantity
    low: Quantity
    high: Quantity


class VersionLine(Frozen):
    """One version in a list."""

    name: str
    created: Utc
    created_by: str
    means: str
    is_live: bool
    passed_gate: bool
    figures: Figures
    rules: Figures
    # Why it failed the gate.
    why: str | None = None


class VersionList(Frozen):
    """Every version that was trained, newest first."""

    live: str
    means: str
    versions: tuple[VersionLine, ...]
    count: Quantity
    confidence: Quantity = INTERVAL_CONFIDENCE


class LiveChange(Frozen):
    """One change of the live version."""

    name: str
    replaced: str
    kind: str
    means: str
    at: Utc
    who: str
    why: str


class TrialLine(Frozen):
    """The trial that runs, and how it stands."""

    name: str
    means: str


class ModelStatus(Frozen):
    """The live version, how good it was on held-out weeks, and how it came to be live."""

    live: str
    means: str
    figures: Figures | None = None
    rules: Figures | None = None
    # What it must not be used for, and where it is weak.
    note: str | None = None
    history: tuple[LiveChange, ...]
    changes: Quantity
    trial: TrialLine | None = None
    confidence: Quantity = INTERVAL_CONFIDENCE


class ConditionPair(Frozen):
    """F1 of one condition by each of the two."""

    condition: Condition
    first: Quantity
    second: Quantity


class VersionComparison(Frozen):
    """Two versions on the same held-out weeks; `difference` is the second minus the first."""

    first: str
    second: str
    first_f1: Quantity
    second_f1: Quantity
    difference: Quantity
    low: Quantity
    high: Quantity
    weeks: Quantity
    devices: Quantity
    conditions: tuple[ConditionPair, ...]
    means: str
    confidence: Quantity = INTERVAL_CONFIDENCE


def model_status(database: Database, registry: ModelRegistry) -> ModelStatus:
    """What answers now, and how good it is; the rules until a version passed the gate and was deployed."""
    with database.read() as connection:
        live = live_version(connection, registry.model)
        history = deployments(connection, registry.model)
        trial = running_trial(connection, registry.model)
        state = None if trial is None else trial_state(connection, trial.trial_id)
    chosen = None if live.version == RULES else registry.version(live.version)
    return ModelStatus(
        live=name_of(live.version),
        means=_status_words(chosen),
        figures=None if chosen is None else _figures(name_of(live.version), chosen.card.evaluation),
        rules=None if chosen is None else _figures(name_of(RULES), chosen.card.rules),
        note=None if chosen is None else " ".join([*chosen.card.limits, *map(_sentence, chosen.card.weaknesses)]),
        history=tuple(_change(one) for one in history[:_HISTORY]),
        changes=Quantity(value=live.generation, statistic="count", field="changes of the live version"),
        trial=None
        if state is None
        else TrialLine(
            name=name_of(state.trial.challenger),
            means=f"{name_of(state.trial.challenger)} is on trial: {state.means}",
        ),
    )


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _status_words(chosen: ModelVersion | None) -> str:
    if chosen is None:
        return "no trained version is live, so the rules of the anomaly detection name the condition"
    return _version_words(chosen)


def _version_words(version: ModelVersion) -> str:
    return (
        f"{name_of(version.version)} is a {version.algorithm.replace('_', ' ')} model, trained on "
        f"{version.card.learned_weeks} labelled weeks of {version.card.learned_devices} devices"
    )


def _change(one: Deployment) -> LiveChange:
    return LiveChange(
        name=name_of(one.version),
        replaced=name_of(one.replaced),
        kind=one.kind.replace("_", " "),
        means=f"{name_of(one.version)} in place of {name_of(one.replaced)}",
        at=one.at,
        who=one.who,
        why=one.why,
    )


def list_versions(database: Database, registry: ModelRegistry) -> VersionList:
    """Every version with its figures, and of those that failed the gate why."""
    with database.read() as connection:
        live = live_version(connection, registry.model).version
    versions = registry.versions()
    return VersionList(
        live=name_of(live),
        means=f"{name_of(live)} is live" if live else "the rules are live",
        versions=tuple(
            VersionLine(
                name=name_of(one.version),
                created=one.created,
                created_by=one.created_by,
                means=_version_words(one),
                is_live=one.version == live,
                passed_gate=one.passed,
                figures=_figures(name_of(one.version), one.card.evaluation),
                rules=_figures(name_of(RULES), one.card.rules),
                why="; ".join(f"{check.name}: {check.means}" for check in one.card.gate.failures) or None,
            )
            for one in versions
        ),
        count=Quantity(value=len(versions), statistic="count", field="versions"),
    )


def compare_two(database: Database, registry: ModelRegistry, first: int, second: int | None) -> VersionComparison:
    """Two versions (0: the rules) side by side, from what they said of the same weeks; the live one where none is named.

    Raises:
        BadArgumentError: they are the same, or were never judged on the same weeks.
        UnknownVersionError: there is no such version.
    """
    if second is None:
        with database.read() as connection:
            second = live_version(connection, registry.model).version
    if first == second:
        raise BadArgumentError(f"That is {name_of(first)} twice.", "Name two versions, 0 for the rules.")
    found = compare_versions(registry, first, second)
    data = _common_weeks(registry, first, second)
    if found is None or data is None:
        raise BadArgumentError(
            f"{name_of(first).capitalize()} and {name_of(second)} were never judged on the same weeks.",
            "Retrain; a new version is compared with the live one.",
        )
    names = (name_of(first), name_of(second))
    sides = [evaluate(registry.predictions(one, data)) for one in (first, second)]
    difference = found.difference
    return VersionComparison(
        first=names[0],
        second=names[1],
        first_f1=_figure(found.champion_f1, "score", names[0], found.weeks),
        second_f1=_figure(found.challenger_f1, "score", names[1], found.weeks),
        difference=_figure(difference.value, "difference", "macro F1", found.weeks),
        low=_figure(difference.low, "interval_low", "macro F1", found.weeks),
        high=_figure(difference.high, "interval_high", "macro F1", found.weeks),
        weeks=_figure(found.weeks, "count", "weeks judged"),
        devices=_figure(found.devices, "count", "devices judged"),
        conditions=tuple(_pairs(sides, names)),
        means=_comparison_words(names, difference),
    )


def _common_weeks(registry: ModelRegistry, first: int, second: int) -> str | None:
    judged = [registry.version(one).card.judged_on for one in (second, first) if one != RULES]
    return next((data for data in judged if all(registry.predictions(one, data) for one in (first, second))), None)


def _comparison_words(names: tuple[str, str], difference: Interval) -> str:
    if difference.low > 0:
        return f"{names[1]} is better than {names[0]}"
    if difference.high < 0:
        return f"{names[1]} is worse than {names[0]}"
    return "the difference may be chance"


def _pairs(sides: Sequence[Evaluation], names: tuple[str, str]) -> list[ConditionPair]:
    second = {one.condition: one for one in sides[1].classes}
    return [
        ConditionPair(
            condition=one.condition,
            first=_figure(one.f1, "score", f"{names[0]}, {one.condition}", one.weeks),
            second=_figure(second[one.condition].f1, "score", f"{names[1]}, {one.condition}", one.weeks),
        )
        for one in sides[0].classes
    ]


def _figures(name: str, found: Evaluation) -> Figures:
    return Figures(
        macro_f1=_figure(found.macro_f1.value, "score", f"macro F1 of {name}", found.weeks),
        low=_figure(found.macro_f1.low, "interval_low", f"macro F1 of {name}", found.weeks),
        high=_figure(found.macro_f1.high, "interval_high", f"macro F1 of {name}", found.weeks),
    )


def _figure(value: float, statistic: Statistic, field: str, rows: int | None = None) -> Quantity:
    return Quantity(value=round(value, 3), statistic=statistic, field=field, rows=rows)
