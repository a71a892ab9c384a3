"""One row of telemetry: the 66 fields of a reading, each declared in one line.

Table columns, API schema, limits, reference page, tool choices and the router's vocabulary follow from
these lines. `words` are what operators call the field; the first one is its label in answers. `hard` is the
range outside which a value cannot be true and the row is rejected, `normal` what a healthy string shows,
`limit` the operating range meant by "the limit" (the normal range where none is given). `per` scales a range:
by cell, by ampere-hour of rated capacity (C10), or by volt of the bus.
Conventions: UTC, + current charges, percent 0-100, no data is None.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from tools.clock import Utc

Range = tuple[float | None, float | None]
Scale = Literal["cell", "ah", "bus"]
Group = Literal["system", "core", "bms", "charging"]

CommStatus = Literal["ok", "degraded", "lost"]
DataQuality = Literal["good", "suspect", "stale", "substituted"]
Severity = Literal["none", "info", "minor", "major", "critical"]
LowNormalHigh = Literal["low", "normal", "high"]
CurrentState = Literal["normal", "high_charge", "high_discharge"]
SocState = Literal["low", "normal"]
OhmicState = Literal["normal", "warning", "alarm"]
RunawayRisk = Literal["none", "watch", "high"]
MainsState = Literal["ok", "phase_loss", "brownout", "lost", "generator"]
ChargerMode = Literal["off", "float", "boost", "equalize", "test", "discharge"]


def _declare(group: Group, meaning: str, unit: str, words: str, facts: Mapping[str, Any]) -> Any:
    return Field(None, description=meaning, json_schema_extra={"group": group, "unit": unit, "words": words, **facts})


def system(meaning: str, unit: str, words: str, **facts: Any) -> Any:
    """A field that says which device the row is from, and when."""
    return _declare("system", meaning, unit, words, facts)


def core(meaning: str, unit: str, words: str, **facts: Any) -> Any:
    """A field measured on the string or its cells."""
    return _declare("core", meaning, unit, words, facts)


def bms(meaning: str, unit: str, words: str, **facts: Any) -> Any:
    """A field the battery monitor reports of itself, or estimates."""
    return _declare("bms", meaning, unit, words, facts)


def charging(meaning: str, unit: str, words: str, **facts: Any) -> Any:
    """A field of mains, charger, bus and load."""
    return _declare("charging", meaning, unit, words, facts)


Text16 = Annotated[str, Field(max_length=16)]


# fmt: off
class Reading(BaseModel):
    """One device at one moment. Every measured field may be None: a real file seldom has them all."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    record_id: int | None = system("Surrogate key of the row", "", "record id, record number, row id", hard=(1, None))
    timestamp_utc: Utc = system("Time the unit sampled (device clock, in UTC)", "", "timestamp, sample time, time of reading")
    received_utc: Utc | None = system("Time the gateway stored the row; later than the sample by the link's lag", "", "received time, arrival time, gateway time, lag")
    site_id: Text16 = system("Key of the site the device stands at", "", "site id, site key")
    site_latitude_deg: float | None = system("Latitude of the site (WGS84)", "°", "latitude", hard=(-90, 90))
    site_longitude_deg: float | None = system("Longitude of the site (WGS84)", "°", "longitude", hard=(-180, 180))
    site_region: str | None = system("Region the site belongs to, for roll-ups", "", "region")
    device_id: Text16 = system("Battery monitor unit: one series string of 2 V cells", "", "device id, monitor id")
    battery_model: str | None = system("Model of the battery, linking to its data sheet", "", "battery model, battery type, model name")
    cell_count: int | None = system("Number of 2 V cells in series", "cells", "cell count, number of cells, how many cells", hard=(1, 240))
    rated_capacity_ah: float | None = system("Rated ten-hour capacity (C10) to 1.80 V a cell at 25 °C", "Ah", "rated capacity, nominal capacity, capacity, c10", hard=(1, 3000))
    install_date: date | None = system("Day the string was commissioned; its age counts from here", "", "install date, installation date, commissioning date, age, installed, commissioned")

    cell_voltage_v: float | None = core("Mean cell voltage: string voltage divided by the number of cells", "V", "mean cell voltage, cell voltage, average cell voltage, volts per cell, vpc, voltage per cell", hard=(1.5, 2.6), normal=(2.23, 2.30), limit=(1.8, 2.5), hourly=True)
    cell_voltage_min_v: float | None = core("Voltage of the lowest cell", "V", "lowest cell voltage, minimum cell voltage, min cell voltage, weakest cell voltage, lowest cell", hard=(0, 2.6), normal=(2.18, None), limit=(1.8, 2.5), hourly=True)
    cell_voltage_max_v: float | None = core("Voltage of the highest cell", "V", "highest cell voltage, maximum cell voltage, max cell voltage, highest cell", hard=(1.5, 2.9), normal=(None, 2.35), limit=(1.8, 2.5), hourly=True)
    cell_min_index: int | None = core("Number of the lowest cell; a stable number means a truly weak cell", "", "lowest cell number, lowest cell index, number of the lowest cell", hard=(1, 1), per_hard="cell")
    cell_max_index: int | None = core("Number of the highest cell", "", "highest cell number, highest cell index, number of the highest cell", hard=(1, 1), per_hard="cell")
    string_voltage_v: float | None = core("Terminal voltage of the whole string", "V", "string voltage, voltage, battery voltage, terminal voltage, total voltage, pack voltage, volts", hard=(0, 650), normal=(1.8, 2.35), per="cell", hourly=True)
    midpoint_deviation_v: float | None = core("Voltage of the upper half minus the lower half: imbalance without cell sensors", "V", "midpoint deviation, midpoint voltage, half-string difference, mid-point deviation, midpoint", hard=(-6, 6), normal=(-0.5, 0.5), hourly=True)
    string_current_a: float | None = core("Current of the string: + charges, - discharges", "A", "string current, current, battery current, charge current, charging current, discharge current, discharging current, amps, amperes", hard=(-3, 0.3), per_hard="ah", hourly=True)
    float_current_ma: float | None = core("Float current from a high-resolution clamp; none while discharging or boosting", "mA", "float current, floating current, trickle current", hard=(0, 20000), normal=(0.2, 1.0), per="ah", hourly=True)
    ripple_current_a: float | None = core("Alternating current through the battery (rms)", "A", "ripple current, ac current in the battery, current ripple", hard=(0, 0.5), per_hard="ah", normal=(None, 0.05), per="ah", hourly=True)
    cell_temperature_c: float | None = core("Mean temperature at the negative posts", "°C", "cell temperature, temperature, battery temperature, mean cell temperature, string temperature, temp, battery temp, cell temp", hard=(-20, 90), normal=(15, 35), limit=(5, 50), hourly=True)
    cell_temperature_max_c: float | None = core("Temperature of the hottest post", "°C", "hottest post temperature, hottest post, hottest cell temperature, max cell temperature, maximum cell temperature, post temperature, hot spot, hottest cell", hard=(-20, 120), limit=(5, 50), hourly=True)
    ambient_temperature_c: float | None = core("Air temperature of the room or cabinet", "°C", "ambient temperature, room temperature, ambient, cabinet temperature, air temperature, room temp, ambient temp, cabinet air, room", hard=(-30, 70), normal=(18, 28), limit=(5, 50), hourly=True)
    soc_pct: float | None = core("State of charge of the aged capacity, as the monitor reports it", "%", "state of charge, soc, charge level, charge state, battery level, how full, how charged", hard=(0, 100), normal=(90, 100), limit=(15, 95), hourly=True)
    internal_resistance_mohm: float | None = core("Mean ohmic value of the cells (daily test, held between tests)", "mΩ", "internal resistance, ohmic value, resistance, cell resistance, impedance, ohmic, milliohms, mean resistance", hard=(0.01, 20), hourly=True)
    internal_resistance_max_mohm: float | None = core("Ohmic value of the worst cell (daily test)", "mΩ", "highest cell resistance, worst cell resistance, max internal resistance, highest resistance cell, maximum resistance, worst ohmic value, highest ohmic value", hard=(0.01, 50), hourly=True)
    joint_resistance_max_mohm: float | None = core("Resistance of the worst inter-cell connection", "mΩ", "joint resistance, connection resistance, worst joint, strap resistance, inter-cell connection, connector resistance, joint", hard=(0, 10), hourly=True)
    ah_since_full_ah: float | None = core("Net charge removed since the last full charge", "Ah", "charge removed since full, ah since full, amp hours removed, ampere-hours since full, ah removed, charge removed", hard=(0, 2), per_hard="ah", hourly=True)

    bms_comm_status: CommStatus | None = bms("State of the link from device to gateway", "", "communication status, comm status, communication link, comms, link status, communication")
    bms_frame_age_s: int | None = bms("Age of the newest good frame behind the row", "s", "frame age, age of the last frame, age of the frame", hard=(0, 604800), normal=(None, 1800), hourly=True)
    cell_sensors_missing: int | None = bms("Number of cell modules that do not answer", "", "missing cell sensors, cell sensors missing, sensors missing, missing sensors, silent cell modules", hard=(0, 1), per_hard="cell", normal=(None, 0), hourly=True)
    crc_error_count: int | None = bms("Bad frames since the monitor started", "", "crc errors, bad frames, frame errors, crc error count, checksum errors", hard=(0, None), counter=True, hourly=True)
    data_quality: DataQuality | None = bms("Quality the monitor gives the row; stale is a repeated last value", "", "data quality flag, quality flag, data quality")
    alarm_severity: Severity | None = bms("Highest severity among the monitor's active alarms", "", "alarm severity, reported alarm severity, monitor alarm")
    alarm_count: int | None = bms("Number of alarms active in the monitor", "", "alarm count, number of alarms, active alarms, alarms", hard=(0, 32), normal=(None, 0), hourly=True)
    alarm_bits: int | None = bms("The monitor's alarms as a bit field (see alarms.py)", "", "alarm bits, alarm bit field, alarm word", hard=(0, 4294967295))
    voltage_state: LowNormalHigh | None = bms("The monitor's low/normal/high flag of the voltage", "", "voltage state, voltage flag")
    temperature_state: LowNormalHigh | None = bms("The monitor's low/normal/high flag of the hottest post", "", "temperature state, temperature flag")
    current_state: CurrentState | None = bms("The monitor's flag of the current", "", "current state, current flag")
    soc_state: SocState | None = bms("The monitor's flag of the state of charge", "", "soc state, soc flag, charge flag")
    ohmic_state: OhmicState | None = bms("Worst cell against its own baseline: +20 % warns, +50 % alarms", "", "ohmic state, ohmic flag, resistance flag")
    thermal_runaway_risk: RunawayRisk | None = bms("The monitor's combined float-current and temperature logic", "", "thermal runaway risk, runaway risk, thermal runaway, runaway")
    soh_pct: float | None = bms("State of health as the monitor reports it: estimated over rated capacity", "%", "state of health, soh, reported soh", hard=(0, 120), normal=(80, None), hourly=True)
    capacity_test_pct: float | None = bms("Result of the last discharge test, corrected for temperature", "%", "capacity test result, capacity test, discharge test, last capacity test", hard=(0, 120), normal=(80, None), hourly=True)
    runtime_remaining_min: float | None = bms("Minutes to low-voltage disconnect at the present load, as the monitor reports it", "min", "remaining runtime, runtime, backup time, time to go, autonomy, runtime remaining, time remaining, how long will it last", hard=(0, 6000), hourly=True)
    discharge_cycle_count: int | None = bms("Discharges deeper than 5 % since installation", "", "discharge cycles, cycle count, cycles, number of discharges, discharge cycle count, discharge count", hard=(0, None), counter=True, hourly=True)

    mains_state: MainsState | None = charging("State of the AC supply", "", "mains state, mains status, ac supply, grid state, mains, grid, utility power")
    ac_voltage_l1_v: float | None = charging("Mains voltage of phase 1 to neutral (rms)", "V", "phase 1 voltage, mains voltage, ac voltage, l1 voltage, grid voltage, line voltage, phase one voltage, voltage on l1", hard=(0, 300), normal=(207, 253), hourly=True)
    ac_voltage_l2_v: float | None = charging("Mains voltage of phase 2 to neutral (rms); none at single-phase sites", "V", "phase 2 voltage, l2 voltage, phase two voltage, voltage on l2", hard=(0, 300), normal=(207, 253), hourly=True)
    ac_voltage_l3_v: float | None = charging("Mains voltage of phase 3 to neutral (rms); none at single-phase sites", "V", "phase 3 voltage, l3 voltage, phase three voltage, voltage on l3", hard=(0, 300), normal=(207, 253), hourly=True)
    ac_current_l1_a: float | None = charging("Charger input current of phase 1 (rms)", "A", "phase 1 current, input current, ac current, mains current, l1 current, phase one current", hard=(0, 100), hourly=True)
    ac_current_l2_a: float | None = charging("Charger input current of phase 2 (rms); none at single-phase sites", "A", "phase 2 current, l2 current, phase two current", hard=(0, 100), hourly=True)
    ac_current_l3_a: float | None = charging("Charger input current of phase 3 (rms); none at single-phase sites", "A", "phase 3 current, l3 current, phase three current", hard=(0, 100), hourly=True)
    ac_frequency_hz: float | None = charging("Mains frequency; none while the mains is lost", "Hz", "mains frequency, frequency, grid frequency, ac frequency, hertz", hard=(45, 65), normal=(49.5, 50.5), hourly=True)
    ac_power_kw: float | None = charging("Active input power of the charger", "kW", "input power, ac power, mains power, charger input power, kilowatts, power", hard=(0, 50), hourly=True)
    power_factor: float | None = charging("Power factor of the charger's input", "", "power factor, cos phi", hard=(0, 1), normal=(0.95, None), hourly=True)
    charger_mode: ChargerMode | None = charging("Regime the charger is in", "", "charger mode, charging mode, charger regime, charge mode, charger state, charger")
    charger_set_voltage_v: float | None = charging("Temperature-compensated set-point of the charger", "V", "charger set-point, set voltage, charger set voltage, setpoint, charger setpoint, set point, float set-point", hard=(0, 650), hourly=True)
    rectifier_voltage_v: float | None = charging("Voltage of the DC bus at the rectifiers", "V", "rectifier voltage, bus voltage, dc bus voltage, charger voltage, dc bus, plant voltage, charger output voltage", hard=(0, 650), normal=(1.79, 2.42), per="cell", hourly=True)
    rectifier_current_a: float | None = charging("Total output current of the rectifiers: load plus battery", "A", "rectifier current, rectifier output current, charger output current, charger current, rectifier output", hard=(0, 1000), hourly=True)
    rectifier_modules_ok: int | None = charging("Number of healthy rectifier modules", "", "healthy rectifier modules, rectifier modules, rectifier modules ok, modules ok, modules, working rectifiers", hard=(0, None), hourly=True)
    dc_load_current_a: float | None = charging("Current drawn by the telecom load or inverter", "A", "load current, load, dc load, dc load current, telecom load, consumption, site load", hard=(0, 1000), hourly=True)
    dc_ripple_voltage_mv: float | None = charging("AC ripple on the DC bus (rms)", "mV", "ripple voltage, ripple, dc ripple, bus ripple, voltage ripple, ac ripple", hard=(0, 5000), normal=(None, 5), per="bus", hourly=True)
    charger_fault_code: int | None = charging("0 ok, 1 module failed, 2 over-voltage, 3 under-voltage, 4 current limit, 5 over-temperature, 6 fan, 7 surge arrester, 8 fuse or breaker, 9 communication", "", "charger fault code, charger fault, fault code, rectifier fault, charger error", hard=(0, 15))
# fmt: on


class CellReading(BaseModel):
    """One cell of a device at one moment, usually once an hour."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    device_id: Text16
    timestamp_utc: datetime
    cell_no: int = Field(description="Number of the cell in the string, from 1", ge=1, le=240)
    voltage_v: float | None = Field(None, description="Voltage of the cell in V")
    temperature_c: float | None = Field(None, description="Temperature of its negative post in °C")
    resistance_mohm: float | None = Field(None, description="Ohmic value of the cell in mΩ")
