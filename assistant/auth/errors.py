"""What can be wrong with a sign-in, an account or its password."""

from tools.errors import BatteryError, UnknownNameError


class NotSignedInError(BatteryError):
    """Nobody, or nobody any more: no token, or one that is forged, expired, signed out or of a disabled account."""

    code = "not_signed_in"


class WrongPasswordError(BatteryError):
    """The sign-in failed; which of name, password and lock was the reason is not told."""

    code = "wrong_password"


class TooManyRequestsError(BatteryError):
    """More than the rate allows; there is room again after `retry_after_s` seconds."""

    code = "too_many_requests"

    def __init__(self, message: str, *, retry_after_s: int) -> None:
        super().__init__(message, f"Try again in {retry_after_s} s.")
        self.retry_after_s = retry_after_s


class NoSignInError(BatteryError):
    """There is nothing to sign in to: the server runs for the local user alone."""

    code = "no_sign_in"


class AuthSecretError(BatteryError):
    """The secret that signs tokens is too short to keep anybody out."""

    code = "bad_secret"


class AccountError(BatteryError):
    """An account that cannot be made or changed like that."""

    code = "bad_account"


class UnknownAccountError(UnknownNameError):
    """No account of that name."""

    code = "unknown_account"
