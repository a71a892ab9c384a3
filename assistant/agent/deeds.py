"""Finds claims that something was done: "Done", "I have acknowledged it", "the limit has been changed".

Only what the ledger holds was done. A brain never does anything itself, so in a turn in which no plan was carried out
such a claim is false; reports of what others did before stand where a result of the turn says so.
"""

import re
from collections.abc import Sequence

from assistant.agent.turn import CallRecord
from tools.actions.maintenance_log import MaintenanceReport
from tools.actions.plan import Decided
from tools.analytics.alerts import AlertReport

_DEED = (
    r"(?:acknowledged|acked|changed|set|raised|lowered|adjusted|updated|increased|reduced|logged|recorded|noted|written|opened|"
    r"closed|created|undone|reverted|restored|rolled back|retrained|deployed|started|stopped|approved|executed|applied|"
    r"carried out|completed|confirmed|silenced|reset|cleared|saved|added|entered|submitted|scheduled|replaced|taken back)"
)
# Of things: data is recorded and discharges are started without anybody's deed.
_STATE = (
    r"(?:acknowledged|acked|changed|set|raised|lowered|adjusted|updated|increased|reduced|logged|opened|closed|created|undone|"
    r"reverted|rolled back|retrained|deployed|approved|executed|silenced|reset|submitted|scheduled|replaced|taken back)"
)
_ADVERB = r"(?:(?:now|just|already|successfully|also|been|then|all)\s+)*"
# Somebody speaks of their own deed, or says that it is over.
_OWN = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # Having made a plan is no deed.
        rf"\b(?:i|we)(?:['’]ve| have| had)?\s+{_ADVERB}{_DEED}\b(?!\s+(?:a|an|the|this|your)\s+(?:\w+\s+)?"
        r"(?:plan|request|proposal)\b)",
        r"(?:^|[.!?:]\s*|\*\*)\W*(?:all )?done\b(?!\s+(?:by|on|at|in|when|with|every|once|as)\b)",
        r"\b(?:it|that|this|everything|all of it|which)(?:['’]s| is| are| was| has been)\s+(?:now |all |been )*done\b(?! by)",
        rf"\bsuccessfully\s+{_DEED}\b|\b{_DEED}\s+successfully\b",
        r"\b(?:action|request|plan|change|update|order) (?:is|was|has been) (?:now )?(?:complete|completed|executed|done|"
        r"carried out|applied)\b",
        r"\bhas taken effect\b|\bis now in (?:effect|force)\b",
        rf"^\W*{_DEED.replace('set|', '')}\s+(?:\d+|the|all|both|your|alert|alarm|cell|it|that)\b",
    )
)
# Said of a thing: it may be a report of what somebody did before.
_REPORTED = re.compile(
    rf"\b(?:has|have|had)\s+(?:now |just |already )*been\s+{_ADVERB}{_STATE}\b|\b(?:is|are)\s+now\s+{_ADVERB}{_STATE}\b",
    re.IGNORECASE,
)


def unsupported_deeds(sentence: str, calls: Sequence[CallRecord]) -> list[str]:
    """The claims of a sentence that something was done, where neither the ledger nor a result of this turn bears them
    out."""
    if any(_was_carried_out(call) for call in calls):
        return []
    claims = [match.group().strip() for pattern in _OWN for match in pattern.finditer(sentence)]
    reported = [match.group().strip() for match in _REPORTED.finditer(sentence)]
    return claims + [claim for claim in reported if not any(_reports(call, claim) for call in calls)]


def _was_carried_out(call: CallRecord) -> bool:
    """Whether a call is a decision of this turn that stands in the ledger."""
    return isinstance(call.result, Decided) and call.result.entry is not None


def _reports(call: CallRecord, claim: str) -> bool:
    """Whether a result tells of a deed of that kind."""
    if isinstance(call.result, AlertReport):
        of_alerts = {"acknowledged": "acknowledged", "acked": "acknowledged", "cleared": "cleared", "raised": "raised"}
        wanted = next((attribute for word, attribute in of_alerts.items() if word in claim.lower()), None)
        return wanted is not None and any(getattr(alert, wanted) is not None for alert in call.result.alerts)
    return isinstance(call.result, MaintenanceReport) and bool(call.result.entries)
