"""The row below an answer: copy it, link to it, like or dislike it; site scripts act on it, all text is escaped."""

from html import escape

from assistant.llmops.feedback import Feedback
from assistant.ui import wording


def turn_actions_html(turn_id: str, answer: str, given: Feedback | None) -> str:
    """The row of one answered turn, its verdict shown as set."""
    verdict = given.verdict if given else None
    reason = (given.reason or "") if given else ""
    buttons = "".join(
        (
            _button("copy", wording.COPY, wording.COPY_NAME),
            _button("link", wording.LINK, wording.LINK_NAME),
            _toggle("like", wording.LIKE, wording.LIKE_NAME, verdict == "like"),
            _toggle("dislike", wording.DISLIKE, wording.DISLIKE_NAME, verdict == "dislike"),
        )
    )
    said = f'<p class="reason-given">{escape(reason)}</p>' if reason else ""
    return (
        f'<div class="turn-actions" data-turn="{escape(turn_id)}" data-answer="{escape(answer)}"'
        f' data-reason="{escape(reason)}"><div class="turn-buttons">{buttons}'
        f'<span class="turn-said" role="status"></span></div>{said}</div>'
    )


def _button(action: str, label: str, name: str) -> str:
    return f'<button type="button" data-do="{action}" aria-label="{name}" title="{name}">{label}</button>'


def _toggle(action: str, label: str, name: str, pressed: bool) -> str:
    state = "true" if pressed else "false"
    return _button(action, label, name).replace("<button ", f'<button aria-pressed="{state}" ', 1)
