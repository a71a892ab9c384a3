"""How much each person, and each address that tries to sign in, may ask for in a while."""

import time
from collections.abc import Mapping
from typing import Literal

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from assistant.auth.errors import TooManyRequestsError

Kind = Literal["questions", "requests", "sign_ins"]
_WORDS: dict[Kind, str] = {"questions": "questions", "requests": "requests", "sign_ins": "tries to sign in"}


class Allowances:
    """Counts what was spent; a kind without a rate is free."""

    def __init__(self, rates: Mapping[Kind, str]) -> None:
        self._rates: dict[Kind, RateLimitItem] = {kind: parse(rate) for kind, rate in rates.items()}
        self._spent = MovingWindowRateLimiter(MemoryStorage())

    def spend(self, kind: Kind, who: str) -> None:
        """Count one more for that person or address.

        Raises:
            TooManyRequestsError: that would be more than the rate; says when there is room again.
        """
        rate = self._rates.get(kind)
        if rate is None or self._spent.hit(rate, kind, who):
            return
        room_at = self._spent.get_window_stats(rate, kind, who).reset_time
        raise TooManyRequestsError(
            f"That was more than {rate.amount} {_WORDS[kind]} in {rate.multiples} {rate.GRANULARITY.name}.",
            retry_after_s=max(1, round(room_at - time.time())),
        )
