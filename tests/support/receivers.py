"""Receivers of alerts that answer by a script: a webhook and a mail server on this machine."""

import socketserver
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer


@dataclass
class ScriptedWebhook:
    """A webhook; `answers` are its next status codes, 200 when they are used up."""

    answers: list[int] = field(default_factory=list)
    url: str = ""
    got: list[tuple[str, str]] = field(default_factory=list)

    @property
    def keys(self) -> list[str]:
        """Idempotency keys in the order of arrival."""
        return [key for key, _ in self.got]


@contextmanager
def scripted_webhook(answers: Sequence[int] = ()) -> Iterator[ScriptedWebhook]:
    """A webhook that keeps what it got: the idempotency key and the body of each request."""
    webhook = ScriptedWebhook(list(answers))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            webhook.got.append((self.headers["Idempotency-Key"], body))
            self.send_response(webhook.answers.pop(0) if webhook.answers else 200)
            self.send_header("Location", "http://127.0.0.1:9/moved")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        webhook.url = f"http://127.0.0.1:{server.server_port}/alerts"
        with _serving(server):
            yield webhook


@dataclass
class ScriptedMailServer:
    """A mail server; `refusals` are how many mails it refuses before it takes one."""

    refusals: int = 0
    url: str = ""
    mails: list[str] = field(default_factory=list)
    receivers: list[str] = field(default_factory=list)


@contextmanager
def scripted_mail_server(refusals: int = 0) -> Iterator[ScriptedMailServer]:
    """A mail server that knows as much SMTP as one sender needs."""
    mail_server = ScriptedMailServer(refusals)

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self._say("220 ready")
            while line := self.rfile.readline().decode().strip():
                verb = line.split()[0].upper()
                if verb == "RCPT":
                    mail_server.receivers.append(line.partition("<")[2].rstrip(">"))
                if verb == "DATA":
                    self._take()
                    continue
                self._say("221 bye" if verb == "QUIT" else "250 fine")

        def _take(self) -> None:
            self._say("354 go on")
            lines = iter(lambda: self.rfile.readline().decode().rstrip("\r\n"), ".")
            mail = "\n".join(lines)
            if mail_server.refusals:
                mail_server.refusals -= 1
                self._say("451 try later")
                return
            mail_server.mails.append(mail)
            self._say("250 taken")

        def _say(self, line: str) -> None:
            self.wfile.write(f"{line}\r\n".encode())

    with socketserver.TCPServer(("127.0.0.1", 0), Handler) as server:
        mail_server.url = f"smtp://127.0.0.1:{server.server_address[1]}"
        with _serving(server):
            yield mail_server


@contextmanager
def _serving(server: socketserver.BaseServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
