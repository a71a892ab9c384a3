"""Lets one process at a time write the index; a second one waits a while, then says that it is busy."""

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from knowledge.errors import IndexBusyError

_LOOK_AGAIN = 0.1


@contextmanager
def writing(lock: Path, patience: float) -> Iterator[None]:
    """Hold the lock file; the system lets go of it when the process ends, however it ends. `patience` in seconds.

    Raises:
        IndexBusyError: another process, or another thread of this one, held it all the while.
    """
    lock.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    end = time.monotonic() + patience
    with lock.open("a") as file:
        while not _is_taken(file.fileno()):
            if time.monotonic() >= end:
                raise IndexBusyError(
                    "The documents are being indexed by somebody else just now.", "Try again in a minute."
                )
            time.sleep(_LOOK_AGAIN)
        yield


def _is_taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
