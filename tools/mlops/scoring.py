"""Scores devices, one or the whole fleet: the live version answers, a trial's challenger where the device is in it."""

from collections.abc import Sequence
from datetime import datetime

from tools.database import Database
from tools.errors import NotEnoughDataError
from tools.mlops.conditions import MEANS, Condition
from tools.mlops.deployment import name_of
from tools.mlops.features import WEEK
from tools.mlops.serving import ConditionScore, ConditionServer, keep_scores, week_to_score
from tools.mlops.trials import answering, running_trial
from tools.quantity import Asked, Frozen, Quantity, Window
from tools.telemetry.fleet import Device
from tools.telemetry.store import ReadingStore


class ConditionAnswer(Frozen):
    """The condition of one device over its newest week, and which version says so."""

    device_id: str
    site_id: str
    condition: Condition
    means: str
    probability: Quantity
    by: str


class ConditionReport(Frozen):
    """The condition of every device asked about; and which could not be judged, with why."""

    asked: Asked
    devices: tuple[ConditionAnswer, ...]
    not_judged: tuple[str, ...] = ()
    why_not: str | None = None


def score_fleet(
    database: Database, server: ConditionServer, devices: Sequence[Device], end: datetime, now: datetime
) -> ConditionReport:
    """Score the week up to `end` of these devices and keep what was said.

    Raises:
        NotEnoughDataError: none of them has enough days of readings.
    """
    store, found, missing, why = ReadingStore(database), [], [], None
    for device in devices:
        try:
            score = score_device(database, server, store, device, end, now)
        except NotEnoughDataError as error:
            missing.append(device.device_id)
            why = error.message
            continue
        found.append(_answer(device, score))
    if not found:
        raise NotEnoughDataError(why or "There is no device to score.", "Import more days of readings.")
    window = Window(start=min(one.probability.window.start for one in found if one.probability.window), end=end)
    return ConditionReport(
        asked=Asked(devices=tuple(device.device_id for device in devices), window=window),
        devices=tuple(found),
        not_judged=tuple(missing),
        why_not=why,
    )


def score_device(
    database: Database, server: ConditionServer, store: ReadingStore, device: Device, end: datetime, now: datetime
) -> ConditionScore:
    """The answer for one device; in a trial both versions speak, and both are kept."""
    model = server.registry.model
    week = week_to_score(store, device, end)
    live = server.live()
    with database.read() as connection:
        trial = running_trial(connection, model)
    versions, answer = [live.version], live.version
    if trial is not None and trial.champion == live.version:
        versions = [trial.champion, trial.challenger]
        answer = answering(trial, device.device_id)
    scores = [server.score(week, version) for version in versions]
    with database.write() as connection:
        keep_scores(connection, week, scores, answer, now, model)
    return next(score for score in scores if score.version == answer)


def _answer(device: Device, score: ConditionScore) -> ConditionAnswer:
    window = Window(start=score.end - WEEK, end=score.end)
    return ConditionAnswer(
        device_id=device.device_id,
        site_id=device.site_id,
        condition=score.said,
        means=MEANS[score.said],
        probability=Quantity(
            value=None if score.probability is None else round(100 * score.probability, 1),
            unit="%",
            statistic="probability",
            field=score.said,
            device_id=device.device_id,
            site_id=device.site_id,
            window=window,
        ),
        by=name_of(score.version),
    )
