"""Settles which tool a question calls for, where its grammar leaves no choice to the router."""

import re

from assistant.brains.embedded.operate_words import operating_tool
from assistant.brains.embedded.slots import Slots
from assistant.brains.embedded.watch_words import asks_efficiency, watching_tool
from tools.telemetry.fields import field_facts

# What stands in the register of devices, not in the readings.
REGISTER_FIELDS = frozenset(
    {"install_date", "battery_model", "cell_count", "rated_capacity_ah", "site_region", "site_latitude_deg",
     "site_longitude_deg", "site_id", "device_id"}
)  # fmt: skip
NO_TOOL_LABELS = frozenset({"greeting", "help", "off_topic", "action_request", "not_measured"})
_COMPARING = re.compile(
    r"\b(?:compar\w*|vs\.?|versus|differ\w*|against|than|side by side|higher|lower|hotter|warmer|colder|cooler|bigger|"
    r"smaller|better|worse|more|less|fuller|relative to|same|between|who|ratio|contrast\w*|both|equal\w*|share|exceed\w*|as \w+ as|gap|per ?cent)\b"
)
_APART = re.compile(r"\b(?:how far apart|gap (?:in|between|of)|apart|distance between|split between)\b")
_IN_RANGE = re.compile(
    r"\b(?:in|within|out of|outside|inside|beyond|over|past)\b (?:\w+ ){0,3}(?:range|limits?|spec\w*|bounds|tolerance|band)\b"
    r"|\bexcursions?\b|\b(?:limits?|range) (?:violat\w*|breach\w*|broken|exceeded)"
)
# What people of the trade ask for and no monitor here measures.
_UNMEASURED = re.compile(
    r"\b(?:electrolyte(?: level)?s?|specific gravity|hydrogen(?: concentration| level)?|humidity|fuel(?: level)?|smoke"
    r"(?: detector)?|vibration|water level|acid (?:level|density)|fan speed|door (?:open|contact|state)|wind speed|noise level|"
    r"air pressure|gas concentration|tilt|acceleration)\b"
)
_WHICH_ONE = re.compile(
    r"\b(?:which|what|who)\b.{0,24}\b(?:devices?|batter(?:y|ies)|strings?|sites?|units?|one|banks?|locations?|places?)\b"
    r"|\brank\w*|\btop \d|\bsort\w*|\border(?:ed)?\b|\bwho\b|\bwhere\b.*\b(?:highest|lowest|hottest|coldest)\b"
    r"|\b(?:hottest|coldest|warmest|coolest|weakest|emptiest|fullest)\s+(?:devices?|batter(?:y|ies)|strings?|sites?|units?)\b"
    r"|\b(?:devices?|batter(?:y|ies)|strings?|sites?|units?)\s+(?:with|by)\b"
    r"|^\W*(?:the )?(?:device|battery|string|site|unit)s?\b.*\b(?:most|highest|lowest|least)\b"
)
_EVENT = re.compile(
    r"\b(?:outages?|black-?outs?|power (?:cuts?|failures?)|mains (?:failures?|losses)|boosts?|boost charges?|equali[sz](?:e|ing|ation) charges?|"
    r"equali[sz]ations?|(?:deep )?discharges|without (?:mains|power|grid)|mains (?:was |were |is )?(?:out|down|off|lost|gone)|"
    r"los[et] (?:the )?mains|mains loss|(?:grid|mains|power|utility) (?:drop\w*|fail\w*|went|goes?|cut\w*)|"
    r"(?:living|live[ds]?|running|ran|run|operat\w+) (?:off|on) (?:its |the |their )?batter(?:y|ies))\b"
)
_OVER_ALL = re.compile(r"\b(?:across|over all|overall|in the (?:whole |entire )?fleet|fleet[- ]?wide)\b")
_SINCE_THEN = re.compile(r"\b(?:now|today|currently|still|compared|than)\b")
_TOO_HIGH = re.compile(r"\btoo (?:high|low|hot|cold|warm|much)\b|\bexcessive\b")
_HALF_CHARGE = re.compile(r"\b(?:below|under|beneath) half (?:of )?(?:its|their|the) (?:charge|capacity)\b")
_ESTIMATES = re.compile(
    r"\b(?:estimat\w*|really|real|true|truly|actual|sure|certain|confiden\w*|trust|risk|will|likely|interval|uncertain\w*|end of life|"
    r"our|your|own|calculat\w*|comput\w*|weeks|predict\w*|right|believe)\b"
)
_SUPPOSES = re.compile(
    r"\b(?:if|when|once|should|suppose|would|could|surviv\w*|bridge|withstand|without (?:mains|power|grid)|make it|hold (?:up|out|the)|"
    r"last|at \d|with \d)\b"
)
_HEALTH_FIELDS = frozenset({"soh_pct", "capacity_test_pct", "rated_capacity_ah", "discharge_cycle_count"})
_OF_ALERTS = re.compile(
    r"\b(?:alerts?|acknowledged|acked|raised|went off|go off|gone off|history|log|list|open|critical|major|cleared|clear|count|how many)\b"
)
_PER_SITE = re.compile(r"\b(?:per|by|(?:for )?each|every) (?:site|location|station)\b")
_ALARMED = re.compile(
    r"\b(?:temperature|voltage|soc|current|ripple|frequency|mains|charge) (?:alarms?|warnings?|excursions?)\b"
)
_NEWS = re.compile(
    r"\bwhat(?:'s| has| have|'ve)? (?:i missed|happened|changed|gone on|went on|new)\b|\banything (?:new|happen\w*|change\w*|to report)\b|"
    r"\b(?:shift )?hand-?over\b|\bwhat did i miss\b|\bany news\b"
)
# What one asks the value of; of the others one asks what they are.
_EVERYDAY = frozenset(
    {"string_voltage_v", "cell_voltage_v", "string_current_a", "cell_temperature_c", "cell_temperature_max_c", "soc_pct",
     "ambient_temperature_c", "dc_load_current_a", "soh_pct", "runtime_remaining_min", "ac_voltage_l1_v", "ac_power_kw",
     "rectifier_voltage_v", "rectifier_current_a", "charger_mode", "mains_state", "alarm_severity", "alarm_count"}
)  # fmt: skip
_COUNTED = re.compile(
    r"\b(?:how many|how often|number of|count|list|last|latest|first|longest|when|any|total|show|were there|was|did|has)\b"
)
# Measured on the development questions: rules overrule a router surer than this to the worse.
CERTAIN = 0.8
CELL_TOOLS = ("latest_readings", "field_history", "worst_cells", "compare", "rank", "cell_history")
_VALUES = ("latest_readings", "field_history")
_ASKS_LIMIT = re.compile(r"\blimit (?:for|of|on)\b|\b(?:upper|lower|temperature|voltage|soc) limit\b")
_ASKS_PERMITTED = re.compile(r"\b(?:permitted|permissible|allowed|acceptable|tolerated|supposed to)\b")
_ASKS_MEANING = re.compile(
    r"\b(?:mean(?:s|ing|t)?|unit\w*|limits?|range|normal\w*|definition|define|allowed|acceptable|thresholds?|stand|stands|"
    r"explain\w*|describe|purpose|difference|measured|bounds?|should|supposed|too|safe|ok|okay|good|bad|healthy|typical|"
    r"maximum|minimum|max|min|operating|defined|floor|ceiling|permitted|permissible|tolerat\w+|nominal|field|source|come|comes|calculated|exactly)\b"
)


_OF_MODELS = ("model_status", "list_versions", "compare_versions", "model_health")
_BATTERY_MODEL = re.compile(r"^\W*(?:which|what) (?:battery )?models?\W*$|\b(?:cells?|capacity|installed)\b")
_THIS_MOMENT = re.compile(r"\b(?:rn|right now|at the moment|at present|this minute|this second)\b")
_WITHIN = re.compile(
    r"\b(?:in range|within (?:its |the |their )?(?:limits?|range|band)|in (?:its |the )?limits?|in spec)\b"
)


def settle_tool(label: str, slots: Slots, probability: float = 0.0) -> str:
    """The tool, where the grammar of the question leaves no choice; else the router's own.

    A router that is sure is right more often than a rule of grammar; it is only kept from what cannot be.
    """
    text = slots.text.lower()
    operating = operating_tool(label, text)
    if label == "efficiency" and not asks_efficiency(slots, text):
        # A value that is named is asked for, not what is lost on its way.
        label, probability = "latest_readings", 0.0
    if (
        outright := operating or watching_tool(label, slots, text) or _in_other_words(label, slots, text)
    ) is not None:
        return outright
    if probability >= CERTAIN:
        return _possible(label, slots, text)
    if unmeasured(text) is not None:
        return "not_measured"
    if label in NO_TOOL_LABELS:
        return "news" if _is_news(text) else label
    if slots.mentions.cells and label != "describe_field":
        return "cell_history"
    if _HALF_CHARGE.search(text):
        return "find_events"
    label = _recorded_or_estimated(label, slots, text)
    if (certain := _said_outright(label, slots, text)) is not None:
        return certain
    label = _by_field(_without_doubt(label, slots, text), slots, text)
    if label == "rank" and slots.spans and not _WHICH_ONE.search(text) and _OVER_ALL.search(text):
        return "field_history"
    if label in ("latest_readings", "rank") and slots.field_names and REGISTER_FIELDS.issuperset(slots.field_names):
        return "list_fleet"
    return _by_time(label, slots, text)


def _in_other_words(label: str, slots: Slots, text: str) -> str | None:
    """What a few words leave no doubt about, whatever the router takes the rest for."""
    # A battery has a model too: "which model has D03" asks for what is installed.
    if label in _OF_MODELS and (slots.has_place or _BATTERY_MODEL.search(text)):
        return "list_fleet"
    if label == "field_history" and not slots.spans and _THIS_MOMENT.search(text):
        return "latest_readings"
    return "limit_violations" if label == "field_trend" and _WITHIN.search(text) else None


def _possible(label: str, slots: Slots, text: str) -> str:
    """The router's choice, unless the question lacks what that tool cannot do without."""
    if unmeasured(text) is not None:
        return "not_measured"
    if slots.mentions.cells and label in CELL_TOOLS:
        return "cell_history"
    if slots.threshold is not None and label in (*_VALUES, "rank", "worst_cells"):
        return "limit_violations"
    if label == "compare" and _places(slots) < 2 and not slots.spans:
        return _without_doubt(label, slots, text)
    return label


def _recorded_or_estimated(label: str, slots: Slots, text: str) -> str:
    """What the monitor records and what we estimate bear like names; a value asked by its name alone is the monitor's."""
    names, read = slots.field_names, "field_history" if slots.spans else "latest_readings"
    if label == "estimate_soh" and names == ("soh_pct",) and not _ESTIMATES.search(text):
        return read
    if label == "estimate_soh" and names and not _HEALTH_FIELDS.issuperset(names):
        return read
    if label == "list_alerts" and not slots.spans and re.search(r"\balarm", text) and not _OF_ALERTS.search(text):
        return "latest_readings"
    if names == ("runtime_remaining_min",) and label in ("estimate_runtime", "forecast", "find_events"):
        return "estimate_runtime" if _ESTIMATES.search(text) or _SUPPOSES.search(text) else read
    return label


def _said_outright(label: str, slots: Slots, text: str) -> str | None:
    """The tool a phrase asks for by itself: a threshold, a range, an event, a comparison; None where none does."""
    if _is_news(text) and not slots.field_names:
        return "news"
    if slots.threshold is not None and label in (*_VALUES, "rank", "compare", "worst_cells"):
        return "limit_violations"
    if (
        slots.threshold is not None
        and label == "find_events"
        and (slots.threshold.unit or "").lower() in ("a", "amps", "v")
    ):
        return "limit_violations"
    is_outside = _IN_RANGE.search(text) or (_TOO_HIGH.search(text) and (slots.spans or slots.has_place))
    if is_outside and slots.threshold is None and label in (*_VALUES, "find_events"):
        return "limit_violations"
    if _ALARMED.search(text) and slots.spans and label in _VALUES:
        return "limit_violations"
    if _counts_events(label, slots, text):
        return "find_events"
    if _is_comparison(slots, text):
        return "compare"
    is_general = slots.field_names and not (slots.has_place or slots.spans or slots.threshold)
    if is_general and _ASKS_PERMITTED.search(text):
        return "describe_field"
    if (
        label == "limit_violations"
        and not (slots.has_place or slots.spans or slots.threshold)
        and _ASKS_LIMIT.search(text)
    ):
        return "describe_field"
    return None


def _counts_events(label: str, slots: Slots, text: str) -> bool:
    """Whether outages, discharges or boosts are counted, rather than a value asked for."""
    if slots.field_names == ("mains_state",) and re.search(r"\bhow (?:many times|often)\b", text):
        return True
    return bool(_EVENT.search(text) and _COUNTED.search(text)) and label in _VALUES


def _is_comparison(slots: Slots, text: str) -> bool:
    """Whether one field of two places or two times is set against each other."""
    if not slots.field_names or (_places(slots) < 2 and len(slots.spans) < 2):
        return False
    is_grown = len(slots.spans) > 1 and slots.statistic == "increase"
    return is_grown or bool(_COMPARING.search(text)) or (_places(slots) > 1 and bool(_APART.search(text)))


def _is_news(text: str) -> bool:
    """Whether a text asks what there is to tell of a time, as at a shift handover."""
    return bool(_NEWS.search(text)) and not _IN_RANGE.search(text)


def _by_field(label: str, slots: Slots, text: str) -> str:
    """The router's choice, unless the field that is named belongs to another tool."""
    names = slots.field_names
    if not names:
        return label
    if names == ("runtime_remaining_min",) and label in ("find_events", "data_coverage"):
        return "field_history" if slots.spans else "latest_readings"
    is_link = re.search(
        r"\b(?:gaps?|online|offline|heard|missing (?:data|rows)|complete\w*|coverage|stale|silent|report\w*)\b", text
    )
    if label == "data_coverage" and not is_link and not names[0].startswith(("bms_", "data_quality", "crc")):
        return "field_history" if slots.spans else "latest_readings"
    if label == "device_health" and names == ("soh_pct",) and not re.search(r"\b(?:why|score|reason)\b", text):
        # The health is our score; the state of health, asked by its name, is what the monitor reports.
        return "field_history" if slots.spans else "latest_readings"
    is_extreme = names[0] in ("cell_voltage_min_v", "cell_voltage_max_v")
    if (
        label == "worst_cells"
        and is_extreme
        and not re.search(r"\b(?:which|what) cells?\b|\bnumber\b|\bcells\b", text)
    ):
        return "field_history" if slots.spans else "latest_readings"
    if label == "worst_cells" and names == ("cell_min_index", "cell_max_index"):
        return "latest_readings"
    if (
        label == "find_events"
        and names == ("discharge_cycle_count",)
        and slots.statistic
        and not slots.mentions.devices
    ):
        return "rank"
    return label


def _asks_a_value(slots: Slots, text: str) -> bool:
    """ "What is the voltage" asks for a value; "what is float current" and "what is the limit" for a meaning."""
    if re.search(r"\b(?:everywhere|anywhere|right now|at the moment)\b", text):
        return True
    is_bare = re.fullmatch(r"\W*what(?:'s| is| are) (?:the )?[\w -]+\W*", text) is not None
    if is_bare and slots.field_names and not slots.has_place and slots.field_names[0] not in _EVERYDAY:
        return False
    is_value = slots.has_place or bool(re.search(r"\bwhat(?:'s| is| are) (?:the|its|their)\b", text))
    return is_value and not _ASKS_MEANING.search(text)


def _without_doubt(label: str, slots: Slots, text: str) -> str:
    """The router's choice, unless the question lacks what that tool needs."""
    # Phases have no cells: "phase imbalance" is about the mains.
    if label == "worst_cells" and slots.field_names and slots.field_names[0].startswith("ac_"):
        return "field_history" if slots.spans else "latest_readings"
    if (
        label == "compare"
        and _places(slots) > 1
        and not slots.field_names
        and re.search(r"\b(?:worse|better|healthier)\b", text)
    ):
        return "device_health"
    if label == "compare" and _places(slots) > 1 and len(slots.spans) < 2 and not _COMPARING.search(text):
        return "latest_readings"
    if label == "describe_field" and _asks_a_value(slots, text):
        return "latest_readings"
    if label == "list_fleet" and slots.field_names and not REGISTER_FIELDS.intersection(slots.field_names):
        return "latest_readings"
    if label == "compare" and len(slots.spans) == 1 and _places(slots) < 2 and _SINCE_THEN.search(text):
        return label
    if label == "compare" and _places(slots) < 2 and len(slots.spans) < 2:
        return "rank" if _WHICH_ONE.search(text) else "latest_readings"
    if label == "rank" and len(slots.mentions.devices) == 1:
        return "field_history" if slots.spans or slots.statistic else "latest_readings"
    return label


def _places(slots: Slots) -> int:
    return max(len(slots.mentions.devices), len(slots.mentions.sites))


def _by_time(label: str, slots: Slots, text: str) -> str:
    """Latest, over a window, or who leads: told apart by time, statistic and "which"."""
    names = slots.field_names
    if label in _VALUES and names and _PER_SITE.search(text) and not slots.mentions.devices:
        return "rank"
    counts_most = (
        bool(names) and field_facts(names[0]).is_counter and slots.statistic in ("min", "max") and not slots.has_place
    )
    if label in ("latest_readings", "field_history") and names and (_WHICH_ONE.search(text) or counts_most):
        is_superlative = slots.statistic in ("min", "max", "range", "increase", "worst") or slots.top is not None
        is_superlative = is_superlative or bool(_COMPARING.search(text))
        if is_superlative and len(slots.mentions.devices) == 0:
            return "rank"
    if names == ("capacity_test_pct",) and not slots.spans and label == "field_history":
        return "latest_readings"
    is_extreme = bool(names) and ("_max_" in names[0] or "_min_" in names[0])
    over_time = ("mean", "range", "increase") if is_extreme else ("mean", "range", "increase", "worst")
    if label == "latest_readings" and (slots.spans or slots.statistic in over_time):
        return "field_history" if slots.field_names else label
    return label


def unmeasured(text: str) -> str | None:
    """The quantity a text asks for that no monitor measures, or None."""
    match = _UNMEASURED.search(text)
    return match.group() if match else None


def default_tool(slots: Slots) -> str | None:
    """What is meant when little more than a field or a device is said; None where not even that."""
    if slots.mentions.cells:
        return "cell_history"
    if slots.threshold is not None:
        return "limit_violations"
    if slots.field_names:
        return "field_history" if slots.spans or slots.statistic else "latest_readings"
    return "latest_readings" if slots.mentions.devices else None
