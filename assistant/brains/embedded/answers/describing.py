"""Words for what things are: fields, the fleet, and how complete the data is."""

from assistant.brains.embedded.phrasing import Voice, bold, capital, figure, label, listed, sentences
from tools.arithmetic import Calculation
from tools.quantity import Quantity
from tools.telemetry.coverage import CoverageReport, DeviceCoverage
from tools.telemetry.fleet import Site
from tools.telemetry.inventory import DeviceEntry, Inventory
from tools.telemetry.reference import FieldMeaning

_OPERATIONS = {"difference": "difference", "ratio": "ratio", "percent_of": "share", "percent_change": "change"}


def meaning_words(field: FieldMeaning, voice: Voice) -> str:  # noqa: ARG001  every composer has one shape
    """Meaning, unit, source and ranges of a field."""
    unit = f"Unit: {field.unit}." if field.unit else None
    choices = (
        f"It is one of: {listed([choice.replace('_', ' ') for choice in field.choices])}." if field.choices else None
    )
    return sentences(
        f"{bold(capital(field.label))} (`{field.field}`): {field.meaning}.",
        unit,
        choices,
        _range("Its limits are", field.limit_low, field.limit_high, field.limit_scale),
        _range("Normal is", field.normal_low, field.normal_high, field.limit_scale)
        if (field.normal_low.value, field.normal_high.value) != (field.limit_low.value, field.limit_high.value)
        else None,
        f"It is {field.source}.",
    )


def _range(lead: str, low: Quantity, high: Quantity, scale: str | None) -> str | None:
    per = f" {scale}" if scale else ""
    if low.value is not None and high.value is not None:
        return f"{lead} {low.value:g} to {_declared(high)}{per}."
    if low.value is not None:
        return f"{lead} at least {_declared(low)}{per}."
    return f"{lead} at most {_declared(high)}{per}." if high.value is not None else None


def _declared(bound: Quantity) -> str:
    """A bound with just the digits it was declared with."""
    return f"{bound.value:g} {bound.unit}".strip()


def fleet_words(inventory: Inventory, voice: Voice) -> str:  # noqa: ARG001
    """Sites and devices; one device in full."""
    if len(inventory.devices) == 1:
        return sentences(_one_device(inventory.devices[0]), _where(inventory.sites[0].site))
    devices = f"{figure(inventory.device_count)} devices" if inventory.device_count.value != 1 else "1 device"
    sites = f"{figure(inventory.site_count)} sites" if inventory.site_count.value != 1 else "1 site"
    lines = []
    for entry in inventory.sites:
        mine = [device for device in inventory.devices if device.site_id == entry.site.site_id]
        region = f", {entry.site.region}" if entry.site.region else ""
        if len(inventory.sites) == 1:
            region += _site_facts(entry.site)
        lines.append(f"- {bold(entry.site.name)} ({entry.site.site_id}{region}):")
        lines += [f"  - {_device_line(device)}" for device in mine]
    return f"There are {bold(devices)} at {bold(sites)}.\n\n" + "\n".join(lines) + "\n\n"


def _site_facts(site: Site) -> str:
    """Place, climate and back-up time of a site, as far as they are known."""
    parts = [site.address, site.climate]
    if site.latitude_deg is not None and site.longitude_deg is not None:
        parts.append(f"latitude {site.latitude_deg:.4f}, longitude {site.longitude_deg:.4f}")
    parts.append(f"time zone {site.time_zone}")
    if site.autonomy_min is not None:
        parts.append(f"designed for {site.autonomy_min:.0f} min of back-up")
    return "".join(f", {part}" for part in parts if part)


def _where(site: Site) -> str:
    region = f", {site.region}" if site.region else ""
    return f"{site.name} is site {site.site_id}{region}{_site_facts(site)}."


def _one_device(device: DeviceEntry) -> str:
    return f"{bold(device.device_id)} ({device.name}) stands at {device.site_name}: {_ratings(device)}."


def _device_line(device: DeviceEntry) -> str:
    return f"{device.device_id}: {_ratings(device)}"


def _ratings(device: DeviceEntry) -> str:
    parts = [
        device.battery_model,
        f"{figure(device.cells)} cells",
        figure(device.capacity) if device.capacity.value is not None else None,
        f"installed {device.install_date.isoformat()}" if device.install_date else None,
        f"{figure(device.age)} old" if device.age.value is not None else None,
    ]
    return ", ".join(part for part in parts if part)


def coverage_words(report: CoverageReport, voice: Voice) -> str:
    """Who is heard, how complete the data is, and where it has gaps."""
    when = voice.window(report.asked.window) if report.asked.window else ""
    if len(report.devices) == 1:
        return _one_coverage(report.devices[0], when, voice)
    stale = list(report.stale)
    lead = (
        f"{bold(listed(stale))} {'is' if len(stale) == 1 else 'are'} not being heard from now."
        if stale
        else "All devices are being heard from now."
    )
    lines = [_coverage_line(one, voice) for one in report.devices[:24]]
    return f"{lead} Data {when}:\n\n" + "\n".join(lines) + "\n\n"


def _one_coverage(one: DeviceCoverage, when: str, voice: Voice) -> str:
    if one.last_heard.at is None:
        return f"{one.device_id} has never been heard from."
    state = "is not being heard from now" if one.is_stale else "is being heard from"
    gap = None
    if one.longest_gap is not None:
        gap = (
            f"It had {figure(one.gap_count)} gap{'s' if one.gap_count.value != 1 else ''}; the longest lasted "
            f"{figure(one.longest_gap.length)}, from {voice.moment(one.longest_gap.start)}."
        )
    return sentences(
        f"{one.device_id} {bold(state)}: its last reading is from {bold(voice.moment(one.last_heard.at))}.",
        f"The data {when} is {bold(figure(one.coverage))} complete ({figure(one.rows)} of {figure(one.expected)} rows, "
        f"{figure(one.not_good)} of lesser quality).",
        gap or "There were no gaps.",
        f"{figure(one.good)} of the expected rows came and were good.",
        f"The monitor reports its link as {one.link}." if one.link else None,
        f"Nothing at all came for: {listed([label(name) for name in one.missing_fields])}."
        if one.missing_fields
        else None,
    )


def _coverage_line(one: DeviceCoverage, voice: Voice) -> str:
    heard = voice.moment(one.last_heard.at) if one.last_heard.at else "never"
    return (
        f"- {one.device_id}: {figure(one.coverage)} complete, {figure(one.gap_count)} gaps, "
        f"{figure(one.not_good)} rows of lesser quality, last heard {heard}{f', link {one.link}' if one.link else ''}"
    )


def calculation_words(calculation: Calculation, voice: Voice) -> str:  # noqa: ARG001
    """The result and what it was made from."""
    return (
        f"The {_OPERATIONS[calculation.operation]} of {figure(calculation.left)} and {figure(calculation.right)} is "
        f"{bold(figure(calculation.result))}."
    )
