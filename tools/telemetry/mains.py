"""When the grid of a site fails, sags or loses a phase: the same calendar for the same seed, however often asked."""

import zlib
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import numpy as np

from tools.telemetry.reading import MainsState
from tools.telemetry.simulated_fleet import SimulatedSite

EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
BLOCK = timedelta(days=10)
MONTH = timedelta(days=30)
PHASE_LOSSES_PER_MONTH = 0.2
LONGEST_OUTAGE_H = 8.0
GENERATOR_FAILS_TO_START = 0.1


class MainsEvent(NamedTuple):
    """A stretch of time in which the mains is not as it should be."""

    start: datetime
    end: datetime
    state: MainsState


class MainsCalendar:
    """All disturbances of one site, made ten days at a time."""

    def __init__(self, site: SimulatedSite, seed: int) -> None:
        self._site = site
        self._seed = seed
        self._blocks: dict[int, list[MainsEvent]] = {}

    def state_at(self, moment: datetime) -> MainsState:
        """State of the mains at a moment."""
        for event in self._near(moment):
            if event.start <= moment < event.end:
                return event.state
        return "ok"

    def changes_between(self, start: datetime, end: datetime) -> list[datetime]:
        """Moments strictly between two moments at which the mains may change."""
        edges = {edge for event in self._near(end) for edge in (event.start, event.end)}
        return sorted(edge for edge in edges if start < edge < end)

    def _near(self, moment: datetime) -> list[MainsEvent]:
        number = (moment - EPOCH) // BLOCK
        return self._block(number - 1) + self._block(number)

    def _block(self, number: int) -> list[MainsEvent]:
        if number not in self._blocks:
            self._blocks[number] = self._make_block(number)
        return self._blocks[number]

    def _make_block(self, number: int) -> list[MainsEvent]:
        site = self._site
        rng = np.random.default_rng([self._seed, zlib.crc32(site.site_id.encode()), number % 2**32])
        start = EPOCH + number * BLOCK
        share = BLOCK / MONTH
        events: list[MainsEvent] = []
        if site.has_weak_grid:
            events += self._outage(rng, start, rng.uniform(5.0, LONGEST_OUTAGE_H))
        for _ in range(rng.poisson(site.outages_per_month * share)):
            events += self._outage(rng, start, min(rng.lognormal(np.log(1.2), 0.9), LONGEST_OUTAGE_H))
        for _ in range(rng.poisson(site.brownouts_per_month * share)):
            events.append(_event(rng, start, rng.uniform(0.3, 2.0), "brownout"))
        for _ in range(rng.poisson(PHASE_LOSSES_PER_MONTH * share)):
            event = _event(rng, start, rng.uniform(0.5, 4.0), "phase_loss")
            events += [event] if site.phases == 3 else []
        return events

    def _outage(self, rng: np.random.Generator, block: datetime, hours: float) -> list[MainsEvent]:
        outage = _event(rng, block, hours, "lost")
        takes_over = outage.start + timedelta(seconds=float(rng.integers(60, 300)))
        fails = rng.random() < GENERATOR_FAILS_TO_START
        if not self._site.has_generator or fails or takes_over >= outage.end:
            return [outage]
        return [
            MainsEvent(outage.start, takes_over, "lost"),
            MainsEvent(takes_over, outage.end, "generator"),
        ]


def _event(rng: np.random.Generator, block: datetime, hours: float, state: MainsState) -> MainsEvent:
    start = block + timedelta(seconds=float(rng.integers(0, int(BLOCK.total_seconds()))))
    return MainsEvent(start, start + timedelta(seconds=round(hours * 3600)), state)
