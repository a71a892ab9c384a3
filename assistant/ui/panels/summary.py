"""The line of figures at the top: health, standing alerts, who was heard, and what changed since the last visit."""

from datetime import datetime

from assistant.ui import wording
from assistant.ui.look import Look
from assistant.ui.panels.parts import count, link, mark, moment, number, text
from tools.analytics.alerts import Alert
from tools.analytics.handover import Handover
from tools.analytics.overview import Overview

_MOST_CHANGES = 6


def summary(overview: Overview, look: Look) -> str:
    """Three tiles: health, alerts, freshness."""
    return f'<div class="tiles">{_health(overview, look)}{_alerts(overview)}{_freshness(overview)}</div>'


def _health(overview: Overview, look: Look) -> str:
    health = overview.health
    bands = "".join(
        f"<li>{mark(one.text or '', wording.BANDS[one.text or ''])} {count(one)}</li>"
        for one in overview.bands
        if one.value
    )
    weakest = ""
    if health.weakest:
        place = link(look.out().to(device=health.weakest), text(health.weakest))
        weakest = f"<p>{wording.WEAKEST} {place}</p>"
    return _tile(
        wording.FLEET_HEALTH, f"{number(health.score)} {mark(health.band, wording.BANDS[health.band])}",
        f'<ul class="counts">{bands}</ul>{weakest}',
    )  # fmt: skip


def _alerts(overview: Overview) -> str:
    severities = "".join(
        f"<li>{mark(one.text or '', wording.SEVERITIES[one.text or ''])} {count(one)}</li>"
        for one in overview.alerts_by_severity
        if one.value
    )
    inside = f'<ul class="counts">{severities}</ul>' if severities else f"<p>{wording.NO_ALERTS}</p>"
    return _tile(wording.FLEET_ALERTS, f'<span class="figure">{count(overview.alert_count)}</span>', inside)


def _freshness(overview: Overview) -> str:
    fresh = overview.freshness
    heard = wording.of_all(count(fresh.heard), count(fresh.devices))
    silent = f"<p>{mark('major', wording.SILENT)} {text(', '.join(fresh.stale))}</p>" if fresh.stale else ""
    return _tile(wording.HEARD, f'<span class="figure">{heard}</span>', silent or f"<p>{wording.ALL_HEARD}</p>")


def _tile(title: str, big: str, inside: str) -> str:
    figure = f'<p class="big">{big}</p>' if big else ""
    return f'<section class="tile" aria-label="{title}"><h2>{title}</h2>{figure}{inside}</section>'


def changes(handover: Handover, look: Look, zone: str, now: datetime) -> str:
    """What changed since the last visit, as one shift tells the next."""
    since = f"{wording.SINCE} {moment(handover.since, zone, now)}"
    silent = [
        f"<li>{mark('major', wording.GONE_SILENT)} {link(look.out().to(device=one), text(one))}</li>"
        for one in handover.gone_silent
    ]
    raised = [_change(one, wording.RAISED, one.raised, look, zone, now) for one in handover.raised]
    cleared = [_change(one, wording.CLEARED, one.cleared, look, zone, now) for one in handover.cleared]
    lines = [*silent, *raised, *cleared]
    if not lines:
        return _tile(wording.CHANGES, f'<span class="calm">{wording.NOTHING_NEW}</span>', f"<p>{since}</p>")
    rest = len(lines) - _MOST_CHANGES
    more = f"<p>{text(wording.more_changes(rest))}</p>" if rest > 0 else ""
    listed = f'<ul class="changes">{"".join(lines[:_MOST_CHANGES])}</ul>'
    return _tile(wording.CHANGES, "", f"{listed}{more}<p>{since}</p>")


def _change(alert: Alert, what: str, at: datetime | None, look: Look, zone: str, now: datetime) -> str:
    kind = "healthy" if what == wording.CLEARED else alert.severity
    place = link(look.out().to(device=alert.device_id), text(alert.device_id))
    return f"<li>{mark(kind, what)} {moment(at, zone, now)} {place} {text(alert.means)}</li>"
