"""`python -m evals.record_evidence`: makes the calls of the evidence cases on the eval fleet and writes their results down.

A case is added to `scenarios/evidence/open.yaml` with its question and calls, and gets its results here; then its
sentences are written by hand. A result that is there stays as it is, for its sentences were judged against it.
"""

import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from pydantic import JsonValue

from assistant.settings import Settings
from assistant.wiring import open_manuals, open_models
from evals.evidence_sentences import FOLDER
from evals.fleets import fleet_database
from evals.scenario import FleetSpec
from tools.analytics.alerts import acknowledge_alert, evaluate_history, list_alerts
from tools.catalog import Catalog, build_catalog
from tools.clock import FixedClock
from tools.database import Database
from tools.errors import BatteryError
from tools.quantity import Window
from tools.telemetry.store import ReadingStore

# The fleet and the present of the question suites.
FLEET, NOW = FleetSpec(seed=11, days=30), datetime(2026, 3, 31, 12, tzinfo=UTC)
HEADER = """\
# Turns with recorded results, and sentences a model might say after them; each is judged on its own.
# Labelled by hand from the results of the turn alone, by an author who did not see the check.
"""


def main() -> int:
    """Record the calls that have no result yet, in every file of cases."""
    with fleet_database(FLEET, NOW) as database:
        _raise_alerts(database)
        catalog = build_catalog(
            ReadingStore(database), FixedClock(NOW), open_manuals(Settings()), open_models(Settings(), database)
        )
        for path in sorted(FOLDER.glob("*.yaml")):
            content = yaml.safe_load(path.read_text(encoding="utf-8"))
            write_cases(path, [_record(case, catalog) for case in content["cases"]])
            sys.stdout.write(f"{path}: {len(content['cases'])} cases\n")
    return 0


def write_cases(path: Path, cases: Sequence[Mapping[str, Any]]) -> None:
    """Cases as YAML: a line a result, and sentences that can be read and edited."""
    lines = [{**case, "calls": [_on_one_line(call) for call in case["calls"]]} for case in cases]
    text = yaml.dump({"cases": lines}, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=sys.maxsize)
    path.write_text(HEADER + text, encoding="utf-8")


def _raise_alerts(database: Database) -> None:
    """The demo has no alerts of its own; one of them is acknowledged, so that there is one of each state."""
    evaluate_history(database)
    window = Window(start=NOW - timedelta(days=FLEET.days), end=NOW)
    devices = ReadingStore(database).fleet().devices
    standing = list_alerts(database, devices, window, state="active").alerts
    oldest = min(standing, key=lambda one: one.raised)
    acknowledge_alert(database, oldest.alert_id, "operator", "Seen, visit planned", NOW - timedelta(days=1))


def _record(case: Mapping[str, Any], catalog: Catalog) -> dict[str, Any]:
    calls: list[dict[str, Any]] = []
    for call in case["calls"]:
        is_recorded = "result" in call or "error" in call
        calls.append(dict(call) if is_recorded else _make(call, case.get("time_zone", "UTC"), calls, catalog))
    return {**case, "calls": calls}


def _make(
    call: Mapping[str, Any], zone: str, before: Sequence[Mapping[str, Any]], catalog: Catalog
) -> dict[str, Any]:
    tool = catalog[call["tool"]]
    arguments = {name: _filled_in(value, before) for name, value in call.get("arguments", {}).items()}
    read = tool.arguments.model_validate(arguments)
    made = {"tool": tool.name, "arguments": read.model_dump(mode="json", exclude_defaults=True)}
    try:
        result = tool.call(**dict(read), **dict.fromkeys(tool.context_arguments, zone))
    except BatteryError as error:
        return made | {"error": {"code": error.code, "message": error.message, "hint": error.hint}}
    content = _without_charts(result.model_dump(mode="json", exclude_none=True))
    again = tool.result.model_validate(content).model_dump(mode="json", exclude_none=True)
    if again != content:
        raise ValueError(f"The result of {tool.name} does not come back as it was written.")
    return made | {"result": content}


def _filled_in(value: Any, before: Sequence[Mapping[str, Any]]) -> Any:
    """`{call: 0, path: figures.0}` stands for a figure that an earlier call of the case gave."""
    if not isinstance(value, dict) or "path" not in value:
        return value
    found: Any = before[value["call"]]["result"]
    for key in value["path"].split("."):
        found = found[int(key)] if isinstance(found, list) else found[key]
    return found


def _without_charts(content: JsonValue) -> Any:
    if isinstance(content, dict):
        return {key: _without_charts(value) for key, value in content.items() if key != "chart"}
    if isinstance(content, list):
        return [_without_charts(one) for one in content]
    return content


class _OneLine(dict[str, Any]):
    """A mapping that is written on one line."""


class _Dumper(yaml.SafeDumper):
    """Writes results on one line; never an alias, for people read these files."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002  the signature is PyYAML's
        return True


_Dumper.add_representer(
    _OneLine, lambda dumper, data: dumper.represent_mapping("tag:yaml.org,2002:map", dict(data), flow_style=True)
)


def _on_one_line(call: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _OneLine(value) if isinstance(value, dict) else value for name, value in call.items()}


if __name__ == "__main__":
    sys.exit(main())
