"""Words that order something: acknowledge, change a limit, write the log, undo; and those that only ask about it."""

import re

from tools.analytics.alert_rules import BY_NAME

OPERATING = frozenset(
    {"acknowledge_alert", "change_limit", "log_maintenance", "undo_action", "pending_actions", "maintenance_log"}
)  # fmt: skip
# What is said before an order; it is no part of it.
_POLITE = (
    r"^\W*(?:(?:ok(?:ay)?|and|so|now|then|right|great|thanks|hi|hello|hey|also|please|pls|kindly|just|"
    r"(?:can|could|would|will) you(?: please)?|i(?: want|'d like| would like| need) (?:you )?to|let's|go ahead and)[\s,]+)*"
)
_ACKNOWLEDGE = re.compile(
    rf"{_POLITE}(?:ack(?:nowledge|nowlege)?\b(?! (?:list|state|status))|confirm (?:the |all |that |this |those )?(?:alarms?|alerts?)\b|"
    r"mark (?:the |all |that |this |those )?(?:\w+ )?(?:alarms?|alerts?)\b.{0,40}\b(?:as )?(?:seen|acknowledged|acked|read)\b)"
)
_LIMIT_VERB = r"(?:raise|lift|increase|up|put up|lower|reduce|decrease|drop|set|change|adjust|move|bump(?: up)?|put|make|tighten|relax|bring)"
_LIMIT_NOUN = r"(?:alarms?|alerts?|limits?|thresholds?|warnings?|trip(?:[- ]points?)?)"
_LIMIT = re.compile(
    rf"{_POLITE}{_LIMIT_VERB}\b.{{0,60}}\b{_LIMIT_NOUN}\b.*\d|{_POLITE}{_LIMIT_VERB}\b.*\b{_LIMIT_NOUN}\b.*\bto\b"
)
_LOG = re.compile(
    rf"{_POLITE}(?:(?:log|note)\b(?! of\b| file\b| (?:high|low)\b)|record\b.{{0,30}}\b(?:that|inspections?|replacements?|visits?|swap|"
    r"note|entry|in the log)\b|write down that\b|(?:enter|write|put|add|make)\b.{0,40}\b(?:log|note|entry|inspection|replacement|maintenance)\b|"
    r"(?:open|create|raise|make|file|start|issue)\b(?: me)?(?: an?| the| another)?(?: new)? (?:work[- ]?order|ticket|job|wo)\b|"
    r"(?:close|complete|finish)\b(?: out)?(?: the| that| this)? ?(?:work[- ]?order|ticket|job|wo)\b|"
    r"mark (?:\w+ )?(?:cell \d+ )?.{0,20}\bas (?:repaired|inspected|replaced|serviced|cleaned|checked)\b)"
)
_UNDO = re.compile(
    rf"{_POLITE}(?:undo\b|revert\b|reverse (?:that|it|this|the last)\b|take (?:that|it|this) back\b|(?:roll|put) (?:that|it|this) back\b|"
    r"cancel what (?:i|you) just did\b)"
)
_NOT_AN_ORDER = re.compile(
    r"^\W*(?:(?:and|so|ok|now|please)\W+)*(?:what|which|who|whose|when|where|why|how|is|are|was|were|did|does|do|has|have|any|list|show)\b"
)
_PENDING = re.compile(
    r"\b(?:waiting|pending|outstanding|open|left|anything|something|what)\b.{0,30}\b(?:approv\w+|sign[- ]?off|to confirm)\b|"
    r"\bpending (?:actions?|plans?|requests?)\b|\b(?:actions?|plans?|requests?) (?:are |is |still )?(?:pending|waiting)\b|\bapprovals? (?:list|queue)\b"
)
_LOGGED = re.compile(
    r"\bwork[- ]?orders?\b|\bmaintenance\b(?! (?:mode|free|procedure|schedule|interval))|\b(?:service|repair) (?:history|log|record)\b|"
    r"\b(?:replac\w+|swapped|inspect(?:ed|ions?)|serviced)\b(?=.*\b(?:when|last|who|cell|ever|since|on|at|month|year|many|log)\b)|"
    r"\b(?:when|who|last|ever|how many|which)\b.*\b(?:replaced|replacements?|swapped|inspected|inspections?|serviced)\b|"
    r"\b(?:what|which) (?:work )?(?:was|has been|were|did (?:we|they|anyone)) (?:done|do|carried out)\b|\bwork (?:was )?(?:done|carried out)\b"
)
# To be told when something happens is not offered.
_SUBSCRIBES = re.compile(r"\bme\b.{0,30}\b(?:when|if|once|as soon as)\b|\b(?:notify|e?mail|text|call) me\b")
_NAMES_A_LIMIT = re.compile(rf"\b{_LIMIT_NOUN}\b|\b[A-Z]_[A-Z]+\b", re.IGNORECASE)
_HOW_TO = re.compile(
    r"\bhow (?:do|to|should|can|must)\b|\bprocedure|\bmanuals?\b|\bsteps\b|\bshould (?:i|we)\b|\bwhat do i do\b"
)
# Alarms by the words people use for them; the first that fits.
_ALARMS: tuple[tuple[str, str], ...] = (
    (r"over (?:the )?(?:room|ambient)|above (?:the )?(?:room|ambient)|delta[- ]?t", "DT_AMB"),
    (r"(?:low|cold)[- ](?:temp\w*)|temp\w* (?:too )?low|cold|freez\w+|frost", "T_LOW"),
    (r"temp\w*|hot|heat|over-?temp\w*|thermal(?! run)|warm\w*", "T_HIGH"),
    (r"runaway", "RUNAWAY"),
    (r"soc|state of charge|charge (?:left|level)|reserve|low charge|battery level", "LOW_RESERVE"),
    (r"ripple", "RIPPLE"),
    (r"float current", "IFLOAT"),
    (r"joints?|connections?|links? resistance|inter-?cell", "JOINT"),
    (r"ohmic|resistance|impedance", "OHMIC"),
    (r"capacity", "CAPACITY"),
    (r"end[- ](?:of[- ]discharge|voltage)|discharge end", "END_V"),
    (r"behind (?:its|the) string|imbalance|lagging", "V_CELL_BEHIND"),
    (r"short(?:ed)?(?: cell)?", "V_CELL_SHORT"),
    (r"(?:high|over)[- ]?(?:cell )?volt\w*|cell (?:voltage )?(?:too )?high", "V_CELL_HIGH_FLOAT"),
    (r"(?:low|under)[- ]?(?:cell )?volt\w*|cell (?:voltage )?(?:too )?low|cell voltage", "V_CELL_LOW_FLOAT"),
    (r"recharg\w*", "RECHARGE_SLOW"),
    (r"comm?s?\b|communication|link|silent|offline|polls?", "COMM"),
    (r"rectifier\w*|modules?", "RECT_N1"),
    (r"mains|outage|power (?:cut|fail\w*)", "MAINS"),
    (r"discharg\w*", "DISCHARGE"),
    (r"stuck", "STUCK"),
)


def ordered_tool(text: str) -> str | None:
    """The action a message orders by its form; None where it orders none."""
    if _HOW_TO.search(text) or _SUBSCRIBES.search(text):
        return None
    for pattern, tool in (
        (_UNDO, "undo_action"),
        (_ACKNOWLEDGE, "acknowledge_alert"),
        (_LIMIT, "change_limit"),
        (_LOG, "log_maintenance"),
    ):
        if pattern.search(text):
            return tool
    return None


def operating_tool(label: str, text: str) -> str | None:
    """The tool of a question about what waits or was done, and of an order the router has seen; None otherwise."""
    if _HOW_TO.search(text):
        return "search_manuals" if label in OPERATING else None
    is_question = _NOT_AN_ORDER.search(text) is not None
    if _PENDING.search(text):
        return "pending_actions"
    if (is_question or label == "maintenance_log") and _LOGGED.search(text):
        return "maintenance_log"
    if not is_question:
        return _as_ordered(label, text) if label in OPERATING else None
    if re.search(r"\back(?:nowledg)?ed\b", text):
        return "list_alerts"
    asked = {
        "acknowledge_alert": "list_alerts",
        "change_limit": "describe_field",
        "log_maintenance": "maintenance_log",
    }
    return asked.get(label) or (label if label in ("maintenance_log", "pending_actions", "undo_action") else None)


def _as_ordered(label: str, text: str) -> str:
    """An action the router has heard, unless the words for it are missing."""
    if (
        label == "acknowledge_alert"
        and re.search(r"\b(?:un)?ack(?:nowledg)?ed\b", text)
        and not _ACKNOWLEDGE.search(text)
    ):
        return "list_alerts"
    if label == "change_limit" and (_SUBSCRIBES.search(text) or not _NAMES_A_LIMIT.search(text)):
        return "action_request"
    return label


def alarm_in(text: str) -> str | None:
    """The alarm a text names, by its own name or by what people call it."""
    for name in BY_NAME:
        if re.search(rf"\b{name.lower()}\b", text):
            return name
    return next((name for words, name in _ALARMS if re.search(rf"\b(?:{words})", text)), None)
