"""What each person may see: the readings and the tools of their sites, built once a scope."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from tools.catalog import Catalog
from tools.people import Person, Scope
from tools.telemetry.store import ReadingStore

SCOPES_KEPT = 64


@dataclass(frozen=True)
class View:
    """The readings of some sites, and the tools that know of nothing else."""

    store: ReadingStore
    catalog: Catalog


class Views:
    """The view of each person; people with the same sites share one."""

    def __init__(self, store: ReadingStore, build: Callable[[ReadingStore], Catalog]) -> None:
        def made(sites: Scope) -> View:
            own = store.scoped(sites)
            return View(own, build(own))

        self._made = lru_cache(SCOPES_KEPT)(made)

    def of(self, person: Person) -> View:
        """The view of that person as they stand now."""
        return self._made(None if person.sites is None else tuple(sorted(person.sites)))

    def catalog_of(self, person: Person) -> Catalog:
        """The tools of that person."""
        return self.of(person).catalog
