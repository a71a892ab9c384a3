"""Scores device-weeks with the live version: the old one stays loaded beside the new, so that a switch is instant."""

import json
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

import numpy as np
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from tools.analytics.anomalies import device_anomalies
from tools.analytics.device_history import DeviceHistory, read_history
from tools.clock import Utc
from tools.database import Database
from tools.errors import ModelError
from tools.mlops.candidates import Classifier
from tools.mlops.conditions import CONDITIONS, Condition, condition_by_rules
from tools.mlops.deployment import Live, live_version
from tools.mlops.features import HISTORY, NAMES, WEEK, features_of
from tools.mlops.registry import RULES, ModelRegistry
from tools.mlops.schema import condition_scores
from tools.mlops.training import probabilities_of
from tools.quantity import Frozen
from tools.telemetry.fleet import Device
from tools.telemetry.store import ReadingStore

# More than that and a score would hold up whoever asked.
MOST_LATENCY_MS = 500.0
PROBES = 3


class ConditionScore(Frozen):
    """What a version said of a device's week; `probability` is its own, None for the rules."""

    device_id: str
    end: Utc
    version: int
    said: Condition
    probability: float | None = None
    probabilities: tuple[float, ...] | None = None
    latency_ms: float


@dataclass(frozen=True)
class WeekToScore:
    """A device's week, read once for however many versions score it."""

    history: DeviceHistory
    end: datetime
    features: Mapping[str, float]

    @property
    def row(self) -> np.ndarray:
        return np.array([[self.features[name] for name in NAMES]], dtype=float)


class ConditionServer:
    """Holds loaded models by version. Which of them answers is read from the ledger for every score."""

    def __init__(self, database: Database, registry: ModelRegistry) -> None:
        self._database = database
        self._registry = registry
        self._loaded: dict[int, Classifier] = {}
        self._lock = Lock()

    @property
    def registry(self) -> ModelRegistry:
        return self._registry

    def live(self) -> Live:
        """Which version answers now."""
        with self._database.read() as connection:
            return live_version(connection, self._registry.model)

    def ready(self, version: int) -> bool:
        """Whether a version could answer at once."""
        return version == RULES or version in self._loaded

    def prepare(self, version: int) -> float:
        """Load a version beside the live one and let it score an empty week; gives the latency of a score in ms.

        Raises:
            ModelError: its file is not safe, or it does not give a probability for every condition, or is too slow.
        """
        if version == RULES:
            return 0.0
        model = self._model(version)
        probe = np.full((1, len(NAMES)), np.nan)
        self._checked(version, model, probe)
        # The quickest of some: the others waited for the machine, not for the model.
        latency_ms = min(self._timed(version, model, probe) for _ in range(PROBES))
        if latency_ms > MOST_LATENCY_MS:
            raise ModelError(
                f"Version {version} takes {latency_ms:.0f} ms for a score, at most {MOST_LATENCY_MS:.0f} are allowed.",
                "Try again when the machine is less busy, or train a smaller model.",
            )
        return latency_ms

    def score(self, week: WeekToScore, version: int) -> ConditionScore:
        """What a version says of a week."""
        begin = time.perf_counter()
        device_id = week.history.device.device_id
        if version == RULES:
            said = condition_by_rules(device_anomalies(week.history), week.end - WEEK)
            latency_ms = 1000 * (time.perf_counter() - begin)
            return ConditionScore(
                device_id=device_id, end=week.end, version=version, said=said, latency_ms=round(latency_ms, 3)
            )
        row = self._checked(version, self._model(version), week.row)
        place = int(row.argmax())
        return ConditionScore(
            device_id=device_id,
            end=week.end,
            version=version,
            said=CONDITIONS[place],
            probability=float(row[place]),
            probabilities=tuple(float(value) for value in row),
            latency_ms=round(1000 * (time.perf_counter() - begin), 3),
        )

    def _timed(self, version: int, model: Classifier, row: np.ndarray) -> float:
        begin = time.perf_counter()
        self._checked(version, model, row)
        return 1000 * (time.perf_counter() - begin)

    def _model(self, version: int) -> Classifier:
        model = self._loaded.get(version)
        if model is None:
            with self._lock:
                model = self._loaded.get(version)
                if model is None:
                    model = self._loaded[version] = self._registry.load(self._registry.version(version))
        return model

    def _checked(self, version: int, model: Classifier, row: np.ndarray) -> np.ndarray:
        found: np.ndarray = probabilities_of(model, row)[0]
        if not np.isfinite(found).all() or abs(float(found.sum()) - 1) > 1e-6:
            raise ModelError(f"Version {version} gives no probabilities.", "Roll back, or train the model again.")
        return found


def week_to_score(store: ReadingStore, device: Device, end: datetime) -> WeekToScore:
    """A device's week up to `end` and the weeks before it.

    Raises:
        NotEnoughDataError: the device has too few days of readings.
    """
    history = read_history(store, device, end - HISTORY, end)
    return WeekToScore(history, end, features_of(history, end))


def keep_scores(
    connection: Connection,
    week: WeekToScore,
    scores: Sequence[ConditionScore],
    answer: int,
    now: datetime,
    model: str,
) -> None:
    """Keep what was said of a week; scoring it again by the same version replaces what it said before."""
    table = condition_scores.c
    features = json.dumps({name: value if math.isfinite(value) else None for name, value in week.features.items()})
    for score in scores:
        connection.execute(
            sa.delete(condition_scores).where(
                table.model == model,
                table.version == score.version,
                table.device_id == score.device_id,
                table.end_utc == score.end,
            )
        )
        connection.execute(
            sa.insert(condition_scores).values(
                model=model,
                version=score.version,
                device_id=score.device_id,
                end_utc=score.end,
                scored_utc=now,
                said=score.said,
                probabilities_json=None if score.probabilities is None else json.dumps(score.probabilities),
                features_json=features,
                is_answer=score.version == answer,
                latency_ms=score.latency_ms,
            )
        )
