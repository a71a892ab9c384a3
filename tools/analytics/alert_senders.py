"""Ways a message about an alert leaves the house: a POST to a webhook, or a mail by SMTP."""

import json
import logging
import smtplib
import ssl
from collections.abc import Sequence
from email.message import EmailMessage
from http.client import HTTPException
from ipaddress import ip_address
from typing import Any, Protocol
from urllib.error import HTTPError, URLError
from urllib.parse import unquote, urlsplit
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

from tools.analytics.alert_outbox import AlertMessage
from tools.errors import BadArgumentError, BatteryError

log = logging.getLogger(__name__)
TIMEOUT_S = 15.0
SMTP_PORT, SMTPS_PORT = 587, 465


class DeliveryError(BatteryError):
    """A message was not taken by its receiver; it may be sent again."""

    code = "delivery_failed"


class Sender(Protocol):
    """Sends one message, or raises DeliveryError."""

    def send(self, message: AlertMessage) -> None: ...


class _NoRedirect(HTTPRedirectHandler):
    """A receiver that moved must be set anew: a redirected POST arrives as a GET without its body."""

    def redirect_request(self, *_: Any) -> None:
        return None


class WebhookSender:
    """POSTs each message as JSON, with its key in the header Idempotency-Key."""

    def __init__(self, url: str) -> None:
        if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
            raise BadArgumentError("The webhook's address is not one.", "Give it as https://host/path.")
        self._url = url
        self._opener = build_opener(ProxyHandler({}), _NoRedirect)

    def send(self, message: AlertMessage) -> None:
        """Send, and wait for an answer of 2xx."""
        request = Request(  # noqa: S310  the scheme was checked
            self._url,
            data=message.model_dump_json().encode(),
            headers={"Content-Type": "application/json", "Idempotency-Key": message.key},
            method="POST",
        )
        try:
            with self._opener.open(request, timeout=TIMEOUT_S):
                return
        except HTTPError as error:
            error.close()
            raise DeliveryError(f"The webhook answered {error.code}.") from error
        except URLError as error:
            raise DeliveryError(f"The webhook cannot be reached: {error.reason}.") from error
        except (OSError, HTTPException) as error:
            raise DeliveryError(f"The webhook broke off: {error!r}.") from error


class MailSender:
    """Sends each message as a mail of plain text, its key in the Message-ID.

    An address smtps:// is encrypted from the start; smtp:// becomes so where the server offers it. A password is only
    given to a server on an encrypted line or on this machine.
    """

    def __init__(self, url: str, sender: str, receivers: Sequence[str]) -> None:
        self._server = urlsplit(url)
        if self._server.scheme not in ("smtp", "smtps") or not self._server.hostname:
            raise BadArgumentError(
                "The mail server's address is not one.", "Give it as smtp://user:password@host:587."
            )
        self._from, self._to = sender, tuple(receivers)

    def send(self, message: AlertMessage) -> None:
        """Send to all receivers at once."""
        mail = self._mail(message)
        try:
            with self._connected() as server:
                refused = server.send_message(mail)
        except (smtplib.SMTPException, OSError) as error:
            raise DeliveryError(f"The mail server did not take the mail: {error}.") from error
        if refused:
            # The others have it: trying again would tell them twice.
            log.warning("alert mail refused for some", extra={"receivers": sorted(refused)})

    def _connected(self) -> smtplib.SMTP:
        server, context = self._server, ssl.create_default_context()
        host = server.hostname or ""
        if server.scheme == "smtps":
            line: smtplib.SMTP = smtplib.SMTP_SSL(host, server.port or SMTPS_PORT, timeout=TIMEOUT_S, context=context)
        else:
            line = smtplib.SMTP(host, server.port or SMTP_PORT, timeout=TIMEOUT_S)
            line.ehlo()
            if line.has_extn("starttls"):
                line.starttls(context=context)
            elif server.username and not _is_this_machine(host):
                line.close()
                raise DeliveryError("The mail server offers no encryption, so the password was not sent.")
        if server.username:
            line.login(unquote(server.username), unquote(server.password or ""))
        return line

    def _mail(self, message: AlertMessage) -> EmailMessage:
        mail = EmailMessage()
        mail["Subject"], mail["From"], mail["To"] = message.subject, self._from, ", ".join(self._to)
        mail["Message-ID"] = f"<{message.key}@{self._from.rpartition('@')[2].strip('> ')}>"
        facts = json.loads(message.model_dump_json(exclude={"means"}, exclude_none=True))
        lines = [f"{message.means[:1].upper()}{message.means[1:]}.", ""]
        mail.set_content("\n".join(lines + [f"{name}: {value}" for name, value in facts.items()]))
        return mail


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
