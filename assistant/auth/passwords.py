"""Passwords: hashed with argon2, compared in the same time whether the account exists or not."""

import secrets
import threading
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from assistant.auth.errors import AccountError

SHORTEST, LONGEST = 12, 200
# OWASP's password storage cheat sheet: argon2id with 19 MiB, 2 passes and one lane.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
# Each comparison takes its memory and a core for as long as it runs, and anybody may ask for one.
_COMPARED_AT_ONCE = threading.BoundedSemaphore(2)


def hash_password(password: str) -> str:
    """What is stored of a password.

    Raises:
        AccountError: it is too short, or longer than anybody types.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise AccountError(
            f"The password has {len(password)} characters.", f"Take {SHORTEST} to {LONGEST}; a few words do well."
        )
    return _HASHER.hash(password)


def is_password(stored: str | None, password: str) -> bool:
    """Whether a password is the stored one; without a stored one it takes as long to say no."""
    with _COMPARED_AT_ONCE:
        try:
            return _HASHER.verify(stored or _nobodys(), password[: LONGEST + 1]) and stored is not None
        except (VerificationError, InvalidHashError):
            return False


@cache
def _nobodys() -> str:
    """The hash of a password nobody knows."""
    return _HASHER.hash(secrets.token_hex(16))
