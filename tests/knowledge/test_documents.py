"""The shipped manuals are complete, and their numbers are those the code judges by."""

import re
from collections import Counter
from functools import cache

import pytest

from knowledge.ingest import SHIPPED
from knowledge.passage import Document
from knowledge.readers import read_document
from tests.support.builders import NOW
from tools.analytics.alert_rules import BY_NAME, RULES, AlertName
from tools.analytics.anomaly_kinds import KINDS
from tools.analytics.responses import OF_ALERT, OF_ANOMALY
from tools.telemetry.demo_fleet import SITES, demo_fleet, ohmic_baseline_mohm
from tools.telemetry.fields import all_fields
from tools.telemetry.simulated_fleet import SimulatedSite

DEVICES = demo_fleet(NOW).devices
RATED = {device.battery_model: device.rated_capacity_ah for device in DEVICES}


@cache
def documents() -> tuple[Document, ...]:
    return tuple(read_document(path) for path in sorted(SHIPPED.glob("*.md")))


def text_of(key: str) -> str:
    """The newest revision of a document, its lines joined."""
    newest = max((one for one in documents() if one.facts.id == key), key=lambda one: one.facts.revision)
    return " ".join(newest.text.split())


def test_every_procedure_and_sheet_is_there() -> None:
    keys = {one.facts.id for one in documents()}
    wanted = {f"MP-{number:02}" for number in range(1, 16)} | {f"AR-{number:02}" for number in range(1, 23)}
    wanted |= {f"DS-{model}" for model in RATED} | {f"SITE-{site.name.upper()}" for site in SITES}
    assert keys == wanted | {"FM-01", "GL-01", "SC-01", "FAQ-01"}


def test_every_alarm_has_its_own_response() -> None:
    answered = [one.facts.alarms[0] for one in documents() if one.facts.id.startswith("AR-")]
    # A cell far behind its string is answered in the response to a low cell.
    assert set(answered) == {rule.name for rule in RULES} - {"V_CELL_BEHIND"}


def test_four_documents_keep_an_older_revision() -> None:
    revisions = Counter(one.facts.id for one in documents())
    assert {key for key, count in revisions.items() if count > 1} == {"MP-04", "MP-08", "MP-11", "AR-09"}


def test_a_document_speaks_only_of_models_and_alarms_there_are() -> None:
    assert {name for one in documents() for name in one.facts.models} == set(RATED)
    assert {name for one in documents() for name in one.facts.alarms} <= {rule.name for rule in RULES}


def test_every_document_named_in_another_exists() -> None:
    named = {key for one in documents() for key in re.findall(r"\b(?:MP|AR)-\d\d\b", one.text)}
    assert named <= {one.facts.id for one in documents()}


@pytest.mark.parametrize(
    ("key", "alarm", "words"),
    [
        ("AR-01", "V_CELL_BEHIND", "more than {major:.0f} mV behind"),
        ("AR-03", "V_CELL_SHORT", "more than {major:.0f} mV below"),
        ("AR-02", "V_CELL_HIGH_FLOAT", "above {minor:.2f} V on float"),
        ("AR-09", "T_HIGH", "above {minor:.0f} °C (minor), {major:.0f} °C (major) or {critical:.0f} °C (critical)"),
        ("AR-11", "DT_AMB", "more than {minor:.0f} °C (minor), {major:.0f} °C (major) or {critical:.0f} °C (critical)"),
        ("AR-12", "IFLOAT", "at least {minor:.0f} times (minor) or {major:.0f} times (major)"),
        ("AR-14", "OHMIC", "{minor:.0f} % (minor), {major:.0f} % (major) or {critical:.0f} % (critical)"),
        ("AR-15", "JOINT", "{minor:.0f} % (minor) or {major:.0f} % (major)"),
        ("AR-19", "RECHARGE_SLOW", "below 95 % {major:.0f} hours after the mains returned"),
        ("AR-20", "COMM", "more than {minor:.0f} polls (minor, degraded) or {major:.0f} polls (major, lost)"),
    ],
)  # fmt: skip
def test_an_alarm_response_states_the_steps_the_alarm_is_raised_at(key: str, alarm: AlertName, words: str) -> None:
    assert words.format(**{str(name): step for name, step in BY_NAME[alarm].steps.items()}) in text_of(key)


def test_reserve_and_capacity_alarms_are_stated_as_what_is_left() -> None:
    reserve, capacity = BY_NAME["LOW_RESERVE"].steps, BY_NAME["CAPACITY"].steps
    assert f"below {100 - reserve['major']:.0f} % (major) or below {100 - reserve['critical']:.0f} %" in text_of(
        "AR-07"
    )
    assert (
        f"less than {100 - capacity['minor']:.0f} % (minor) or less than {100 - capacity['major']:.0f} %"
        in text_of("AR-22")
    )


def test_the_charger_set_up_keeps_to_the_normal_float_range() -> None:
    low, high = all_fields()["cell_voltage_v"].normal
    assert f"between {low} and {high:.2f} V per cell" in text_of("MP-11")


def test_the_mains_response_states_the_normal_range_of_a_phase() -> None:
    low, high = all_fields()["ac_voltage_l1_v"].normal
    assert f"outside {low:.0f} to {high:.0f} V" in text_of("AR-17")


@pytest.mark.parametrize(("model", "rated"), RATED.items())
def test_a_data_sheet_states_the_model_as_the_fleet_has_it(model: str, rated: float) -> None:
    low, high = all_fields()["cell_temperature_c"].limit
    sheet = text_of(f"DS-{model}")
    assert f"| {rated:.0f} Ah |" in sheet
    assert f"| {ohmic_baseline_mohm(rated):.3f} mΩ |" in sheet
    assert f"{0.12 * rated:.0f} A (0.12 C10), never above {0.25 * rated:.0f} A (0.25 C10)" in sheet
    assert f"allowed {low:.0f} to {high:.0f} °C" in sheet


@pytest.mark.parametrize("site", SITES, ids=lambda site: site.name)
def test_a_site_sheet_states_autonomy_and_devices(site: SimulatedSite) -> None:
    sheet = text_of(f"SITE-{site.name.upper()}")
    assert f"for {site.autonomy_min:.0f} minutes" in sheet
    assert all(device.device_id in sheet for device in DEVICES if device.site_id == site.site_id)


@pytest.mark.parametrize(("model", "rated"), RATED.items())
def test_the_air_flow_follows_from_the_formula(model: str, rated: float) -> None:
    float_flow, boost_flow = (0.05 * 24 * gas * rated * 1e-3 for gas in (1, 8))
    assert f"| {model} | {float_flow:.4g} m³/h | {boost_flow:.4g} m³/h |" in text_of("MP-13")


def test_every_alert_and_anomaly_carries_the_document_that_says_what_to_do() -> None:
    own = {one.facts.alarms[0]: one.facts.id for one in documents() if one.facts.id.startswith("AR-")}
    assert own | {"V_CELL_BEHIND": own["V_CELL_LOW_FLOAT"]} == OF_ALERT
    assert set(OF_ANOMALY) == set(KINDS)
    assert {one for one in OF_ANOMALY.values() if one} <= {one.facts.id for one in documents()}
