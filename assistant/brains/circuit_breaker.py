"""Leaves a chat model alone for a while after it has failed several times in a row."""

from collections.abc import Callable
from datetime import timedelta

# One failure may be chance, three in a row are an outage; a minute is short enough to notice that it is over.
FAILURES_IN_A_ROW = 3
REST = timedelta(minutes=1)


class CircuitBreaker:
    """Told how each try went. `seconds` is a clock that never goes back."""

    def __init__(self, seconds: Callable[[], float], rest: timedelta = REST) -> None:
        self._seconds = seconds
        self._rest = rest.total_seconds()
        self._opened: float | None = None
        self.failures = 0

    @property
    def lets_through(self) -> bool:
        """Whether the next question may try; after the rest one at a time does, to see whether the outage is over."""
        return self._opened is None or self._seconds() - self._opened >= self._rest

    def begin(self) -> None:
        """A try begins; while it runs after a rest, no other is let through."""
        if self._opened is not None:
            self._opened = self._seconds()

    def succeed(self) -> None:
        """The try went well."""
        self.failures, self._opened = 0, None

    def fail(self) -> None:
        """The try went wrong."""
        self.failures += 1
        if self.failures >= FAILURES_IN_A_ROW:
            self._opened = self._seconds()
