"""What can drift is compared: settings, fields, tools and folders against their words."""

import re
from pathlib import Path

import pytest

from assistant.api.late_routes import late_routers
from assistant.api.role_table import role_table
from assistant.api.server import ROUTERS
from assistant.brains.embedded.answers.compose import WORDS
from assistant.brains.embedded.plan import PLANNERS
from assistant.brains.embedded.router import utterances
from assistant.settings import Settings
from tests.support.actions import ledger
from tests.support.manuals import FakeManuals
from tools.catalog import build_catalog
from tools.clock import SystemClock
from tools.database import Database
from tools.people import ROLES
from tools.telemetry.fields import all_fields
from tools.telemetry.reference import reference_page
from tools.telemetry.store import ReadingStore

ROOT = Path(__file__).parents[2]


def test_every_setting_stands_in_the_example_file() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    listed = re.findall(r"^#? ?([A-Z_]+)=", example, re.MULTILINE)
    assert sorted(listed) == sorted(name.upper() for name in Settings.model_fields)


def test_the_reference_page_holds_every_field_as_it_is_declared() -> None:
    assert (ROOT / "docs" / "fields.md").read_text(encoding="utf-8").endswith(reference_page())
    assert reference_page().count("| `") == len(all_fields())


def test_the_readme_has_a_line_for_every_tool_with_its_role(database: Database) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for tool in build_catalog(ReadingStore(database), SystemClock(), FakeManuals(), ledger(database)).values():
        assert f"| `{tool.name}` | {tool.role} | {tool.tier} | {tool.purpose} |" in readme


def test_the_readme_has_a_line_for_every_endpoint_with_its_role() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    listed = [line for line in readme if re.match(r"\| `(GET|POST|PATCH|PUT|DELETE) /", line)]
    assert sorted(listed) == sorted(role_table([*ROUTERS, *late_routers()]))


def test_every_tool_is_planned_worded_and_has_utterances(database: Database) -> None:
    catalog = build_catalog(ReadingStore(database), SystemClock(), FakeManuals(), ledger(database))
    planned = set(catalog) - {"calculate"}
    # News is told with other tools.
    assert set(PLANNERS) - {"news"} == planned
    assert set(WORDS) == set(catalog)
    assert {name: len(texts) >= 25 for name, texts in utterances().items() if name in planned} == dict.fromkeys(
        planned, True
    )


def test_every_tool_says_what_its_arguments_are(database: Database) -> None:
    catalog = build_catalog(ReadingStore(database), SystemClock(), FakeManuals(), ledger(database))
    undescribed = [
        f"{tool.name}.{name}"
        for tool in catalog.values()
        for name, field in tool.arguments.model_fields.items()
        if not field.description
    ]
    assert undescribed == []
    assert {tool.role for tool in catalog.values()} <= set(ROLES)


def test_tools_offer_exactly_the_fields_of_a_reading(database: Database) -> None:
    schema = build_catalog(ReadingStore(database), SystemClock(), FakeManuals(), ledger(database))[
        "field_history"
    ].arguments.model_json_schema()
    assert schema["properties"]["field"]["enum"] == list(all_fields())


@pytest.mark.parametrize(
    "folder",
    [
        "tools",
        "tools/telemetry",
        "tools/actions",
        "tools/analytics",
        "knowledge",
        "assistant",
        "assistant/auth",
        "assistant/ui",
        "assistant/brains",
        "assistant/brains/embedded",
        "evals",
    ],
)
def test_each_package_says_how_to_add_to_it(folder: str) -> None:
    text = (ROOT / folder / "README.md").read_text(encoding="utf-8")
    assert "How to add" in text


def test_no_scenario_is_an_utterance_the_router_was_trained_on() -> None:
    from rapidfuzz import fuzz, process  # noqa: PLC0415  only this test compares texts

    from evals.scenario import SCENARIOS, load_suite  # noqa: PLC0415

    trained = [text.lower() for texts in utterances().values() for text in texts if len(text) > 14]
    asked = [
        turn.ask.lower()
        for path in SCENARIOS.glob("*.yaml")
        for scenario in load_suite(path.stem).scenarios
        for turn in scenario.turns
        if len(turn.ask) > 14
    ]
    close = [text for text in asked if process.extractOne(text, trained, scorer=fuzz.ratio, score_cutoff=95)]
    assert close == []
