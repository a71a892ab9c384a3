"""Alerts leave the house only over the channels that are set, and half a setting is refused."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from assistant.wiring import open_delivery
from tests.support.builders import NOW, device, install, readings, site, store
from tests.support.receivers import scripted_webhook
from tests.support.servers import settings_for
from tools.analytics.alerts import evaluate_alerts
from tools.clock import FixedClock
from tools.database import Database

D01 = device()


def test_nobody_is_told_unless_a_channel_is_set(database: Database, tmp_path: Path) -> None:
    assert open_delivery(settings_for(tmp_path), database, FixedClock(NOW)) is None


def test_a_webhook_that_is_set_gets_alerts_from_the_least_severity_on(database: Database, tmp_path: Path) -> None:
    install(database, [site()], [D01])
    store(database, readings(days=1, cell_temperature_max_c=[22.8] * 93 + [25.0] * 3), [D01])
    evaluate_alerts(database, [D01], NOW - timedelta(days=2))
    with scripted_webhook() as webhook:
        settings = settings_for(tmp_path, alert_webhook_url=webhook.url, alert_delivery_severity="minor")
        deliver = open_delivery(settings, database, FixedClock(NOW))
        assert deliver is not None
        deliver()
    assert "DT_AMB" in [json.loads(body)["name"] for _, body in webhook.got]


def test_a_mail_server_without_receivers_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="ALERT_MAIL_TO"):
        settings_for(tmp_path, alert_smtp_url="smtp://127.0.0.1:25")


def test_the_address_of_a_webhook_is_not_shown(tmp_path: Path) -> None:
    settings = settings_for(tmp_path, alert_webhook_url="https://example.org/secret-token")
    assert "secret-token" not in repr(settings)
