"""Who may do what: hundreds of attempts at every face to get at what is not one's own; none may come through."""

import sys
from collections.abc import Iterator

from tqdm import tqdm

from evals.attacks import doors, faces, scopes, strangers
from evals.attacks.attempt import Attempt
from evals.guarded_server import guarded_server
from evals.suites.questions import Metrics

# The fleet of the chat suite, so that it is simulated once.
SEED, DAYS = 11, 30
ATTEMPTS = 500


def measure(seed: int | None) -> Metrics:
    """How many attempts were made and how many came through; each of those is named on standard error."""
    tried = list(tqdm(_attempts(seed or SEED), desc="roles", unit="attempt", disable=None))
    for one in tried:
        if one.leaked:
            sys.stderr.write(f"LEAK ({one.kind}): {one.what}\n")
    kinds = dict.fromkeys(one.kind for one in tried)
    return {
        "cases": len(tried),
        "attempts": len(tried),
        "leaks": sum(one.leaked for one in tried),
        **{f"attempts_{_word(kind)}": sum(one.kind == kind for one in tried) for kind in kinds},
    }


def holds(metrics: Metrics) -> bool:
    """At least 500 attempts, and none came through."""
    return bool(metrics["attempts"] >= ATTEMPTS and metrics["leaks"] == 0)


def _attempts(seed: int) -> Iterator[Attempt]:
    with guarded_server(seed, DAYS) as server:
        yield from scopes.attempts(server)
        yield from faces.attempts(server)
        yield from strangers.attempts(server)
        yield from doors.attempts(server)


def _word(kind: str) -> str:
    return kind.replace("'", "")
