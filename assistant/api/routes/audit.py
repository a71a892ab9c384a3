"""GET /api/audit: who did what, for admins, and whether the chain of the log holds."""

from typing import Annotated

from fastapi import APIRouter, Query

from assistant.api.dependencies import Admin, ReadyAssistant
from assistant.api.errors import ERROR_RESPONSES
from tools.actions.audit import AuditRow, AuditVerdict
from tools.quantity import Frozen

router = APIRouter(tags=["audit"], responses=ERROR_RESPONSES)


class Audit(Frozen):
    """The newest events, newest first, and what a check of the whole log found."""

    rows: tuple[AuditRow, ...]
    verdict: AuditVerdict


@router.get("/api/audit")
def audit(
    assistant: ReadyAssistant,
    _: Admin,
    most: Annotated[int, Query(ge=1, le=1000, description="How many events")] = 100,
    head: Annotated[
        str | None, Query(pattern="^[0-9a-f]{64}$", description="A hash noted earlier, which the log must still hold")
    ] = None,
) -> Audit:
    """The audit log."""
    return Audit(rows=assistant.audit.rows(most), verdict=assistant.audit.verify(head))
