"""The alerts that stand: how serious, where, since when, how bad at worst."""

from collections.abc import Mapping
from datetime import datetime

from assistant.ui import wording
from assistant.ui.look import Look
from assistant.ui.panels.parts import ask_link, link, mark, moment, number, panel, quiet, text
from tools.analytics.alerts import Alert, AlertReport

# What is most serious is read at once, the rest on demand; a list beyond that is asked for by site.
_SHOWN_AT_ONCE, _MOST = 8, 60


def alerts(report: AlertReport, look: Look, sites: Mapping[str, str], zone: str, now: datetime) -> str:
    """A line an alert, the most serious and newest first."""
    if not report.alerts:
        return panel(wording.STANDING, quiet(wording.NO_ALERTS))
    lines = [_line(one, look, sites, zone, now) for one in report.alerts[:_MOST]]
    listed = f'<ul class="alerts">{"".join(lines[:_SHOWN_AT_ONCE])}</ul>'
    if rest := lines[_SHOWN_AT_ONCE:]:
        summary = text(wording.more_alerts(len(rest)))
        listed += f'<details><summary>{summary}</summary><ul class="alerts">{"".join(rest)}</ul></details>'
    is_cut = len(report.alerts) > _MOST
    note = text(wording.first_of(_MOST, len(report.alerts))) if is_cut else ""
    return panel(wording.STANDING, listed, note=note)


def _line(one: Alert, look: Look, sites: Mapping[str, str], zone: str, now: datetime) -> str:
    place = link(look.out().to(device=one.device_id), text(one.device_id), name=wording.look_at(one.device_id))
    # A level or a count of steps says nothing that the words of the alert do not.
    worst = f"{wording.WORST} {number(one.worst)}" if one.worst.unit else ""
    seen = (
        f"{mark('acknowledged', wording.ACKNOWLEDGED)} {text(one.acknowledged_by or '')}" if one.acknowledged else ""
    )
    facts = " · ".join(part for part in (f"{wording.SINCE} {moment(one.began, zone, now)}", worst, seen) if part)
    return (
        f'<li>{mark(one.severity, wording.SEVERITIES[one.severity])} <span class="what">{place} '
        f'<span class="place">{text(sites.get(one.site_id, one.site_id))}</span> {text(one.means)}</span>'
        f'<span class="facts">{facts}</span>{ask_link(wording.ask_alert(one.device_id, one.means))}</li>'
    )
