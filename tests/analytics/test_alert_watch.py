"""New readings are judged once they are there, and judging them again changes nothing."""

from datetime import timedelta

from tests.support.builders import NOW, device, install, readings, site, store
from tools.analytics.alert_watch import AlertWatch
from tools.analytics.alerts import Alert, list_alerts
from tools.clock import FixedClock
from tools.database import Database
from tools.quantity import Window

D01 = device()
CLOCK = FixedClock(NOW)
QUARTER = timedelta(minutes=15)
QUIET_DAY = [22.8] * 96
ALL = Window(start=NOW - timedelta(days=40), end=NOW + timedelta(days=1))


def test_readings_that_arrive_hot_raise_an_alert_at_the_next_look(database: Database) -> None:
    install(database, [site()], [D01])
    store(database, readings(days=1, end=NOW - timedelta(days=1), cell_temperature_max_c=QUIET_DAY), [D01])
    clock = FixedClock(NOW - timedelta(days=1))
    watch = AlertWatch(database, clock)
    assert watch.catch_up() == 0
    clock.move(timedelta(days=1))
    store(database, readings(days=1, cell_temperature_max_c=[*QUIET_DAY[:-3], 36, 36, 36]), [D01])
    watch.catch_up()
    assert [one.name for one in list_alerts(database, [D01], ALL).alerts if one.name == "T_HIGH"] == ["T_HIGH"]


def test_a_second_watch_on_the_same_readings_repeats_no_alert(database: Database) -> None:
    install(database, [site()], [D01])
    store(database, readings(days=1, cell_temperature_max_c=[*QUIET_DAY[:-3], 36, 36, 36]), [D01])
    AlertWatch(database, CLOCK).catch_up()
    before = list_alerts(database, [D01], ALL).count.value
    AlertWatch(database, CLOCK).catch_up()
    assert list_alerts(database, [D01], ALL).count.value == before


def comm_alerts(database: Database) -> list[Alert]:
    return [one for one in list_alerts(database, [D01], ALL).alerts if one.name == "COMM"]


def test_a_silent_device_raises_an_alert_although_nothing_arrives(database: Database) -> None:
    install(database, [site()], [D01])
    store(database, readings(days=1), [D01])
    clock = FixedClock(NOW)
    watch = AlertWatch(database, clock)
    watch.catch_up()
    assert comm_alerts(database) == []
    clock.move(3 * QUARTER)
    watch.catch_up()
    (alert,) = comm_alerts(database)
    assert (alert.severity, alert.state, alert.began - NOW) == ("minor", "active", 2 * QUARTER + timedelta(seconds=1))


def test_a_longer_silence_makes_the_same_alert_more_severe(database: Database) -> None:
    install(database, [site()], [D01])
    store(database, readings(days=1), [D01])
    clock = FixedClock(NOW + 3 * QUARTER)
    watch = AlertWatch(database, clock)
    watch.catch_up()
    (before,) = comm_alerts(database)
    clock.move(3 * QUARTER)
    watch.catch_up()
    (alert,) = comm_alerts(database)
    assert (alert.alert_id, alert.severity) == (before.alert_id, "major")


def test_readings_that_come_back_clear_the_alert_of_silence(database: Database) -> None:
    install(database, [site()], [D01])
    store(database, readings(days=1), [D01])
    clock = FixedClock(NOW + 7 * QUARTER)
    watch = AlertWatch(database, clock)
    watch.catch_up()
    (before,) = comm_alerts(database)
    back = NOW + 8 * QUARTER
    store(database, readings(days=1 / 96, end=back), [D01], now=back)
    clock.move(QUARTER)
    watch.catch_up()
    (alert,) = comm_alerts(database)
    assert (alert.alert_id, alert.raised, alert.cleared) == (before.alert_id, before.raised, back)


def test_a_device_silent_for_more_than_a_month_is_not_news(database: Database) -> None:
    install(database, [site()], [D01])
    store(database, readings(days=1), [D01])
    AlertWatch(database, FixedClock(NOW + timedelta(days=31))).catch_up()
    assert comm_alerts(database) == []
