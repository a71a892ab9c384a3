"""Tools on the models: what answers, which versions there are, how two compare, whether data drifted, and health."""

from collections.abc import Sequence

from tools.clock import Clock
from tools.mlops.drift import DriftReport, find_drift
from tools.mlops.health import ModelHealth, check_health
from tools.mlops.reports import ModelStatus, VersionComparison, VersionList, compare_two, list_versions, model_status
from tools.mlops.serving import ConditionServer
from tools.telemetry.names import chosen_devices
from tools.telemetry.store import ReadingStore


class ModellingTools:
    """Questions about the model of the condition; deeds on it are actions that need approval."""

    def __init__(self, store: ReadingStore, clock: Clock, server: ConditionServer) -> None:
        self._store = store
        self._clock = clock
        self._server = server

    def model_status(self) -> ModelStatus:
        """Say which version of the model is live, how good it is, since when, by whom and why.

        Use for "which model is live", "is the model still good", "who deployed it", "what was live before".
        """
        return model_status(self._store.database, self._server.registry)

    def list_versions(self) -> VersionList:
        """List every trained version with its figures, whether it passed the gate, and if not why.

        Use for "which versions are there", "why did version 2 fail the gate", "what was trained last".
        """
        return list_versions(self._store.database, self._server.registry)

    def compare_versions(self, first: int, second: int | None = None) -> VersionComparison:
        """Compare two versions on the same held-out weeks, overall and by condition.

        Use for "is version 3 better than version 2", "compare the model with the rules".

        Args:
            first: Number of a version, for example 2; 0 for the rules.
            second: Number of the other, for example 3; 0 for the rules; the live one where none.
        """
        return compare_two(self._store.database, self._server.registry, first, second)

    def drift_report(self, devices: Sequence[str] | None = None, sites: Sequence[str] | None = None) -> DriftReport:
        """Say whether the data of the last week, its quality or the model's answers differ from the weeks before.

        Use for "is there drift", "has the data changed", "does the model still see what it was trained for".

        Args:
            devices: Device ids, for example ["D03"]; the whole fleet where neither is named.
            sites: Site names, for example ["Harbor"].
        """
        return find_drift(self._store, chosen_devices(self._store.fleet(), devices, sites), self._clock.now())

    def model_health(self) -> ModelHealth:
        """Check that the live model's file is intact, that it loads and answers, how fast, and how fresh its scores are.

        Use for "is the model healthy", "does the model still load", "when was the fleet last scored".
        """
        return check_health(self._store.database, self._server, self._clock.now())
