"""The card of a planned action: what would be done, to what, until when, and what became of it; all text escaped.

Its buttons are pressed in approvals.js, which asks the API: there the role is checked, not here.
"""

from html import escape

from assistant.agent.answer import Approval
from assistant.ui import wording
from assistant.ui.moments import moment_words
from tools.actions.contract import Impact, Touched
from tools.actions.plan import Decided
from tools.quantity import Quantity

MOST_LINES = 8


def approval_html(approval: Approval, now: Decided | None, time_zone: str) -> str:
    """The card of an action, as it stands now; `now` is None while its answer is still being written."""
    state = now.plan.state if now else "pending"
    until = moment_words(approval.expires_at, time_zone)
    return (
        f'<section class="approval" data-plan="{escape(approval.id)}" data-hash="{escape(approval.hash)}"'
        f' data-state="{state}" data-action="{escape(approval.action)}" aria-label="{wording.APPROVAL}">'
        f'<p class="approval-what">{escape(approval.impact.means)}</p>{_touched_html(approval.impact, time_zone)}'
        f'<p class="approval-until">{escape(wording.waits_until(until, approval.impact.role))}</p>'
        f'<div class="approval-buttons">{_button("approve", wording.APPROVE)}{_button("reject", wording.REJECT)}'
        f"{_button('undo', wording.UNDO)}</div>"
        f'<p class="approval-state" role="status">{escape(state_words(now, time_zone)) if now else ""}</p></section>'
    )


def state_words(now: Decided, time_zone: str) -> str:
    """What became of a plan; nothing while it waits."""
    plan = now.plan
    at = moment_words(plan.decided, time_zone) if plan.decided else ""
    means = now.entry.means if now.entry else ""
    return wording.state_of_action(plan.state, means, plan.decided_by or "", at, plan.reason or "")


def _touched_html(impact: Impact, time_zone: str) -> str:
    lines = [_touched(one, time_zone) for one in impact.touched[:MOST_LINES]]
    if (more := len(impact.touched) - MOST_LINES) > 0:
        lines.append(wording.and_others(more))
    if impact.note:
        lines.append(wording.noted(impact.note))
    lines += [_counted(one) for one in impact.figures if one.statistic == "count"]
    return f"<ul>{''.join(f'<li>{escape(line)}</li>' for line in lines)}</ul>" if lines else ""


def _touched(one: Touched, time_zone: str) -> str:
    where = f"{one.device_id}: " if one.device_id else ""
    return where + one.means + (f", {moment_words(one.at, time_zone)}" if one.at else "")


def _counted(one: Quantity) -> str:
    return f"{one.value:g} {one.text or ''}".strip()


def _button(decision: str, label: str) -> str:
    return f'<button type="button" data-decide="{decision}">{label}</button>'
