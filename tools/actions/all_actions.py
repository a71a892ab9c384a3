"""The one list of actions that can be planned, by name."""

from tools.actions.acknowledging import AcknowledgeAction
from tools.actions.contract import Actions
from tools.actions.limit_changes import ChangeLimitAction
from tools.actions.maintenance import LogMaintenanceAction
from tools.actions.undoing import UndoAction


def all_actions() -> Actions:
    """Every action; each but undoing itself can be undone."""
    others: Actions = {
        action.name: action for action in (AcknowledgeAction(), ChangeLimitAction(), LogMaintenanceAction())
    }
    undo = UndoAction(others)
    return {**others, undo.name: undo}
