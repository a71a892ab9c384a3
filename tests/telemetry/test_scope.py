"""A scope of sites: a store of one site knows a fleet of one site, whatever is asked of it."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.support.actions import ledger
from tests.support.builders import NOW, cells, device, install, readings, site, store, store_cells
from tests.support.manuals import FakeManuals
from tests.support.models import no_models
from tools.catalog import build_catalog
from tools.clock import FixedClock
from tools.database import Database
from tools.errors import BatteryError, UnknownDeviceError, UnknownSiteError
from tools.telemetry.store import ReadingStore

BEGIN = NOW - timedelta(days=1)
OURS, THEIRS = device("D01", "S01"), device("D02", "S02")


@pytest.fixture
def scoped(database: Database) -> ReadingStore:
    install(database, [site("S01", "Northgate"), site("S02", "Harbor")], [OURS, THEIRS])
    for one in (OURS, THEIRS):
        store(database, readings(one.device_id, one.site_id), [one])
        store_cells(database, cells(one.device_id))
    return ReadingStore(database).scoped(("S01",))


def test_fleet_is_that_of_the_sites_in_scope(scoped: ReadingStore) -> None:
    fleet = scoped.fleet()
    assert ([one.name for one in fleet.sites], [one.device_id for one in fleet.devices]) == (["Northgate"], ["D01"])


def test_scope_without_a_site_holds_nothing(scoped: ReadingStore) -> None:
    assert scoped.scoped(()).fleet().devices == ()


def test_scope_within_a_scope_never_widens_it(scoped: ReadingStore) -> None:
    wider = [scoped.scoped(sites).fleet() for sites in (None, ("S01", "S02"), ("S02",))]
    assert [[one.device_id for one in fleet.devices] for fleet in wider] == [["D01"], ["D01"], []]


READS: dict[str, Callable[[ReadingStore, str], object]] = {
    "spans": lambda reader, one: reader.spans([one]),
    "newest": lambda reader, one: reader.newest(["D01", one]),
    "latest": lambda reader, one: reader.latest(["soc_pct"], [one]),
    "figures": lambda reader, one: reader.figures("soc_pct", [one], BEGIN, NOW),
    "hours": lambda reader, one: reader.hours("soc_pct", [one], BEGIN, NOW),
    "row_counts": lambda reader, one: reader.row_counts([one], BEGIN, NOW),
    "value_counts": lambda reader, one: reader.value_counts([one], BEGIN, NOW),
    "rows": lambda reader, one: reader.rows(["soc_pct"], [one], BEGIN, NOW),
    "values": lambda reader, one: reader.values("soc_pct", one, BEGIN, NOW),
    "times": lambda reader, one: reader.times(one, BEGIN, NOW),
    "newest_cells": lambda reader, one: reader.newest_cells(one, NOW),
    "cell_sets": lambda reader, one: reader.cell_sets(one, BEGIN, NOW),
    "cell_history": lambda reader, one: reader.cell_history(one, 1, BEGIN, NOW),
}


def test_every_read_of_the_store_is_among_those_tried() -> None:
    public = {name for name in vars(ReadingStore) if not name.startswith("_")}
    assert public - {"scoped", "is_scoped", "database", "fleet"} == set(READS)


@pytest.mark.parametrize("read", READS)
def test_device_out_of_scope_is_unknown_even_by_its_id(scoped: ReadingStore, read: str) -> None:
    with pytest.raises(UnknownDeviceError) as refused:
        READS[read](scoped, "D02")
    assert refused.value.message == "No device 'D02'."
    READS[read](scoped, "D01")


def test_error_names_nothing_that_is_out_of_scope(scoped: ReadingStore) -> None:
    catalog = build_catalog(
        scoped, FixedClock(NOW), FakeManuals(), ledger(scoped.database), no_models(scoped.database)
    )
    for arguments, error in (({"sites": ["Harbor"]}, UnknownSiteError), ({"devices": ["D02"]}, UnknownDeviceError)):
        with pytest.raises(error) as refused:
            catalog["latest_readings"].call(**arguments)
        assert isinstance(refused.value, BatteryError)
        assert "Harbor (S02)" not in refused.value.hint
        assert "D02" not in refused.value.hint


def test_ranking_and_comparison_know_only_what_is_in_scope(scoped: ReadingStore) -> None:
    catalog = build_catalog(
        scoped, FixedClock(NOW), FakeManuals(), ledger(scoped.database), no_models(scoped.database)
    )
    devices, sites = catalog["rank"].call(field="soc_pct"), catalog["rank"].call(field="soc_pct", by="site")
    assert [one["name"] for one in devices.model_dump()["ranks"]] == ["D01"]
    assert [one["name"] for one in sites.model_dump()["ranks"]] == ["Northgate"]


def test_manuals_of_other_sites_are_not_searched(scoped: ReadingStore) -> None:
    manuals = FakeManuals()
    build_catalog(scoped, FixedClock(NOW), manuals, ledger(scoped.database), no_models(scoped.database))[
        "search_manuals"
    ].call(question="who may enter")
    assert manuals.asked[0].sites == ("Northgate",)
