"""One attempt to get at what is not one's own, and whether it did."""

from dataclasses import dataclass

from httpx2 import Response

REFUSED = frozenset({400, 401, 403, 404})


@dataclass(frozen=True)
class Attempt:
    """What was tried, and whether something came through that should not have."""

    kind: str
    what: str
    leaked: bool


def must_be(status: int, kind: str, what: str, answer: Response) -> Attempt:
    """An attempt that is refused with exactly that status, in the form of our errors."""
    is_refused = answer.status_code == status and '"error"' in answer.text
    return Attempt(kind, f"{what} -> {answer.status_code}", not is_refused)
