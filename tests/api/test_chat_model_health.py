"""GET /health tells how each chat model does."""

from pathlib import Path

import pytest

from tests.support.scripted_chat_server import Reply, fails, forever, says, scripted_server
from tests.support.servers import asking, scripted_app


@pytest.mark.parametrize(
    ("reply", "asked", "state"),
    [(says("Hello."), 1, "ready"), (fails(401), 1, "failing"), (fails(401), 3, "resting")],
)
def test_health_tells_how_each_chat_model_does(tmp_path: Path, reply: Reply, asked: int, state: str) -> None:
    with scripted_server(model_a=forever(reply)) as server:
        app = scripted_app(tmp_path, assistant_model="model-a", openai_base_url=server.url)
        with asking(app) as client:
            for _ in range(asked):
                client.post("/api/chat", json={"message": "hello"})
            health = client.get("/health").json()
    assert health["chat_models"] == [{"name": "model-a", "state": state}]
