"""New readings are judged once they are there, and judging them again changes nothing."""

from datetime import timedelta

from tests.support.builders import NOW, device, install, readings, site, store
from tools.analytics.alert_watch import AlertWatch
from tools.analytics.alerts import list_alerts
from tools.database import Database
from tools.quantity import Window

D01 = device()
QUIET_DAY = [22.8] * 96
ALL = Window(start=NOW - timedelta(days=40), end=NOW + timedelta(days=1))


def test_readings_that_arrive_hot_raise_an_alert_at_the_next_look(database: Database) -> None:
    install(database, [site()], [D01])
    store(database, readings(days=1, end=NOW - timedelta(days=1), cell_temperature_max_c=QUIET_DAY), [D01])
    watch = AlertWatch(database)
    assert watch.catch_up() == 0
    store(database, readings(days=1, cell_temperature_max_c=[*QUIET_DAY[:-3], 36, 36, 36]), [D01])
    watch.catch_up()
    assert [one.name for one in list_alerts(database, [D01], ALL).alerts if one.name == "T_HIGH"] == ["T_HIGH"]


def test_a_second_watch_on_the_same_readings_repeats_no_alert(database: Database) -> None:
    install(database, [site()], [D01])
    store(database, readings(days=1, cell_temperature_max_c=[*QUIET_DAY[:-3], 36, 36, 36]), [D01])
    AlertWatch(database).catch_up()
    before = list_alerts(database, [D01], ALL).count.value
    AlertWatch(database).catch_up()
    assert list_alerts(database, [D01], ALL).count.value == before
