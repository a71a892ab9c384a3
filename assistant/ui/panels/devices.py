"""The devices in the order in which they need a person, with health, freshness and what they show right now."""

from datetime import datetime

from assistant.ui import wording
from assistant.ui.look import Look
from assistant.ui.panels.parts import ask_link, count, link, mark, moment, number, panel, quiet, table, text
from tools.analytics.overview import SHOWN_FIELDS, DeviceNeed, Overview, figure_of
from tools.telemetry.fields import field_facts

# A page that lists thousands would not be read; the rest is reached by site.
_MOST_ROWS = 50


def devices(overview: Overview, look: Look, zone: str, now: datetime) -> str:
    """A row a device, of one site where one is looked at."""
    shown = [one for one in overview.devices if look.site in ("", one.site_id)]
    if not shown:
        return panel(wording.DEVICES, quiet(wording.NO_FLEET))
    headings = [
        wording.DEVICE, wording.HEALTH, wording.WHY, wording.ALERTS, wording.LAST_HEARD,
        *(wording.short_label(field, field_facts(field).label) for field in SHOWN_FIELDS), "",
    ]  # fmt: skip
    rows = [_row(one, look, zone, now) for one in shown[:_MOST_ROWS]]
    note = text(wording.and_more_devices(len(shown) - _MOST_ROWS)) if len(shown) > _MOST_ROWS else wording.BY_NEED
    return panel(wording.DEVICES, table(headings, rows, wording.DEVICES), note=note, kind="devices")


def _row(one: DeviceNeed, look: Look, zone: str, now: datetime) -> list[str]:
    place = link(look.out().to(device=one.device_id), text(one.device_id), name=wording.look_at(one.device_id))
    alerts = count(one.alert_count) if one.worst_alert is None else (
        f"{mark(one.worst_alert, wording.SEVERITIES[one.worst_alert])} {count(one.alert_count)}"
    )  # fmt: skip
    heard = moment(one.last_heard, zone, now)
    if one.is_stale:
        heard += f" {mark('major', wording.SILENT)}"
    return [
        f'{place} <span class="place">{text(one.site_name)}</span>',
        f"{number(one.health.score)} {mark(one.health.band, wording.BANDS[one.health.band])}",
        f'<span class="why">{text(one.health.why)}</span>',
        alerts,
        heard,
        *(number(figure_of(one, field)) for field in SHOWN_FIELDS),
        ask_link(wording.ask_health(one.device_id)),
    ]
