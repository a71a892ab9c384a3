"""Puts a tool's result into words."""

from collections.abc import Callable
from typing import Any

from assistant.brains.embedded.answers import modelling
from assistant.brains.embedded.answers.alerts import alerts_words, anomalies_words
from assistant.brains.embedded.answers.comparing import comparison_words, ranking_words
from assistant.brains.embedded.answers.describing import calculation_words, coverage_words, fleet_words, meaning_words
from assistant.brains.embedded.answers.foreseeing import (
    efficiency_words,
    forecast_words,
    runtime_words,
    soh_words,
    trend_words,
)
from assistant.brains.embedded.answers.judging import (
    cell_history_words,
    events_words,
    health_words,
    violations_words,
    worst_cells_words,
)
from assistant.brains.embedded.answers.manuals import manual_words
from assistant.brains.embedded.answers.operating import maintenance_words, pending_words, plan_words
from assistant.brains.embedded.answers.readings import history_words, latest_words
from assistant.brains.embedded.phrasing import Voice
from tools.quantity import Frozen

# The result of each tool is of its own type, which the table cannot say; a test calls every one.
WORDS: dict[str, Callable[[Any, Voice], str]] = {
    "latest_readings": latest_words,
    "field_history": history_words,
    "compare": comparison_words,
    "rank": ranking_words,
    "describe_field": meaning_words,
    "list_fleet": fleet_words,
    "data_coverage": coverage_words,
    "calculate": calculation_words,
    "worst_cells": worst_cells_words,
    "cell_history": cell_history_words,
    "limit_violations": violations_words,
    "find_events": events_words,
    "device_health": health_words,
    "list_alerts": alerts_words,
    "find_anomalies": anomalies_words,
    "estimate_soh": soh_words,
    "estimate_runtime": runtime_words,
    "forecast": forecast_words,
    "field_trend": trend_words,
    "efficiency": efficiency_words,
    "search_manuals": manual_words,
    "acknowledge_alert": plan_words,
    "change_limit": plan_words,
    "log_maintenance": plan_words,
    "undo_action": plan_words,
    "pending_actions": pending_words,
    "maintenance_log": maintenance_words,
    "model_status": modelling.status_words,
    "list_versions": modelling.versions_words,
    "compare_versions": modelling.comparison_words,
    "drift_report": modelling.drift_words,
    "model_health": modelling.model_health_words,
}


def result_words(tool: str, result: Frozen, voice: Voice) -> str:
    """A tool's result as Markdown for the asker."""
    return WORDS[tool](result, voice).strip()


def error_words(message: str, hint: str) -> str:
    """A domain error as a plain answer."""
    return f"{message} {hint}".strip()
