"""Plans the calls of tools on the model of the condition: which is live, its versions, drift, its health."""

import re
from collections.abc import Mapping
from datetime import datetime

from assistant.brains.embedded.calls import Clarify, Plan, PlannedCall, Planner, place
from assistant.brains.embedded.slots import Slots

WHICH_VERSIONS = (
    "Which versions? For example “compare version 2 with version 3” or “compare the model with the rules”."
)
_VERSION = re.compile(
    r"\b(?:versions?|v|model|no\.?|number)\s?(\d{1,3})(?:\s?(?:and|with|to|vs\.?|against|or|,)\s?v?(\d{1,3}))?\b"
)
_RULES = re.compile(r"\brules?\b")


def _asks(tool: str) -> Planner:
    def plan(slots: Slots, now: datetime) -> Plan:  # noqa: ARG001  every planner is called alike
        return [PlannedCall(tool, {})]

    return plan


def _drift(slots: Slots, now: datetime) -> Plan:  # noqa: ARG001
    return [PlannedCall("drift_report", dict(place(slots)))]


def _compare(slots: Slots, now: datetime) -> Plan:  # noqa: ARG001
    """Two numbers, one number against the live version, or the rules, which are version 0."""
    numbers = [int(one) for match in _VERSION.finditer(slots.text) for one in match.groups() if one]
    if _RULES.search(slots.text):
        numbers = [*numbers, 0]
    distinct = list(dict.fromkeys(numbers))[:2]
    if not distinct:
        return Clarify(WHICH_VERSIONS)
    return [PlannedCall("compare_versions", dict(zip(("first", "second"), distinct, strict=False)))]


MODEL_PLANNERS: Mapping[str, Planner] = {
    "model_status": _asks("model_status"),
    "list_versions": _asks("list_versions"),
    "compare_versions": _compare,
    "drift_report": _drift,
    "model_health": _asks("model_health"),
}
