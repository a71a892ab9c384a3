"""Opens the audit log of a data folder. Its key is a file of its own: another AUTH_SECRET does not break the chain."""

from assistant.settings import Settings
from tools.actions.audit import AuditLog, kept_key
from tools.clock import Clock
from tools.database import Database


def open_audit(settings: Settings, database: Database, clock: Clock) -> AuditLog:
    """The log, with the key DATA_DIR/audit.key, which is made where there is none."""
    return AuditLog(database, kept_key(settings.data_dir.absolute() / "audit.key"), clock)
