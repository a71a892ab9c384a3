"""How long and how much the server grants before it says no with a plain sentence."""

from dataclasses import dataclass
from datetime import timedelta

LARGEST_BODY = 64 * 1024
# A row with every field is 1.7 kB of JSON.
LARGEST_BATCH = 10 * 1024 * 1024
MOST_ROWS = 5000
# Clients of /v1 send the whole conversation each time.
LARGEST_CONVERSATION = 512 * 1024
CONVERSATIONS_LISTED = 50


@dataclass(frozen=True)
class Budgets:
    """What one server grants; tests hand in smaller ones."""

    # A first start takes longer than a client waits; a later one is through in this time.
    wait_for_start: timedelta = timedelta(seconds=20)
    turns_at_once: int = 16
    streams_at_once: int = 64
    live_every: timedelta = timedelta(seconds=5)
    # How often a stream of live data looks for something new.
    look_every: timedelta = timedelta(seconds=1)
