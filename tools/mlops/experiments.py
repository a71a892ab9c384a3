"""The experiment log: runs, parameters, figures, cards and versions, kept with MLflow in a SQLite file of its own.

It is a record for people; what is live is decided by our own ledger alone.
"""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from tools.mlops.registry import CONDITION, ModelVersion

if TYPE_CHECKING:
    from mlflow import MlflowClient

EXPERIMENT = "condition of a device"


class ExperimentLog:
    """Runs in `mlflow.db`; MLflow is loaded when the first run is written."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def record(self, version: ModelVersion) -> str:
        """Write the run of a version, with its figures and its card; gives the id of the run."""
        client, card = self._client(), version.card
        run = client.create_run(self._experiment(client), run_name=f"version {version.version}").info.run_id
        for name, value in {
            "algorithm": card.algorithm, "seed": card.seed, "data": card.learned_from, "code": card.code,
            "weeks": card.learned_weeks, "devices": card.learned_devices, **card.parameters,
        }.items():  # fmt: skip
            client.log_param(run, name, value)
        for name, figure in self._figures(version).items():
            client.log_metric(run, name, figure)
        client.log_dict(run, card.model_dump(mode="json"), "card.json")
        self._register(client, version, run)
        client.set_terminated(run)
        return str(run)

    def runs(self) -> dict[str, dict[str, float]]:
        """The figures of every run, by its id."""
        client = self._client()
        found = client.search_runs([self._experiment(client)])
        return {run.info.run_id: dict(run.data.metrics) for run in found}

    def _client(self) -> "MlflowClient":
        # Offline means offline: it would report its use.
        os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
        from mlflow import MlflowClient  # noqa: PLC0415  slow to load, and not needed to serve

        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        address = f"sqlite:///{self._path.absolute()}"
        return MlflowClient(tracking_uri=address, registry_uri=address)

    def _experiment(self, client: "MlflowClient") -> str:
        known = client.get_experiment_by_name(EXPERIMENT)
        if known is not None:
            return str(known.experiment_id)
        folder = self._path.absolute().parent / "mlflow"
        return str(client.create_experiment(EXPERIMENT, artifact_location=folder.as_uri()))

    def _figures(self, version: ModelVersion) -> dict[str, float]:
        found = version.card.evaluation
        figures = {
            "macro_f1": found.macro_f1.value, "macro_f1_low": found.macro_f1.low, "macro_f1_high": found.macro_f1.high,
            "accuracy": found.accuracy.value, "rules_macro_f1": version.card.rules.macro_f1.value,
            "brier": found.brier, "calibration_error": found.calibration_error,
            **{f"f1_{one.condition}": one.f1 for one in found.classes},
        }  # fmt: skip
        return {name: figure for name, figure in figures.items() if figure is not None}

    def _register(self, client: "MlflowClient", version: ModelVersion, run: str) -> None:
        if not client.search_registered_models(f"name = '{CONDITION}'"):
            client.create_registered_model(CONDITION)
        # The file itself stays on our shelf, with its hash in our database.
        client.create_model_version(CONDITION, version.file, run, tags={"sha256": version.sha256})
