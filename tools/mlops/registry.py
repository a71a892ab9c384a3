"""The shelf of versions: each with its card, its file, and what it said of held-out weeks, from which all figures come."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from tools.clock import Utc
from tools.database import Database
from tools.errors import UnknownVersionError
from tools.mlops.candidates import Algorithm, Classifier
from tools.mlops.card import ModelCard
from tools.mlops.evaluation import Prediction
from tools.mlops.files import read_model, write_model
from tools.mlops.schema import model_predictions, model_versions
from tools.mlops.training import Trained
from tools.quantity import Frozen

CONDITION = "condition"
# The rules of the analytics: always there, always allowed to be live.
RULES = 0


class ModelVersion(Frozen):
    """One version of the model of the condition."""

    version: int
    created: Utc
    created_by: str
    algorithm: Algorithm
    file: str
    sha256: str
    passed: bool
    card: ModelCard
    run_id: str | None = None


class ModelRegistry:
    """Versions in the database, their files in a folder."""

    def __init__(self, database: Database, folder: Path, model: str = CONDITION) -> None:
        self.database = database
        self.model = model
        self._folder = folder

    def register(
        self,
        made_by: str,
        trained: Trained,
        card: ModelCard,
        predictions: Sequence[Prediction],
        rules: Sequence[Prediction],
        who: str,
        now: datetime,
    ) -> ModelVersion:
        """Keep a version; work that is done again under the same name keeps the first one."""
        known = self._made_by(made_by)
        if known is not None:
            return known
        file = f"{self.model}-{made_by}.skops"
        sha256 = write_model(trained.model, self._folder / file)
        with self.database.write() as connection:
            number = 1 + (self._newest(connection) or 0)
            connection.execute(
                sa.insert(model_versions).values(
                    model=self.model,
                    version=number,
                    created_utc=now,
                    created_by=who,
                    made_by=made_by,
                    algorithm=trained.algorithm,
                    file=file,
                    sha256=sha256,
                    passed=card.gate.passed,
                    card_json=card.model_dump_json(),
                )
            )
            self._keep(connection, number, card.judged_on, predictions)
            # The same weeks by the rules, for the comparison; they may be there from another version.
            self._keep(connection, RULES, card.judged_on, rules)
        return self.version(number)

    def note_run(self, version: int, run_id: str) -> None:
        """Note the run of the experiment log that belongs to a version."""
        table = model_versions.c
        with self.database.write() as connection:
            connection.execute(
                sa.update(model_versions)
                .where(table.model == self.model, table.version == version)
                .values(run_id=run_id)
            )

    def versions(self) -> tuple[ModelVersion, ...]:
        """All versions, newest first."""
        table = model_versions.c
        query = sa.select(model_versions).where(table.model == self.model).order_by(table.version.desc())
        with self.database.read() as connection:
            return tuple(_version(row) for row in connection.execute(query).mappings())

    def version(self, number: int) -> ModelVersion:
        """One version.

        Raises:
            UnknownVersionError: there is no such version.
        """
        table = model_versions.c
        query = sa.select(model_versions).where(table.model == self.model, table.version == number)
        with self.database.read() as connection:
            row = connection.execute(query).mappings().one_or_none()
            newest = self._newest(connection)
        if row is None:
            known = f"Versions are 1 to {newest}." if newest else "No version has been trained yet."
            raise UnknownVersionError(f"There is no version {number} of the {self.model} model.", known)
        return _version(row)

    def load(self, version: ModelVersion) -> Classifier:
        """The trained model of a version.

        Raises:
            UnsafeModelFileError: its file is missing, was changed, or holds types that are not allowed.
        """
        return read_model(self.path(version), version.sha256)

    def path(self, version: ModelVersion) -> Path:
        """Where the file of a version lies."""
        return self._folder / version.file

    def predictions(self, version: int, data: str) -> list[Prediction]:
        """What a version (0: the rules) said of the labelled weeks with this fingerprint; empty if never asked."""
        table = model_predictions.c
        query = (
            sa.select(model_predictions)
            .where(table.model == self.model, table.version == version, table.data == data)
            .order_by(table.device_id, table.end_utc)
        )
        with self.database.read() as connection:
            return [_prediction(row) for row in connection.execute(query).mappings()]

    def keep_predictions(self, version: int, data: str, predictions: Sequence[Prediction]) -> None:
        """Keep what a version said of other labelled weeks."""
        with self.database.write() as connection:
            self._keep(connection, version, data, predictions)

    def _keep(self, connection: Connection, version: int, data: str, predictions: Sequence[Prediction]) -> None:
        table = model_predictions.c
        connection.execute(
            sa.delete(model_predictions).where(
                table.model == self.model, table.version == version, table.data == data
            )
        )
        if predictions:
            connection.execute(
                sa.insert(model_predictions), [_row(self.model, version, data, one) for one in predictions]
            )

    def _newest(self, connection: Connection) -> int | None:
        table = model_versions.c
        newest = connection.scalar(sa.select(sa.func.max(table.version)).where(table.model == self.model))
        return None if newest is None else int(newest)

    def _made_by(self, made_by: str) -> ModelVersion | None:
        query = sa.select(model_versions).where(model_versions.c.made_by == made_by)
        with self.database.read() as connection:
            row = connection.execute(query).mappings().one_or_none()
        return None if row is None else _version(row)


def _version(row: Mapping[str, Any] | sa.RowMapping) -> ModelVersion:
    return ModelVersion(
        version=row["version"],
        created=row["created_utc"],
        created_by=row["created_by"],
        algorithm=row["algorithm"],
        file=row["file"],
        sha256=row["sha256"],
        passed=row["passed"],
        card=ModelCard.model_validate_json(row["card_json"]),
        run_id=row["run_id"],
    )


def _row(model: str, version: int, data: str, one: Prediction) -> dict[str, object]:
    facts = asdict(one)
    probabilities = facts.pop("probabilities")
    return facts | {
        "model": model,
        "version": version,
        "data": data,
        "end_utc": facts.pop("end"),
        "probabilities_json": None if probabilities is None else json.dumps(probabilities),
    }


def _prediction(row: Mapping[str, Any] | sa.RowMapping) -> Prediction:
    stored = row["probabilities_json"]
    return Prediction(
        device_id=row["device_id"],
        site_id=row["site_id"],
        end=row["end_utc"],
        truth=row["truth"],
        said=row["said"],
        probabilities=None if stored is None else tuple(json.loads(stored)),
        battery_model=row["battery_model"],
        age_years=row["age_years"],
        kind=row["kind"],
        strength=row["strength"],
    )
