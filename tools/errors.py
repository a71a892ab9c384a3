"""Everything that can go wrong with battery data, each error with what would work instead."""


class BatteryError(Exception):
    """An error the asker can do something about. `code` is stable; the message says what and what would work."""

    code = "battery_error"

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UnknownNameError(BatteryError):
    """A site, device, cell or field that does not exist; carries the nearest names."""

    code = "unknown_name"


class UnknownSiteError(UnknownNameError):
    """No such site."""

    code = "unknown_site"


class UnknownDeviceError(UnknownNameError):
    """No such device."""

    code = "unknown_device"


class UnknownCellError(UnknownNameError):
    """No such cell in the device."""

    code = "unknown_cell"


class UnknownFieldError(UnknownNameError):
    """No such field in a reading."""

    code = "unknown_field"


class NoDataError(BatteryError):
    """The window holds no reading; the message names the range that exists."""

    code = "no_data"


class NotEnoughDataError(BatteryError):
    """Too few readings for a judgement."""

    code = "not_enough_data"


class BadArgumentError(BatteryError):
    """Arguments that contradict each other or cannot be computed with."""

    code = "bad_argument"


class NotAllowedError(BatteryError):
    """A person's role or scope of sites does not reach that far."""

    code = "not_allowed"


class UnknownPlanError(UnknownNameError):
    """No such planned action, or one of a site the asker does not see."""

    code = "unknown_plan"


class WrongHashError(BatteryError):
    """A decision on other arguments than those that were planned."""

    code = "wrong_hash"


class PlanExpiredError(BatteryError):
    """A decision on a plan that is too old to be carried out."""

    code = "plan_expired"


class AlreadyDecidedError(BatteryError):
    """A plan that was approved, rejected or undone before."""

    code = "already_decided"


class ActionFailedError(BatteryError):
    """An approved action that could not be carried out; nothing of it was kept."""

    code = "action_failed"


class ImportFileError(BatteryError):
    """A file that cannot be imported as it is."""

    code = "bad_file"


class ManualsError(BatteryError):
    """The manuals cannot be searched as asked."""

    code = "manuals_error"


class DatabaseError(BatteryError):
    """The database cannot serve: missing, read-only, locked, full, corrupt or of another schema."""

    code = "database_error"


class DatabaseMissingError(DatabaseError):
    """There is no database yet."""

    code = "database_missing"


class DatabaseReadOnlyError(DatabaseError):
    """The database cannot be written."""

    code = "database_read_only"


class DatabaseBusyError(DatabaseError):
    """Another process holds the database longer than we wait."""

    code = "database_busy"


class DatabaseFullError(DatabaseError):
    """The disk is full; nothing of the change was kept."""

    code = "database_full"


class DatabaseCorruptError(DatabaseError):
    """The file is not a database any more."""

    code = "database_corrupt"


class DatabaseSchemaError(DatabaseError):
    """The tables are not those of this version."""

    code = "database_schema"


class ModelError(BatteryError):
    """A trained model cannot be used or changed as asked."""

    code = "model_error"


class UnknownVersionError(ModelError):
    """No such version of the model."""

    code = "unknown_version"


class UnsafeModelFileError(ModelError):
    """A model file is missing, was changed since it was written, or holds types we do not allow."""

    code = "unsafe_model_file"


class GateError(ModelError):
    """A version that did not pass the gate cannot go live."""

    code = "gate_not_passed"


class StaleChangeError(ModelError):
    """Something else has changed the live version meanwhile."""

    code = "stale_change"


class TrainingDataError(ModelError):
    """The labelled weeks are not fit to train on; the message names the checks that failed."""

    code = "training_data"


class JobsBusyError(BatteryError):
    """Another process works on the jobs of this data folder."""

    code = "jobs_busy"
