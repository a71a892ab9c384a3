"""Every word the pages show; a second language is a second file like this one."""

from collections.abc import Sequence

NAME = "Battery assistant"
CHAT_PAGE = "Chat"
MANUALS_PAGE = "Manuals"
MANUALS_MORE = "What answers are quoted from. Of several revisions the newest is cited."
DASHBOARD_PAGE = "Dashboard"
MAP_PAGE = "Map"
PAGES = {"/": DASHBOARD_PAGE, "/geo-dashboard": MAP_PAGE, "/chat": CHAT_PAGE, "/manuals": MANUALS_PAGE}
MENU = "Pages"

WELCOME = "What would you like to know about your batteries?"
WELCOME_MORE = "Every number in an answer comes from stored readings, and each can be traced."
NO_FLEET = "There are no batteries yet. Import readings, or make a demo fleet with `python app.py demo`."

ASK = "Ask about your batteries"
ASK_HINT = "Ask about a site, device or cell"
SEND = "Ask"
STOP = "Stop"
AGAIN = "Ask again"
OPEN = "Open conversation"

READING = "Reading the battery data…"
WRITING = "Writing the answer…"
STOPPED = "Stopped before the answer was complete."
EARLIER = "Earlier questions of this conversation are kept, but not shown."
NOT_YOURS = "This conversation cannot be continued here."
NOT_YOURS_HINT = "Start a new one."

COPY, COPY_NAME = "Copy", "Copy this answer"
LINK, LINK_NAME = "Link", "Copy a link to this answer"
LIKE, LIKE_NAME = "Like", "I like this answer"
DISLIKE, DISLIKE_NAME = "Dislike", "I do not like this answer"
ENLARGE = "Enlarge"

APPROVAL = "An action that needs approval"
APPROVE, REJECT, UNDO = "Approve", "Reject", "Undo"
# What became of a planned action, on the card as Python draws it and as the script brings it up to date.
APPROVAL_STATES = {
    "executed": "Done. {means}. Approved by {by}, {at}.",
    "rejected": "Rejected by {by}, {at}. Nothing was done.",
    "undone": "Undone by {by}, {at}.",
    "failed": "Not done: {reason}",
    "expired": "This has expired; nothing was done.",
}

NO_DATA = "no data"
ARGUMENTS = "Asked for"
RESULT = "Result"
STEP_REFUSED = "refused"
EVIDENCE_COLUMNS = ("In the answer", "Stored value", "Of", "When", "From")
QUESTION_SOURCE = "your question"
TIME_AXIS = "Time"
LIMIT = "Limit"
NOT_FROM_ZERO = "axis does not start at 0"

# The dashboards.
LOADING = "Loading…"
LOOK = "Look"
TRIED_AGAIN = "It is tried again in a few seconds."
NEVER = "never"
AS_OF = "As of"
WHERE = "Where you look"
FLEET = "Fleet"
TIME_RANGE = "Time range of the charts"
RANGES = {"24h": "24 hours", "7d": "7 days", "30d": "30 days"}
RANGE_WORDS = {"24h": "in the last 24 hours", "7d": "in the last 7 days", "30d": "in the last 30 days"}
ASK_ABOUT = "Ask"

HEALTH = "Health"
FLEET_HEALTH = "Health of the fleet"
FLEET_ALERTS = "Alerts in the fleet"
WEAKEST = "Weakest:"
ALERTS = "Alerts"
STANDING = "Alerts that stand"
NO_ALERTS = "No alert stands."
HEARD = "Heard lately"
ALL_HEARD = "Every device sends as it should."
SILENT = "silent"
CHANGES = "Since your last visit"
NOTHING_NEW = "Nothing new"
SINCE = "since"
GONE_SILENT = "gone silent"
RAISED = "raised"
CLEARED = "cleared"
WORST = "at worst"
ACKNOWLEDGED = "acknowledged"
ACKNOWLEDGE = "Acknowledge"

DEVICES = "Devices by need"
BY_NEED = "worst alert first, then health"
DEVICE = "Device"
DEVICE_COUNT = "Devices"
SILENT_COUNT = "Silent"
SITE = "Site"
ADDRESS = "Address"
WHY = "Why"
LAST_HEARD = "Heard"
INDICATOR = "Indicator"
VALUE = "Value"
MEANS = "What it means"
CELLS = "Cells"
MEASURE = "What the cells are coloured by"
MEDIAN = "median"
TAKEN = "measured"
NOTHING_MEASURED = "nothing was measured in this time"
NO_SUCH_DEVICE = "There is no such device."

MAP = "Sites"
REGIONS = "Regions"
REGION = "Region"
SITES = "Sites"
NO_REGION = "no region"
NO_PLACES = "No site has coordinates."
NOT_ON_MAP = "Without coordinates:"

BANDS = {"act": "act", "plan": "plan", "watch": "watch", "healthy": "healthy", "unknown": "unknown"}
SEVERITIES = {"critical": "critical", "major": "major", "minor": "minor", "info": "info"}
GRADES = {"ok": "ok", "minor": "minor", "major": "major", "critical": "critical"}
MEASURES = {"voltage": "Voltage", "resistance": "Resistance", "temperature": "Temperature"}
INDICATORS = {
    "state of health": "State of health",
    "ohmic rise": "Ohmic rise",
    "cell deviation": "Cell deviation",
    "temperature rise": "Temperature rise",
    "float current": "Float current",
    "data quality": "Data quality",
}
# Headings of narrow columns; fields that are not here keep their own label.
SHORT_LABELS = {
    "string_voltage_v": "Voltage",
    "string_current_a": "Current",
    "cell_temperature_max_c": "Hottest post",
    "soc_pct": "Charge",
}

# What each tool does, said of a finished step; {field} is the field asked for, {what} the kind of event or measure.
TOOLS = {
    "list_fleet": "Listed sites and devices",
    "latest_readings": "Read the latest {field}",
    "field_history": "Looked up {field}",
    "compare": "Compared {field}",
    "rank": "Ranked by {field}",
    "describe_field": "Looked up what {field} means",
    "data_coverage": "Checked how complete the data is",
    "calculate": "Calculated the {what}",
    "worst_cells": "Compared the cells by {what}",
    "cell_history": "Looked up cell {cell} by {what}",
    "limit_violations": "Checked the limits of {field}",
    "find_events": "Looked for each {what}",
    "device_health": "Scored the health",
    "list_alerts": "Looked up alerts",
    "find_anomalies": "Looked for anomalies",
    "estimate_soh": "Estimated the state of health",
    "estimate_runtime": "Estimated the runtime",
    "forecast": "Made a forecast",
    "field_trend": "Judged the trend",
    "efficiency": "Computed the efficiency",
    "search_manuals": "Searched the manuals",
    "maintenance_log": "Read the maintenance log",
    "pending_actions": "Looked up what waits for approval",
    "acknowledge_alert": "Planned to acknowledge alerts",
    "change_limit": "Planned another limit",
    "log_maintenance": "Planned an entry in the maintenance log",
    "undo_action": "Planned to undo an action",
    "model_status": "Looked up the live model",
    "list_versions": "Listed the versions",
    "compare_versions": "Compared two versions",
    "drift_report": "Looked for drift",
    "model_health": "Checked the model",
}
ANY_FIELD = "readings"
ANY_LIMITED_FIELD = "all fields"
ANY_MEASURE = "voltage"


# What the site's scripts say.
IN_SCRIPTS: dict[str, object] = {
    "conversations": "Conversations",
    "fresh": "New conversation",
    "find": "Search conversations",
    "loading": "Loading…",
    "none": "Your conversations will be listed here.",
    "notFound": "No conversation has these words.",
    "listFailed": "The list could not be loaded.",
    "again": "Try again",
    "today": "Today",
    "yesterday": "Yesterday",
    "week": "Last 7 days",
    "older": "Older",
    "actions": "Actions for",
    "rename": "Rename",
    "renameTitle": "Rename conversation",
    "title": "Title",
    "exportMarkdown": "Export as Markdown",
    "exportJson": "Export as JSON",
    "remove": "Delete",
    "removeTitle": "Delete this conversation?",
    "removeText": "Its questions and answers are deleted for good:",
    "save": "Save",
    "cancel": "Cancel",
    "close": "Close",
    "copied": "Copied",
    "linkCopied": "Link copied",
    "notCopied": "Your browser did not allow copying.",
    "kept": "Thank you",
    "withdrawn": "Taken back",
    "why": "What was good or wrong? (optional)",
    "failed": "That did not work. Try again.",
    "stale": "No connection: these figures are not the newest.",
    "signOut": "Sign out",
    "everySite": "every site",
    "approve": APPROVE,
    "reject": REJECT,
    "deciding": "One moment…",
    "waitsFor": "Asked for by {by}, waits until {at}",
    "waitingCount": "{count} to approve",
    "approvalStates": APPROVAL_STATES,
    "document": "Document",
    "revisionHead": "Revision",
    "superseded": "superseded",
    "dated": "Dated",
    "passages": "Passages",
    "addedBy": "Added by",
    "hash": "SHA-256",
    "noData": NO_DATA,
    "added": "Added here",
    "noneAdded": "No document has been added yet. Markdown, text, PDF, Word and HTML files can be.",
    "shipped": "Shipped with the product",
    "addDocument": "Add a document",
    "addedDocument": "Added and indexed:",
    "indexing": "Indexing, this may take a minute…",
    "removeDocument": "Remove",
    "removeDocumentTitle": "Remove this document?",
    "removeDocumentText": "It is no longer searched, and our copy is deleted:",
    "removedDocument": "Removed.",
}


def waits_until(moment: str, role: str) -> str:
    """Until when a planned action may be approved, and by whom."""
    return f"Nothing is done yet. Waits for approval until {moment}; needs the role {role}."


def state_of_action(state: str, means: str, by: str, at: str, reason: str) -> str:
    """What became of a planned action; nothing while it waits."""
    return APPROVAL_STATES.get(state, "").format(means=means, by=by, at=at, reason=reason)


def noted(note: str) -> str:
    """The words an asker wants to be kept with an action."""
    return f"Note: “{note}”"


def and_others(count: int) -> str:
    """How many more things an action would change."""
    return f"and {count} more"


def examples(site: str, device: str) -> tuple[str, ...]:
    """Questions to begin with, about a site and a device that exist."""
    return (
        "How healthy is the fleet?",
        "Which device is hottest?",
        f"Average temperature at {site} yesterday",
        f"Weakest cell of {device}",
        "How many outages this month?",
        "What does float current mean?",
    )


def evidence(count: int) -> str:
    """The closed line of the evidence of an answer."""
    return f"Evidence ({count})"


def sources(count: int) -> str:
    """The closed line of the manuals an answer rests on."""
    return f"Sources ({count})"


def revision(number: str) -> str:
    """Which revision of a manual a passage stands in."""
    return f"revision {number}"


def more_charts(count: int) -> str:
    """The closed line of the charts that are not shown at once."""
    return f"{count} more chart" if count == 1 else f"{count} more charts"


def rows(count: int) -> str:
    """How many readings a step used."""
    return f"{count:,} row" if count == 1 else f"{count:,} rows"


def and_more(count: int) -> str:
    """How much of a long result is left out."""
    return f"… {count:,} more characters"


def outside(limits: str) -> str:
    """Says which limits are too far from the data to be drawn."""
    return f"{limits} outside this chart"


def not_answered(code: str | None) -> str:
    """What stands in place of an answer that failed, when it is shown again later."""
    return f"This question could not be answered ({code})." if code else "This question could not be answered."


def something_wrong(turn_id: str | None) -> str:
    """What a person sees of an error that nobody foresaw."""
    reference = f" Reference: {turn_id}." if turn_id else ""
    return f"Something went wrong on our side, and it has been logged.{reference}"


def short_label(field: str, label: str) -> str:
    """What a narrow column of a field is called."""
    return SHORT_LABELS.get(field, label.capitalize())


def of_all(some: str, whole: str) -> str:
    """So many of so many."""
    return f"{some} of {whole}"


def first_of(shown: int, whole: int) -> str:
    """Says that a list is cut."""
    return f"the first {shown} of {whole:,}"


def more_alerts(rest: int) -> str:
    """The closed line of the alerts that are not shown at once."""
    return f"{rest:,} more alert" if rest == 1 else f"{rest:,} more alerts"


def more_changes(rest: int) -> str:
    """How many changes are not listed."""
    return f"and {rest:,} more"


def and_more_devices(rest: int) -> str:
    """How many devices are not listed."""
    return f"{rest:,} more; choose a site to see them"


def lines_left_out(names: int) -> str:
    """How many devices a chart does not show."""
    return f"{names:,} more devices; choose a site or device"


def look_at(name: str) -> str:
    """The name of a link to a device or site."""
    return f"Look at {name}"


def device_title(device_id: str) -> str:
    """The heading of the health of a device."""
    return f"Health of {device_id}"


def cells_of(count: int) -> str:
    """How many cells a string has."""
    return f"{count} cells"


def installed(year: str) -> str:
    """When a string was installed."""
    return f"installed {year}"


def not_judged(names: Sequence[str]) -> str:
    """Which indicators have too little data."""
    return f"Not judged for lack of data: {', '.join(names)}."


def cell_name(number: int, figure: str, grade: str) -> str:
    """What a screen reader says of a cell."""
    return f"Cell {number}, {figure}, {grade}"


def site_name(name: str, devices: int, band: str, alerts: int) -> str:
    """What a screen reader says of a site on the map."""
    return f"{name}: {devices} devices, {band}, {alerts} alerts"


def ask_about(question: str) -> str:
    """The name of a link that asks in the chat."""
    return f"Ask in the chat: {question}"


def ask_health(device_id: str) -> str:
    """The question behind a device."""
    return f"How healthy is {device_id} and why?"


def ask_alert(device_id: str, means: str) -> str:
    """The question behind an alert."""
    return f"What should I do on {device_id} when {means}?"


def ask_acknowledge(name: str, device_id: str) -> str:
    """The wish behind acknowledging an alert."""
    return f"Acknowledge alert {name} of {device_id}"


def ask_chart(label: str, place: str, range_name: str) -> str:
    """The question behind a chart; `place` is a device, a site or nothing."""
    where = f" of {place}" if place else ""
    return f"Show the {label.lower()}{where} {RANGE_WORDS[range_name]}"


def ask_cell(measure: str, number: int, device_id: str, range_name: str) -> str:
    """The question behind the chart of a cell."""
    return f"Show the {measure} of cell {number} of {device_id} {RANGE_WORDS[range_name]}"


def worse_by(step: str) -> str:
    """From how much on a cell is coloured."""
    return f"{step} worse than the median"


def ask_site(name: str) -> str:
    """The question behind a site."""
    return f"How healthy is {name} and why?"
