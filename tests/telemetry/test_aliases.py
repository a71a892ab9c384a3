"""What others call our fields is understood, with unit and sign, and nothing is guessed beyond the header."""

from collections.abc import Sequence

import pandas as pd
import pytest

from tools.errors import ImportFileError
from tools.telemetry.aliases import read_header
from tools.telemetry.columns import Columns, choose_columns
from tools.telemetry.fields import all_fields
from tools.telemetry.units import conversion


@pytest.mark.parametrize(
    ("header", "field", "unit"),
    [
        ("voltage", "string_voltage_v", ""),
        ("vbat", "string_voltage_v", ""),
        ("Battery Voltage [V]", "string_voltage_v", "V"),
        ("Voltage (battery)", "string_voltage_v", ""),
        ("temp_F", "cell_temperature_c", "F"),
        ("tempC", "cell_temperature_c", "C"),
        ("current_mA", "string_current_a", "mA"),
        ("SOC", "soc_pct", ""),
        ("SoC %", "soc_pct", "%"),
        ("upsBatteryVoltage", "string_voltage_v", "0.1 V"),
        ("upsEstimatedMinutesRemaining", "runtime_remaining_min", "min"),
        ("/Dc/0/Current", "string_current_a", ""),
        ("/TimeToGo", "runtime_remaining_min", "s"),
        ("battery.runtime", "runtime_remaining_min", "s"),
        ("CellVMin", "cell_voltage_min_v", ""),
        ("Surface Temperature / degC", "cell_temperature_c", "degC"),
        ("voltage_volt", "string_voltage_v", "volt"),
        ("ac_internal_resistance_ohm", "internal_resistance_mohm", "ohm"),
        ("Spannung [mV]", "string_voltage_v", "mV"),
        ("unix_time_second", "timestamp_utc", "second"),
    ],
)
def test_a_header_of_a_vendor_names_field_and_unit(header: str, field: str, unit: str) -> None:
    found = read_header(header)
    assert found is not None
    assert (found.field, found.unit) == (field, unit)


@pytest.mark.parametrize("field", list(all_fields()))
def test_every_field_is_known_by_its_own_name(field: str) -> None:
    found = read_header(field)
    assert found is not None
    assert (found.field, found.is_exact) == (field, True)


@pytest.mark.parametrize("field", list(all_fields()))
def test_every_field_is_known_by_its_label(field: str) -> None:
    found = read_header(all_fields()[field].label.title())
    assert found is not None
    assert found.field == field


@pytest.mark.parametrize("header", ["Test Time / s", "comment", "v_min", "Step Index"])
def test_an_unknown_header_is_nothing(header: str) -> None:
    assert read_header(header) is None


@pytest.mark.parametrize(
    ("origin", "target", "value", "expected"),
    [
        ("mV", "V", 13173.0, 13.173),
        ("0.1 V", "V", 132.0, 13.2),
        ("°F", "°C", 77.0, 25.0),
        ("deg F", "°C", 32.0, 0.0),
        ("K", "°C", 298.15, 25.0),
        ("mA", "A", -250.0, -0.25),
        ("A", "mA", 0.25, 250.0),
        ("h", "min", 1.5, 90.0),
        ("s", "min", 90.0, 1.5),
        ("fraction", "%", 0.5, 50.0),
        ("ohm", "mΩ", 0.0002, 0.2),
        ("W", "kW", 1500.0, 1.5),
    ],
)
def test_a_unit_becomes_ours(origin: str, target: str, value: float, expected: float) -> None:
    change = conversion(origin, target)
    assert change is not None
    assert change.apply(pd.Series([value])).iloc[0] == pytest.approx(expected)


def test_a_unit_of_another_dimension_does_not_become_ours() -> None:
    assert conversion("A", "V") is None


def _used(columns: Columns) -> Sequence[tuple[str, str, str, str]]:
    return [(choice.column, choice.field, choice.unit, choice.sign) for choice in columns.values]


def test_a_mapping_carries_unit_and_sign() -> None:
    columns = choose_columns(["time", "I1"], {"I1": "-string_current_a:mA"})
    assert _used(columns) == [("I1", "string_current_a", "mA", "turned")]


def test_what_the_asker_maps_wins_over_what_headers_say() -> None:
    columns = choose_columns(["time", "voltage", "U2"], {"U2": "string_voltage_v"})
    assert _used(columns) == [("U2", "string_voltage_v", "", "as it is")]
    assert columns.ignored == {"voltage": "U2 is mapped to string_voltage_v"}


def test_a_unit_nobody_knows_is_ignored_and_said() -> None:
    columns = choose_columns(["time", "current", "Voltage [foo]"], {})
    assert columns.ignored == {"Voltage [foo]": "'foo' is no unit of string_voltage_v we know"}


def test_two_columns_for_one_field_are_an_error_that_names_both() -> None:
    with pytest.raises(ImportFileError, match="voltage and vbat could all be string_voltage_v"):
        choose_columns(["time", "voltage", "vbat"], {})


def test_columns_without_a_time_are_listed() -> None:
    with pytest.raises(ImportFileError, match=r"No column of times was found\. The file has: foo, voltage"):
        choose_columns(["foo", "voltage"], {})


def test_columns_without_a_value_are_listed_with_names_that_work() -> None:
    with pytest.raises(ImportFileError, match="The file has: time, foo") as caught:
        choose_columns(["time", "foo"], {})
    assert "vbat" in caught.value.hint


@pytest.mark.parametrize(
    ("column", "target", "message", "hint"),
    [
        ("volts", "string_voltage_v", "no column 'volts'", "Columns: time, voltage"),
        ("voltage", "string_volt", "'string_volt', which is no field", "string_voltage_v"),
        ("voltage", "string_voltage_v:A", "cannot be read in 'A'", "mv"),
        ("voltage", "device_id", "device_id is not read from a file", "--device"),
    ],
)
def test_a_wrong_mapping_says_what_would_work(column: str, target: str, message: str, hint: str) -> None:
    with pytest.raises(ImportFileError, match=message) as caught:
        choose_columns(["time", "voltage"], {column: target})
    assert hint in caught.value.hint
