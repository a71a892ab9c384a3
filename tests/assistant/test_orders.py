"""Orders as operators word them: which action is planned with which arguments, and what is no order at all."""

from datetime import UTC, datetime

import pytest
from pydantic import JsonValue

from assistant.brains.embedded.calls import Clarify, PlannedCall
from assistant.brains.embedded.memory import Memory
from assistant.brains.embedded.operate_plans import plan_order
from assistant.brains.embedded.operate_words import operating_tool, ordered_tool
from assistant.brains.embedded.slots import read_slots
from tools.telemetry.fleet import Device, Fleet, Site

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
FLEET = Fleet(
    sites=(Site(site_id="S01", name="Northgate"), Site(site_id="S02", name="Harbor")),
    devices=tuple(
        Device(device_id=f"D{number:02d}", site_id="S01", name=f"D{number:02d}", cell_count=24)
        for number in range(1, 9)
    ),
)
ALERTS_OF_D03 = Memory(
    ((PlannedCall("list_alerts", {"devices": ["D03"]}),),),
    {"devices": ["D03"], "topic": "a post is hot", "alarm": "T_HIGH"},
)


def planned(message: str, memory: Memory | None = None) -> object:
    """The plan of an order: its one call as a pair, or what is asked back."""
    plan = plan_order(read_slots(message, FLEET, NOW, "UTC"), memory or Memory(), NOW)
    return (plan[0].tool, plan[0].arguments) if isinstance(plan, list) else plan


@pytest.mark.parametrize(
    ("message", "tool", "arguments"),
    [
        ("ack the alarm on d3", "acknowledge_alert", {"devices": ["D03"]}),
        ("acknowledge everything at harbor, checked on site", "acknowledge_alert",
         {"sites": ["Harbor"], "note": "checked on site"}),
        ("please ack alerts 4 and 9", "acknowledge_alert", {"alert_ids": [4, 9]}),
        ("ack the critical temperature alarms at Northgate", "acknowledge_alert",
         {"sites": ["Northgate"], "alarm": "T_HIGH", "severity": "critical"}),
        ("raise the temp alarm at Northgate to 38", "change_limit", {"alarm": "T_HIGH", "limit": 38.0, "site": "Northgate"}),
        ("set the major soc alarm of D02 to 35 %", "change_limit",
         {"alarm": "LOW_RESERVE", "limit": 35.0, "severity": "major", "device": "D02"}),
        ("lower the ripple threshold for AGM-500 to 0.8", "change_limit",
         {"alarm": "RIPPLE", "limit": 0.8, "model": "AGM-500"}),
        ("log that cell 7 of D02 was replaced", "log_maintenance",
         {"device": "D02", "kind": "cell_replacement", "cell_no": 7}),
        ("open a work order for D05", "log_maintenance", {"device": "D05", "kind": "work_order_opened"}),
        ("close work order 4 on D05", "log_maintenance", {"device": "D05", "kind": "work_order_closed", "work_order": 4}),
        ("note on D04: smells of acid near row 1", "log_maintenance",
         {"device": "D04", "kind": "note", "text": "smells of acid near row 1"}),
        ("undo that", "undo_action", {}),
        ("take it back please", "undo_action", {}),
    ],
)  # fmt: skip
def test_an_order_is_planned_as_it_was_worded(message: str, tool: str, arguments: dict[str, JsonValue]) -> None:
    assert planned(message) == (tool, arguments)


def test_it_is_what_was_spoken_of_before() -> None:
    assert planned("ack it", ALERTS_OF_D03) == ("acknowledge_alert", {"alarm": "T_HIGH", "devices": ["D03"]})


@pytest.mark.parametrize(
    "message",
    [
        "raise the temperature alarm to 38", "raise the alarm at Northgate", "set the ripple alarm of D03 to something",
        "log that a cell was replaced",
    ],
)  # fmt: skip
def test_an_order_that_leaves_something_open_is_asked_back(message: str) -> None:
    plan = planned(message)
    assert plan is None or isinstance(plan, Clarify)


@pytest.mark.parametrize(
    "message",
    [
        "any alarms at Harbor", "is the alarm on D04 acknowledged", "how do I acknowledge an alarm", "put D05 on float",
        "record high temperature of D05", "log of alarms at D02", "make a chart of temperature for D03",
        "lower limit for soc", "notify me when the alarm of D03 goes to 40", "write down the age of D03",
        "set the float voltage of D08 to 54.0 V", "what was done on D03",
    ],
)  # fmt: skip
def test_what_only_sounds_like_one_is_no_order(message: str) -> None:
    assert ordered_tool(message.lower()) is None


@pytest.mark.parametrize(
    ("label", "message", "tool"),
    [
        ("acknowledge_alert", "acknowledged alarms at Harbor", "list_alerts"),
        ("acknowledge_alert", "is the alarm on D04 acknowledged", "list_alerts"),
        ("change_limit", "what is the temperature alarm limit", "describe_field"),
        ("change_limit", "set the float voltage of D08 to 54.0 V", "action_request"),
        ("list_alerts", "any open work orders?", "maintenance_log"),
        ("help", "what is waiting for my approval", "pending_actions"),
        ("acknowledge_alert", "how do I acknowledge an alarm", "search_manuals"),
    ],
)
def test_a_question_about_actions_goes_to_the_tool_that_reads(label: str, message: str, tool: str) -> None:
    assert operating_tool(label, message.lower()) == tool
