"""Models of a test that has none: the rules are live."""

from pathlib import Path

from tools.database import Database
from tools.mlops.registry import ModelRegistry
from tools.mlops.serving import ConditionServer


def no_models(database: Database) -> ConditionServer:
    """No version was ever trained."""
    return ConditionServer(database, ModelRegistry(database, Path("no-models")))
