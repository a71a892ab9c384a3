"""The one list of tools: what each is for, who may use it, and how far it reaches.

Chat, REST, MCP and evals call the same objects; a tool is added by one line in `build_catalog`.
"""

import inspect
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model

from tools.actions.ledger import ActionLedger
from tools.clock import Clock
from tools.consult import ConsultTools, Manuals
from tools.diagnose import DiagnoseTools
from tools.foresee import ForeseeTools
from tools.lookup import LookupTools
from tools.mlops.serving import ConditionServer
from tools.modelling import ModellingTools
from tools.operate import OperateTools
from tools.people import Role
from tools.quantity import Frozen
from tools.telemetry.store import ReadingStore
from tools.watch import WatchTools

Tier = Literal["read", "compute", "change", "dangerous"]
# Filled in by the caller from the turn, never by a brain.
CONTEXT_ARGUMENTS = frozenset({"time_zone", "person", "conversation_id"})


@dataclass(frozen=True)
class Tool:
    """One capability: a bound method with its role, tier and purpose."""

    call: Callable[..., Frozen]
    role: Role
    tier: Tier
    purpose: str

    @property
    def name(self) -> str:
        return self.call.__name__

    @cached_property
    def description(self) -> str:
        """What a chat model reads: the docstring up to its arguments."""
        return inspect.getdoc(self.call).split("\n\nArgs:")[0]  # type: ignore[union-attr]

    @cached_property
    def arguments(self) -> type[BaseModel]:
        """The arguments as a model: types from the method, words from its docstring."""
        return _arguments_model(self.call)

    @cached_property
    def result(self) -> type[Frozen]:
        """The frozen model the tool returns."""
        return typing.get_type_hints(self.call)["return"]  # type: ignore[no-any-return]

    @cached_property
    def context_arguments(self) -> frozenset[str]:
        """Arguments the caller fills in from the turn."""
        return CONTEXT_ARGUMENTS & set(inspect.signature(self.call).parameters)


Catalog = Mapping[str, Tool]


def build_catalog(
    store: ReadingStore, clock: Clock, manuals: Manuals, actions: ActionLedger, models: ConditionServer
) -> Catalog:
    """Every tool by name."""
    lookup, diagnose = LookupTools(store, clock), DiagnoseTools(store, clock)
    watch = WatchTools(store, clock)
    foresee = ForeseeTools(store, clock)
    consult = ConsultTools(manuals, store)
    operate = OperateTools(store, clock, actions)
    modelling = ModellingTools(store, clock, models)
    tools = (
        Tool(lookup.list_fleet, "viewer", "read", "which sites and devices exist, their model, capacity and age"),
        Tool(lookup.latest_readings, "viewer", "read", "what a field is right now"),
        Tool(lookup.field_history, "viewer", "read", "a field over a window: mean, lowest, highest, trend, chart"),
        Tool(lookup.compare, "viewer", "read", "one field between devices, sites or windows"),
        Tool(lookup.rank, "viewer", "read", "devices or sites in the order of a field"),
        Tool(lookup.describe_field, "viewer", "read", "what a field means, its unit, limits and source"),
        Tool(lookup.data_coverage, "viewer", "read", "how complete and fresh the data is, gaps, link state"),
        Tool(lookup.calculate, "viewer", "compute", "difference, ratio or percentage of two figures just given"),
        Tool(diagnose.worst_cells, "viewer", "compute", "which cells stand out from their string"),
        Tool(diagnose.cell_history, "viewer", "read", "one numbered cell, now and over a window"),
        Tool(diagnose.limit_violations, "viewer", "compute", "when something was outside its limit or a threshold"),
        Tool(diagnose.find_events, "viewer", "compute", "outages, discharges and boost charges, counted and listed"),
        Tool(diagnose.device_health, "viewer", "compute", "health score of devices and what lowers it"),
        Tool(watch.list_alerts, "viewer", "read", "which alerts stand or stood, how serious, acknowledged or not"),
        Tool(watch.find_anomalies, "viewer", "compute", "what is not normal, since when, and whose fault it is"),
        Tool(foresee.estimate_soh, "viewer", "compute", "our estimate of state of health, how sure, and its risk"),
        Tool(foresee.estimate_runtime, "viewer", "compute", "how long a string carries a load without mains"),
        Tool(foresee.forecast, "viewer", "compute", "what a field will be, and when it reaches a limit"),
        Tool(foresee.field_trend, "viewer", "compute", "whether a field rises, falls or is steady, and how fast"),
        Tool(foresee.efficiency, "viewer", "compute", "charge and charger efficiency"),
        Tool(consult.search_manuals, "viewer", "read", "what the manuals say, quoted with document and revision"),
        Tool(
            operate.maintenance_log, "viewer", "read", "what was done on a device, cells replaced, open work orders"
        ),
        Tool(operate.pending_actions, "viewer", "read", "which actions wait for approval"),
        Tool(operate.acknowledge_alert, "operator", "change", "plans to acknowledge alerts"),
        Tool(operate.log_maintenance, "operator", "change", "plans an entry in the maintenance log"),
        Tool(operate.change_limit, "engineer", "change", "plans another limit for an alarm"),
        Tool(operate.undo_action, "operator", "change", "plans to undo an action"),
        Tool(modelling.model_status, "viewer", "read", "which model is live, how good it is, who made it so and why"),
        Tool(
            modelling.list_versions, "viewer", "read", "trained versions, their figures, and why one failed the gate"
        ),
        Tool(modelling.compare_versions, "viewer", "compute", "two versions on the same held-out weeks"),
        Tool(modelling.drift_report, "viewer", "compute", "whether data, its quality or the answers have drifted"),
        Tool(modelling.model_health, "viewer", "compute", "whether the live model loads, answers and is up to date"),
    )
    return {tool.name: tool for tool in tools}


def _arguments_model(call: Callable[..., Frozen]) -> type[BaseModel]:
    hints, words = typing.get_type_hints(call, include_extras=True), _argument_words(call)
    fields: dict[str, Any] = {}
    for name, parameter in inspect.signature(call).parameters.items():
        if name not in CONTEXT_ARGUMENTS:
            default = ... if parameter.default is inspect.Parameter.empty else parameter.default
            fields[name] = (hints[name], Field(default, description=words.get(name)))
    return create_model(f"{call.__name__}_arguments", __config__=ConfigDict(extra="forbid", frozen=True), **fields)


def _argument_words(call: Callable[..., Frozen]) -> dict[str, str]:
    """The lines under "Args:" of a docstring, by argument."""
    _, _, described = (inspect.getdoc(call) or "").partition("Args:\n")
    words: dict[str, str] = {}
    for line in described.splitlines():
        name, colon, text = line.strip().partition(": ")
        if colon and name.isidentifier():
            words[name] = text
    return words
