"""Every word the pages show; a second language is a second file like this one."""

NAME = "Battery assistant"
CHAT_PAGE = "Chat"

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

NO_DATA = "no data"
ARGUMENTS = "Asked for"
RESULT = "Result"
NO_ARGUMENTS = "nothing in particular"
STEP_REFUSED = "refused"
EVIDENCE_COLUMNS = ("In the answer", "Stored value", "Of", "When", "From")
QUESTION_SOURCE = "your question"
WHOLE_FLEET = "the fleet"
TIME_AXIS = "Time"
LIMIT = "Limit"
NOT_FROM_ZERO = "axis does not start at 0"

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
IN_SCRIPTS = {
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
    "signOut": "Sign out",
    "everySite": "every site",
}


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
