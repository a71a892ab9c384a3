"""A small embedding server of a test: it counts words into 64 numbers, or fails as it is told."""

import json
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

WIDTH = 64


@dataclass
class EmbeddingServer:
    """What it was asked, and how it answers: `status` other than 200 refuses, `lost` vectors are left out."""

    address: str = ""
    status: int = 200
    lost: int = 0
    asked: list[dict[str, Any]] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)


@contextmanager
def embedding_server() -> Iterator[EmbeddingServer]:
    """The server at a port of its own, until the test is over."""
    state = EmbeddingServer()

    class Answering(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            state.asked.append(asked)
            state.keys.add(self.headers["Authorization"])
            vectors = [_counted(text) for text in asked["input"]][state.lost :]
            # In another order than asked, as a server may.
            data = [{"object": "embedding", "index": n, "embedding": one} for n, one in enumerate(vectors)][::-1]
            usage = {"prompt_tokens": 1, "total_tokens": 1}
            body = json.dumps({"object": "list", "model": asked["model"], "data": data, "usage": usage}).encode()
            self.send_response(state.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    state.address = f"http://127.0.0.1:{server.server_port}/v1"
    serving = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    serving.start()
    try:
        yield state
    finally:
        server.shutdown()
        serving.join()
        server.server_close()


def _counted(text: str) -> list[float]:
    numbers = [0.01] * WIDTH
    for word in text.lower().replace(",", " ").replace(".", " ").split():
        numbers[zlib.crc32(word.encode()) % WIDTH] += 1.0
    return numbers
