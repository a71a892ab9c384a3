"""Each event of an alert is delivered once, over a restart and a receiver that was away, and what failed is seen."""

import json
from collections.abc import Mapping
from datetime import timedelta

import pytest

from tests.support.builders import NOW, device, install, readings, site, store
from tests.support.receivers import scripted_mail_server, scripted_webhook
from tools.analytics.alert_delivery import FIRST_WAIT, MOST_TRIES, AlertDelivery, delivery_report
from tools.analytics.alert_outbox import AlertMessage, Channel, claim, due_messages, note_events
from tools.analytics.alert_rules import AlertSeverity
from tools.analytics.alert_senders import DeliveryError, MailSender, Sender, WebhookSender
from tools.analytics.alerts import evaluate_alerts, list_alerts
from tools.clock import FixedClock
from tools.database import Database
from tools.errors import BadArgumentError
from tools.quantity import Window

D01 = device()
QUARTER = timedelta(minutes=15)
QUIET = [22.8] * 93


def heat(database: Database, *degrees: float) -> None:
    """A quiet day that ends with three hot quarters of an hour."""
    install(database, [site()], [D01])
    store(database, readings(days=1, cell_temperature_max_c=[*QUIET, *degrees]), [D01])
    evaluate_alerts(database, [D01], NOW - timedelta(days=2))


def go_on(database: Database, *degrees: float) -> None:
    """The quarters of an hour after NOW."""
    end = NOW + len(degrees) * QUARTER
    rows = readings(days=len(degrees) / 96, end=end, cell_temperature_max_c=list(degrees))
    store(database, rows, [D01], now=end)
    evaluate_alerts(database, [D01], NOW + timedelta(seconds=1))


def delivery(
    database: Database, senders: Mapping[Channel, Sender], clock: FixedClock, least: AlertSeverity = "critical"
) -> AlertDelivery:
    return AlertDelivery(database, clock, senders, least)


def test_an_alert_is_posted_once_with_what_it_is(database: Database) -> None:
    heat(database, 51, 51, 51)
    with scripted_webhook() as webhook:
        told = delivery(database, {"webhook": WebhookSender(webhook.url)}, FixedClock(NOW))
        assert [told.run_once(), told.run_once()] == [2, 0]
    names = {(json.loads(body)["name"], json.loads(body)["severity"]) for _, body in webhook.got}
    assert names == {("T_HIGH", "critical"), ("DT_AMB", "critical")}


def test_an_alert_below_the_least_severity_is_not_told(database: Database) -> None:
    heat(database, 25, 25, 25)
    with scripted_webhook() as webhook:
        delivery(database, {"webhook": WebhookSender(webhook.url)}, FixedClock(NOW)).run_once()
    assert webhook.got == []


def test_a_receiver_that_was_away_gets_the_message_later_under_the_same_key(database: Database) -> None:
    heat(database, 51, 51, 51)
    clock = FixedClock(NOW)
    with scripted_webhook([503, 503]) as webhook:
        told = delivery(database, {"webhook": WebhookSender(webhook.url)}, clock)
        assert told.run_once() == 0
        assert told.run_once() == 0
        clock.move(FIRST_WAIT)
        assert told.run_once() == 2
    assert webhook.keys[:2] == webhook.keys[2:]


def test_a_new_process_neither_forgets_nor_repeats(database: Database) -> None:
    heat(database, 51, 51, 51)
    note_events(database, ["webhook"], "critical", NOW)
    with scripted_webhook() as webhook:
        senders: dict[Channel, Sender] = {"webhook": WebhookSender(webhook.url)}
        delivered = [delivery(database, senders, FixedClock(NOW)).run_once() for _ in range(2)]
    assert delivered == [2, 0]


def test_a_process_that_died_while_sending_leaves_the_message_to_the_next(database: Database) -> None:
    heat(database, 51, 51, 51)
    note_events(database, ["webhook"], "critical", NOW)
    (first, _) = due_messages(database, ["webhook"], NOW)
    claim(database, first, NOW + FIRST_WAIT)
    with scripted_webhook() as webhook:
        clock = FixedClock(NOW)
        told = delivery(database, {"webhook": WebhookSender(webhook.url)}, clock)
        assert told.run_once() == 1
        clock.move(FIRST_WAIT)
        assert told.run_once() == 1
    assert first.message.key in webhook.keys


def test_two_processes_do_not_send_the_same_message(database: Database) -> None:
    heat(database, 51, 51, 51)
    note_events(database, ["webhook"], "critical", NOW)
    (one, _) = due_messages(database, ["webhook"], NOW)
    assert [claim(database, one, NOW), claim(database, one, NOW)] == [True, False]


def test_an_alert_that_gets_worse_and_clears_is_told_of_at_each_step(database: Database) -> None:
    heat(database, 46, 46, 46)
    with scripted_webhook() as webhook:
        told = delivery(database, {"webhook": WebhookSender(webhook.url)}, FixedClock(NOW), "major")
        told.run_once()
        go_on(database, 51, 51, 22.8, 22.8)
        told.run_once()
    found = [json.loads(body) for _, body in webhook.got]
    assert [(one["event"], one["severity"]) for one in found if one["name"] == "T_HIGH"] == [
        ("raised", "major"),
        ("worse", "critical"),
        ("cleared", "critical"),
    ]


def test_old_alerts_are_not_told_when_delivery_is_switched_on(database: Database) -> None:
    heat(database, 51, 51, 51)
    with scripted_webhook() as webhook:
        clock = FixedClock(NOW + timedelta(days=3))
        assert delivery(database, {"webhook": WebhookSender(webhook.url)}, clock).run_once() == 0
    assert webhook.got == []


def test_a_message_that_never_arrives_is_given_up_and_seen(database: Database) -> None:
    heat(database, 51, 51, 51)
    clock = FixedClock(NOW)
    with scripted_webhook([500] * 2 * MOST_TRIES) as webhook:
        told = delivery(database, {"webhook": WebhookSender(webhook.url)}, clock)
        for _ in range(MOST_TRIES):
            told.run_once()
            clock.move(timedelta(hours=2))
    report = delivery_report(database)
    assert (report.failed.value, report.waiting.value) == (2, 0)
    assert report.newest_failure is not None
    assert "500" in report.newest_failure.error
    listed = list_alerts(database, [D01], Window(start=NOW - timedelta(days=1), end=NOW + timedelta(days=1)))
    assert listed.undelivered is not None
    assert listed.undelivered.value == 2


def test_a_webhook_that_moved_does_not_count_as_reached(database: Database) -> None:
    heat(database, 51, 51, 51)
    with scripted_webhook([302, 302]) as webhook:
        assert delivery(database, {"webhook": WebhookSender(webhook.url)}, FixedClock(NOW)).run_once() == 0


def test_an_alert_is_mailed_to_all_receivers(database: Database) -> None:
    heat(database, 51, 51, 51)
    with scripted_mail_server() as server:
        mail = MailSender(server.url, "batteries@example.org", ["mira@example.org", "tom@example.org"])
        delivery(database, {"mail": mail}, FixedClock(NOW)).run_once()
    assert set(server.receivers) == {"mira@example.org", "tom@example.org"}
    assert "Subject: critical alert T_HIGH raised: D01 at S01" in server.mails[0] + server.mails[1]


def test_a_mail_that_was_refused_is_sent_again_with_the_same_message_id(database: Database) -> None:
    heat(database, 51, 51, 51)
    clock = FixedClock(NOW)
    with scripted_mail_server(refusals=2) as server:
        mail = MailSender(server.url, "batteries@example.org", ["mira@example.org"])
        told = delivery(database, {"mail": mail}, clock)
        assert told.run_once() == 0
        clock.move(FIRST_WAIT)
        assert told.run_once() == 2
    assert len(server.mails) == 2


def test_a_server_nobody_runs_is_a_delivery_error() -> None:
    with scripted_webhook() as webhook:
        gone = WebhookSender(webhook.url)
    with pytest.raises(DeliveryError):
        gone.send(message())


def test_a_password_is_not_sent_over_an_open_line_to_another_machine() -> None:
    with scripted_mail_server() as server:
        port = server.url.rpartition(":")[2]
        # 0.0.0.0 leads here too, but is not an address of this machine alone.
        mail = MailSender(f"smtp://mira:secret@0.0.0.0:{port}", "batteries@example.org", ["mira@example.org"])
        with pytest.raises(DeliveryError, match="no encryption"):
            mail.send(message())


def test_a_line_break_in_a_name_starts_no_header() -> None:
    odd = message(device_id="D01\nBcc: everyone@example.org")
    assert "\n" not in odd.subject


@pytest.mark.parametrize("address", ["file:///etc/passwd", "host", "ftp://host"])
def test_an_address_that_is_no_webhook_is_refused(address: str) -> None:
    with pytest.raises(BadArgumentError):
        WebhookSender(address)


def test_delivery_works_on_either_database(either_database: Database) -> None:
    heat(either_database, 51, 51, 51)
    with scripted_webhook() as webhook:
        told = delivery(either_database, {"webhook": WebhookSender(webhook.url)}, FixedClock(NOW))
        assert [told.run_once(), told.run_once()] == [2, 0]


def message(**values: object) -> AlertMessage:
    plain = {
        "key": "k1",
        "event": "raised",
        "severity": "critical",
        "device_id": "D01",
        "site_id": "S01",
        "name": "T_HIGH",
        "means": "a post is hot",
        "began": NOW,
        "raised": NOW,
        "worst_value": 51.0,
        "unit": "°C",
    }
    return AlertMessage.model_validate(plain | values)
