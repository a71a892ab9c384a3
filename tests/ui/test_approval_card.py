"""The approval card as markup: what, to what, until when, what became of it; foreign text is only text."""

from datetime import timedelta

from assistant.agent.answer import approval_of
from assistant.ui.approval_card import approval_html
from tests.support.builders import NOW
from tools.actions.contract import Impact, Touched
from tools.actions.plan import Decided, LedgerEntry, PlannedAction, PlanState

PLAN = PlannedAction(
    plan_id="plan_1",
    action="acknowledge_alert",
    tier="change",
    arguments={"alert_ids": [1]},
    hash="a" * 64,
    impact=Impact(
        means="Acknowledge 1 alert of D01",
        role="operator",
        sites=("S01",),
        touched=(Touched(means="a post is <b>hot</b>", device_id="D01", at=NOW),),
        note='<img src=x onerror="alert(1)">',
    ),
    asked_by="otto",
    created=NOW,
    expires_at=NOW + timedelta(minutes=15),
    state="pending",
)
DONE = LedgerEntry(
    plan_id="plan_1",
    action="acknowledge_alert",
    asked_by="otto",
    approved_by="erik",
    done=NOW,
    means="Acknowledged 1 alert of D01",
)


def card(state: PlanState, **changes: object) -> str:
    plan = PLAN.model_copy(update={"state": state, "decided_by": "erik", "decided": NOW, **changes})
    return approval_html(approval_of(PLAN), Decided(plan=plan, entry=DONE if state == "executed" else None), "UTC")


def test_a_waiting_card_says_what_until_when_and_who_may() -> None:
    html = approval_html(approval_of(PLAN), None, "Europe/Oslo")
    assert 'data-plan="plan_1"' in html
    assert f'data-hash="{"a" * 64}"' in html
    assert 'data-state="pending"' in html
    assert "Acknowledge 1 alert of D01" in html
    assert "until 31 Mar 14:15 CEST; needs the role operator" in html


def test_foreign_text_is_only_text() -> None:
    html = card("pending")
    assert "<img" not in html
    assert "<b>hot" not in html


def test_each_end_is_told_and_done_only_of_what_the_ledger_holds() -> None:
    assert "Done. Acknowledged 1 alert of D01. Approved by erik, 31 Mar 12:00 UTC." in card("executed")
    assert "Rejected by erik" in card("rejected")
    assert "Not done: no longer there" in card("failed", reason="no longer there")
    assert "This has expired; nothing was done." in card("expired")
    assert "Undone by erik" in card("undone")
    assert "Done." not in "".join(card(state) for state in ("pending", "rejected", "failed", "expired", "undone"))
