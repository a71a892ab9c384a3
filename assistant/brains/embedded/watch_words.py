"""Words that by themselves ask for what watches or looks ahead: alerts, anomalies, runtime, forecasts, trends."""

import re

from assistant.brains.embedded.slots import Slots
from assistant.brains.embedded.watch_plans import FORECAST_FIELDS

_ALERT = re.compile(r"\balerts?\b|\bwent off\b|\bcriticals\b|\b(?:major|minor|critical) or (?:worse|higher|above)\b")
_ANOMALY = re.compile(
    r"\banomal\w*|\b(?:fishy|weird|unusual|strange|suspicious|odd(?! cell)|root cause|whose fault|what fault(?! codes?))\b"
    r"|\b(?:sensor|battery|charger|link|communication|cell|monitor|string),? or (?:is it )?(?:the |a |its )?(?:\w+ )?"
    r"(?:sensor|battery|charger|link|communication|monitor|string)\b|\bis it (?:just |only )?(?:the|a) sensor\b"
)
_MANUAL = re.compile(
    r"\b(?:procedures?|manuals?|data ?sheets?|safety card|next steps|(?:which|what) steps|what (?:should|do|must|can) (?:i|we) do)\b"
)
_EFFICIENCY = re.compile(
    r"\befficien\w*|\b(?:charger|rectifiers?|conversion|charging) loss\w*|\bah out (?:over|versus|per) ah in\b"
)
_MADE_FROM = frozenset({"ah_since_full_ah", "ac_power_kw", "rectifier_current_a", "rectifier_voltage_v"})
_CARRIES = re.compile(
    r"\bhold[- ]?up\b|\bmake it\b|\bsurviv\w*|\bbridge\b|\bride (?:it )?through\b|\bcarry (?:it|us|on|the|them|everything)\b|"
    r"\b(?:without|w/o|no) (?:mains|power|grid|utility|electricity)\b|\bfrom the batter(?:y|ies)\b|"
    r"\bhow (?:long|many (?:hours|minutes))\b.{0,40}\b(?:last|run|hold|carry|keep|power|feed|support|got)\b"
)
_ASKS_TIME = re.compile(
    r"\b(?:how (?:long|many (?:hours|minutes))|would|could|will|can|expect\w*|enough|if|estimate\w*)\b"
)
_WAS = re.compile(r"\b(?:was|were|did|had|has been|have been)\b")
_AHEAD = re.compile(
    r"\b(?:will|going to|gonna|tomorrow|tonight|next (?:\w+ )?(?:hours?|days?|weeks?|months?)|from now|forecast\w*|predict\w*|"
    r"project(?:ed|ion)?|extrapolat\w*|hours? ahead|days? (?:out|ahead)|at what point|by when|when does|when do you|"
    r"in (?:\d+|one|two|three|four|five|six|a) (?:hours?|days?|weeks?|months?))\b"
)
_TREND = re.compile(
    r"\b(?:creep\w*|drift\w*|(?:still |been )?going (?:up|down)|up or down|trending|rising|falling|climbing|growing|shrinking|"
    r"how fast|per week|a week|slope|rate of change|steady|getting (?:higher|lower|worse|better|hotter|warmer|colder|cooler))\b"
)
_NOT_TREND = re.compile(
    r"\bhow much\b|\bby how\b|\bchart\b|\bplot\b|\bgraph\b|\bcurve\b|\bwhich\b|\brank\w*|\bcompare\w*|\bthan\b"
)
_ESTIMATE = re.compile(r"\bestimat\w*\b|\bhow sure\b|\bhow certain\b|\breally\b|\btrue\b")
# Questions of meaning, of procedure, of what to do, and courtesies are none of these, whatever words they hold.
_OTHER = frozenset({"describe_field", "action_request", "search_manuals", "greeting", "help", "rank", "not_measured"})


def watching_tool(label: str, slots: Slots, text: str) -> str | None:
    """The tool that such words ask for; None where there are none, or where a meaning or an action is asked for."""
    if label in _OTHER:
        return None
    names = slots.field_names
    if _MANUAL.search(text):
        return "search_manuals"
    if _ALERT.search(text):
        return "list_alerts"
    if _ANOMALY.search(text):
        return "find_anomalies"
    if _EFFICIENCY.search(text):
        return "efficiency"
    if _asks_to_carry(slots, text):
        return "estimate_runtime"
    if names == ("soh_pct",) and _ESTIMATE.search(text):
        return "estimate_soh"
    return _of_field(slots, text)


def asks_efficiency(slots: Slots, text: str) -> bool:
    """Whether efficiency is asked for: in so many words, or of the charge and power it is made from."""
    return not slots.field_names or _MADE_FROM.issuperset(slots.field_names) or bool(_EFFICIENCY.search(text))


def _asks_to_carry(slots: Slots, text: str) -> bool:
    """Whether it is asked how long a load could be carried; how long it was is a question of the past."""
    is_past = any(not span.is_coming for span in slots.spans) or _WAS.search(text)
    if is_past or slots.threshold is not None or slots.statistic is not None:
        return False
    return bool(_CARRIES.search(text) and _ASKS_TIME.search(text))


def _of_field(slots: Slots, text: str) -> str | None:
    names, is_past = slots.field_names, any(not span.is_coming for span in slots.spans)
    if names and names[0] in FORECAST_FIELDS and _AHEAD.search(text) and not is_past:
        asks_whether = names[0] == "soh_pct" and not re.search(r"\b(?:when|at what point|what)\b", text)
        return "estimate_soh" if asks_whether else "forecast"
    if (
        names
        and len(slots.spans) < 2
        and slots.threshold is None
        and _TREND.search(text)
        and not _NOT_TREND.search(text)
    ):
        return "field_trend"
    return None
