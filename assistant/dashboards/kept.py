"""Keeps results as long as what they were made from has not changed; the first who asks computes, others wait for it."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

Result = TypeVar("Result")
# Results are some kB each; more questions than this are not asked between two changes.
MOST_KEPT = 512


class KeptResults:
    """Results by question and data version. May be asked from any thread."""

    def __init__(self, most: int = MOST_KEPT) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._entries: OrderedDict[Hashable, _Entry] = OrderedDict()

    def get(self, question: Hashable, version: Hashable, make: Callable[[], Result]) -> Result:
        """The result of `make`, or the one it gave before for the same question and version."""
        with self._lock:
            entry = self._entries.setdefault(question, _Entry())
            self._entries.move_to_end(question)
            while len(self._entries) > self._most:
                self._entries.popitem(last=False)
        result: Result = entry.get(version, make)
        return result


class _Entry:
    """The newest result of one question."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._found: tuple[Hashable, Any] | None = None

    def get(self, version: Hashable, make: Callable[[], Any]) -> Any:
        with self._lock:
            if self._found is None or self._found[0] != version:
                self._found = (version, make())
            return self._found[1]
