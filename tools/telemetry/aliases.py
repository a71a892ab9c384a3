"""What others call our fields: reads a column's header into a field, the unit it is in and its sign."""

import re
from dataclasses import dataclass
from functools import cache
from typing import Literal

from tools.telemetry.fields import all_fields
from tools.telemetry.names import plain
from tools.telemetry.units import conversion

Sign = Literal["as it is", "discharge is positive", "turned"]
TIME_FIELD = "timestamp_utc"

# Beyond the field names and the words of reading.py: exports of loggers and chargers, Battery Data Format,
# SunSpec 802, Victron's dbus, Network UPS Tools, and a few German headers.
_OTHER_NAMES = {
    "timestamp_utc": "time, datetime, date time, date and time, ts, epoch, epoch time, unix time, unixtime, utc, "
    "utc time, local time, time stamp, log time, sampled at, recorded at, measured at, created at, reading time, "
    "zeit, zeitstempel, datum uhrzeit, datum zeit",
    "received_utc": "received at, received, gateway time",
    "device_id": "device, device name, unit id, battery id, string id, asset, asset id, serial, serial number",
    "site_id": "site, site name",
    "string_voltage_v": "vbat, v bat, vbatt, ubat, u bat, battery v, batt voltage, bat voltage, battery volts, volt, "
    "dc voltage, vdc, v, u, spannung, batteriespannung, Dc/0/Voltage",
    "string_current_a": "ibat, i bat, ibatt, batt current, bat current, battery a, battery amps, amp, dc current, "
    "idc, a, i, strom, batteriestrom, Dc/0/Current",
    "cell_temperature_c": "tbat, t bat, tbatt, batt temp, bat temp, batt temperature, temperatur, "
    "batterietemperatur, surface temperature, surface temperature t1, Dc/0/Temperature",
    "cell_temperature_max_c": "batteryTemperatures, max temperature, temperature max, tmax",
    "ambient_temperature_c": "tamb, t amb, amb temp, ambient temperature, outside temperature, umgebungstemperatur, "
    "raumtemperatur",
    "cell_voltage_v": "vcell, v cell, CellVAvg, zellspannung, mean voltage per cell",
    "cell_voltage_min_v": "CellVMin, cell v min, vcell min, cell voltage min, System/MinCellVoltage",
    "cell_voltage_max_v": "CellVMax, cell v max, vcell max, cell voltage max, System/MaxCellVoltage",
    "cell_min_index": "System/MinVoltageCellId, CellVMinMod",
    "cell_max_index": "System/MaxVoltageCellId, CellVMaxMod",
    "soc_pct": "state of charge bms, battery charge, battery.charge, ladezustand",
    "soh_pct": "battery health, battery quality",
    "runtime_remaining_min": "minutes remaining, battery time left",
    "internal_resistance_mohm": "ac internal resistance, dc internal resistance, r int, innenwiderstand",
    "float_current_ma": "i float, float",
    "ac_voltage_l1_v": "input.voltage, Ac/L1/Voltage, l1 v, v l1, netzspannung",
    "ac_voltage_l2_v": "Ac/L2/Voltage, l2 v, v l2",
    "ac_voltage_l3_v": "Ac/L3/Voltage, l3 v, v l3",
    "ac_current_l1_a": "input.current, Ac/L1/Current, i l1",
    "ac_current_l2_a": "Ac/L2/Current, i l2",
    "ac_current_l3_a": "Ac/L3/Current, i l3",
    "ac_frequency_hz": "input.frequency, netzfrequenz",
    "dc_load_current_a": "i load, dc load, laststrom",
    "rectifier_voltage_v": "v bus, vbus",
}
# Names whose standard fixes the unit, and the unit: UPS-MIB (RFC 1628), Network UPS Tools and Victron's dbus.
_NAMES_WITH_UNIT = {
    "upsBatteryVoltage": ("string_voltage_v", "0.1 V"),
    "upsBatteryCurrent": ("string_current_a", "0.1 A"),
    "upsBatteryTemperature": ("cell_temperature_c", "°C"),
    "upsEstimatedChargeRemaining": ("soc_pct", "%"),
    "upsEstimatedMinutesRemaining": ("runtime_remaining_min", "min"),
    "upsInputVoltage": ("ac_voltage_l1_v", "V"),
    "upsInputCurrent": ("ac_current_l1_a", "0.1 A"),
    "upsInputFrequency": ("ac_frequency_hz", "0.1 Hz"),
    "upsInputTruePower": ("ac_power_kw", "W"),
    "battery.runtime": ("runtime_remaining_min", "s"),
    "TimeToGo": ("runtime_remaining_min", "s"),
    "unix timestamp": (TIME_FIELD, ""),
}
_DISCHARGING = "discharge current, discharging current, discharge, idischarge, i discharge, entladestrom"
_CHARGING = "charge current, charging current, icharge, i charge, ladestrom"
# What the row is from is told by the import itself, and record ids are ours to give.
NOT_FROM_FILES = frozenset(name for name, facts in all_fields().items() if facts.group == "system") - {
    TIME_FIELD,
    "received_utc",
}
TIME_UNITS = {
    "s sec second seconds": "s",
    "ms millisecond milliseconds": "ms",
    "us µs microsecond microseconds": "us",
    "ns nanosecond nanoseconds": "ns",
    "utc gmt z": "UTC",
    "day-first dayfirst dd/mm/yyyy": "day-first",
    "month-first monthfirst mm/dd/yyyy": "month-first",
}
_BRACKETS = re.compile(r"\s*[\[({]([^\])}]*)[\])}]\s*$")
_SUFFIX = re.compile(r"(.+?)(?:[\s_.]+in[\s_]+|\s*/\s*|[\s_.,;:-]+|(?<=[a-z])(?=[A-Z%°]))([^\s_/]+)$")


@dataclass(frozen=True)
class Header:
    """What a column holds as its header says it. `unit` is "" where it says none."""

    field: str
    unit: str
    sign: Sign
    is_exact: bool
    is_one_way: bool = False


@cache
def _names() -> dict[str, str]:
    names = {plain(word): name for name, facts in all_fields().items() for word in facts.words}
    names |= {plain(word): name for name, words in _OTHER_NAMES.items() for word in words.split(",")}
    names |= {plain(word): "string_current_a" for word in f"{_CHARGING}, {_DISCHARGING}".split(",")}
    names |= {plain(word): name for word, (name, _) in _NAMES_WITH_UNIT.items()}
    return names | {plain(name): name for name in all_fields()}


@cache
def _plain_set(words: str) -> frozenset[str]:
    return frozenset(plain(word) for word in words.split(","))


@cache
def _fixed_units() -> dict[str, str]:
    return {plain(name): unit for name, (_, unit) in _NAMES_WITH_UNIT.items()}


def read_header(header: str) -> Header | None:
    """The field, unit and sign a header stands for; None where it is no name we know.

    Args:
        header: as it stands in the file, for example "Battery Voltage [mV]", "temp_F" or "/Dc/0/Current".
    """
    if header.strip() in all_fields():
        is_time = header.strip().endswith("_utc")
        return Header(header.strip(), "UTC" if is_time else "", "as it is", is_exact=True)
    bracket = _BRACKETS.search(header)
    if bracket:
        name, note = header[: bracket.start()], bracket.group(1)
        if plain(name) in _names() and is_unit_of(note, _names()[plain(name)]):
            return _header(name, note)
        # "Voltage (battery)" names what is measured, not a unit.
        return _header(f"{note} {name}", "") or _header(name, note)
    suffix = _SUFFIX.fullmatch(header.strip())
    if suffix and plain(suffix.group(1)) in _names():
        name, unit = suffix.groups()
        if is_unit_of(unit, _names()[plain(name)]):
            return _header(name, unit)
    return _header(header, "")


def _header(name: str, unit: str) -> Header | None:
    key = plain(name)
    if key not in _names():
        return None
    is_discharge = key in _plain_set(_DISCHARGING)
    return Header(
        _names()[key],
        unit or _fixed_units().get(key, ""),
        "discharge is positive" if is_discharge else "as it is",
        is_exact=False,
        is_one_way=is_discharge or key in _plain_set(_CHARGING),
    )


def is_unit_of(unit: str, field: str) -> bool:
    """Whether values in this unit can become values of the field."""
    if all_fields()[field].kind == "time":
        return time_unit(unit) is not None
    return conversion(unit, all_fields()[field].unit) is not None


def time_unit(unit: str) -> str | None:
    """What a unit says of a column of times: "s", "ms", "us", "ns", "UTC", "day-first", "month-first" or nothing."""
    wanted = unit.strip().lower()
    return next((meaning for spellings, meaning in TIME_UNITS.items() if wanted in spellings.split()), None)


def known_headers(fields: tuple[str, ...] = (TIME_FIELD, "string_voltage_v", "string_current_a")) -> str:
    """A few headers that are understood for each of these fields, to show a person."""
    shown = []
    for field in fields:
        others = [word.strip() for word in _OTHER_NAMES.get(field, "").split(",")[:2]]
        shown.append(f"{field} ({', '.join([*all_fields()[field].words[:2], *others])})")
    return "; ".join(shown)
