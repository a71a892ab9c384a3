"""Takes secrets out of what is written down: keys, tokens and passwords, wherever in a text they stand."""

import re
from collections.abc import Mapping, Sequence

from structlog.typing import EventDict, Processor, WrappedLogger

HIDDEN = "[secret]"
# A fact of a log line under one of these names is a secret whatever it looks like.
_SECRET_NAMES = re.compile(r"passw|secret|token$|authorization|cookie|api_?key|credential", re.IGNORECASE)
_SECRETS = re.compile(
    r"""
    \beyJ[\w-]{8,}\.[\w-]{4,}\.[\w-]*                    # a JSON web token
    | \b(?:sk|pk|rk)[-_][A-Za-z0-9_-]{16,}                # a key of a chat model's service
    | (?<=Bearer[ ])[\w.~+/=-]{8,}
    | (?<=://)[^\s:/@]+:[^\s/@]+(?=@)                     # name and password in an address
    | (?<=battery_session=)[^\s;]+
    | -----BEGIN[ ][A-Z ]*PRIVATE[ ]KEY-----[\s\S]*?(?:-----END[ ][A-Z ]*PRIVATE[ ]KEY-----|$)
    """,
    re.VERBOSE,
)


def redacted(text: str, known: Sequence[str] = ()) -> str:
    """The text without secrets: those that look like one, and those that are known."""
    for secret in known:
        text = text.replace(secret, HIDDEN)
    return _SECRETS.sub(HIDDEN, text)


def redacting(known: Sequence[str]) -> Processor:
    """A step of the logs that hides secrets in names and values of every line, nested ones too."""

    def hide(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
        return {name: _hidden(name, value, known) for name, value in event.items()}

    return hide


def _hidden(name: str, value: object, known: Sequence[str]) -> object:
    if _SECRET_NAMES.search(name) and value is not None:
        return HIDDEN
    if isinstance(value, str):
        return redacted(value, known)
    if isinstance(value, Mapping):
        return {str(key): _hidden(str(key), one, known) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_hidden("", one, known) for one in value]
    return value
