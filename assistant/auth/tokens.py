"""Tokens: who has signed in, signed with AUTH_SECRET. A token says a name, never a role."""

import uuid
from datetime import UTC, datetime, timedelta

import jwt
from jwt.types import Options
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from assistant.auth.errors import AuthSecretError, NotSignedInError
from tools.clock import Clock

LIFETIME = timedelta(hours=12)
SHORTEST_SECRET = 32
_ALGORITHM = "HS256"
# PyJWT would look at the wall clock; ours is handed in.
_READING: Options = {"verify_exp": False, "verify_iat": False, "verify_nbf": False}


class Claims(BaseModel):
    """What a token says."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True, populate_by_name=True)

    name: str = Field(alias="sub")
    token_id: str = Field(alias="jti", min_length=1)
    epoch: int
    expires_s: int = Field(alias="exp", ge=0, le=32_503_680_000)

    @property
    def expires(self) -> datetime:
        """When it ends by itself."""
        return datetime.fromtimestamp(self.expires_s, UTC)


class Tokens:
    """Signs tokens and reads them again."""

    def __init__(self, secret: SecretStr, clock: Clock) -> None:
        self._key = checked_secret(secret)
        self._clock = clock

    def issue(self, name: str, epoch: int) -> tuple[str, Claims]:
        """A token for that person, good for 12 hours, and what it says."""
        ends = self._clock.now() + LIFETIME
        claims = Claims(name=name, token_id=uuid.uuid4().hex, epoch=epoch, expires_s=int(ends.timestamp()))
        return jwt.encode(claims.model_dump(by_alias=True), self._key, _ALGORITHM), claims

    def read(self, token: str) -> Claims:
        """What a token says.

        Raises:
            NotSignedInError: it is not one of ours, or its time is over.
        """
        try:
            claims = Claims.model_validate(jwt.decode(token, self._key, [_ALGORITHM], options=_READING))
        except (jwt.InvalidTokenError, ValidationError, UnicodeEncodeError) as error:
            raise NotSignedInError("The token is not one of this server.", "Sign in again.") from error
        if claims.expires <= self._clock.now():
            raise NotSignedInError("The sign-in has expired.", "Sign in again.")
        return claims


def checked_secret(secret: SecretStr) -> bytes:
    """The key in a secret.

    Raises:
        AuthSecretError: it is shorter than the hash, so that it could be guessed.
    """
    key = secret.get_secret_value().encode()
    if len(key) < SHORTEST_SECRET:
        raise AuthSecretError(
            f"AUTH_SECRET has {len(key)} bytes; it needs at least {SHORTEST_SECRET}.",
            'Make one with python -c "import secrets; print(secrets.token_urlsafe(48))".',
        )
    return key
