"""The assistant as OpenAI's own client asks it."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import openai
import pytest

from tests.support.running_app import running_app
from tests.support.scripted_brain import say
from tests.support.servers import HOST, HOT, NONSENSE, PATIENCE, asking, scripted_app

ANSWER = "D01 is at 22.0 °C."
MODEL = "battery-assistant"


@contextmanager
def client_of(folder: Path) -> Iterator[openai.OpenAI]:
    """OpenAI's client of a server on a small fleet."""
    with asking(scripted_app(folder)) as transport:
        yield openai.OpenAI(base_url=f"{HOST}/v1", api_key="none", http_client=transport, max_retries=0)


def user(text: str) -> dict[str, str]:
    return {"role": "user", "content": text}


def test_a_question_is_answered_with_usage_and_evidence(tmp_path: Path) -> None:
    with client_of(tmp_path) as client:
        done = client.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": HOT}])
    assert done.choices[0].message.content == ANSWER
    assert done.choices[0].finish_reason == "stop"
    assert done.model_extra is not None
    assert done.model_extra["battery_assistant"]["evidence"][0]["text"] == "22.0 °C"


def test_a_stream_holds_the_same_text_and_ends_with_the_usage(tmp_path: Path) -> None:
    with client_of(tmp_path) as client:
        chunks = list(
            client.chat.completions.create(
                model=MODEL,
                messages=[{"role": "user", "content": HOT}],
                stream=True,
                stream_options={"include_usage": True},
            )
        )
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert text == ANSWER
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "stop"


def test_the_stream_helper_of_the_client_gives_the_whole_answer(tmp_path: Path) -> None:
    with (
        client_of(tmp_path) as client,
        client.chat.completions.stream(model=MODEL, messages=[{"role": "user", "content": HOT}]) as stream,
    ):
        done = stream.get_final_completion()
    assert done.choices[0].message.content == ANSWER


def test_content_in_parts_is_read(tmp_path: Path) -> None:
    with client_of(tmp_path) as client:
        done = client.chat.completions.create(
            model=MODEL, messages=[{"role": "user", "content": [{"type": "text", "text": HOT}]}]
        )
    assert done.choices[0].message.content == ANSWER


def test_the_model_is_listed_and_found_by_name(tmp_path: Path) -> None:
    with client_of(tmp_path) as client:
        assert [one.id for one in client.models.list()] == [MODEL]
        assert client.models.retrieve(MODEL).id == MODEL


def test_a_failing_tool_is_a_plain_answer(tmp_path: Path) -> None:
    with client_of(tmp_path) as client:
        done = client.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": NONSENSE}])
    assert done.choices[0].message.content == "There is no D99."


def test_unknown_model_is_not_found_in_the_form_of_openai(tmp_path: Path) -> None:
    with client_of(tmp_path) as client, pytest.raises(openai.NotFoundError) as refused:
        client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": HOT}])
    assert refused.value.code == "unknown_model"
    assert refused.value.type == "invalid_request_error"


@pytest.mark.parametrize(
    "body",
    [
        {"model": MODEL, "messages": []},
        {"model": MODEL, "messages": [{"role": "user", "content": " "}]},
        {"model": MODEL, "messages": [{"role": "assistant", "content": "hello"}]},
        {"model": MODEL, "messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {}}]}]},
        {"model": MODEL, "messages": [{"role": "user", "content": "x" * 5000}]},
        {"messages": [{"role": "user", "content": "hello"}]},
    ],
    ids=["no message", "blank", "not the user's", "picture", "too long", "no model"],
)
def test_a_bad_request_is_refused_in_the_form_of_openai(tmp_path: Path, body: dict[str, object]) -> None:
    with asking(scripted_app(tmp_path)) as client:
        answer = client.post("/v1/chat/completions", json=body)
    assert answer.status_code == 400
    assert set(answer.json()["error"]) == {"message", "type", "param", "code"}


def test_what_is_not_offered_is_not_found_in_the_form_of_openai(tmp_path: Path) -> None:
    with client_of(tmp_path) as client, pytest.raises(openai.NotFoundError) as refused:
        client.responses.create(model=MODEL, input="hello")
    assert refused.value.code == "not_found"


def test_a_body_that_is_no_json_is_refused_in_the_form_of_openai(tmp_path: Path) -> None:
    with asking(scripted_app(tmp_path)) as client:
        answer = client.post("/v1/chat/completions", content=b"{", headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["error"]["type"]) == (400, "invalid_request_error")


def test_every_question_is_a_turn_in_the_ledger(tmp_path: Path) -> None:
    with asking(scripted_app(tmp_path)) as client:
        body = {"model": MODEL, "messages": [user("hello"), {"role": "assistant", "content": "Hello."}, user(HOT)]}
        ours = client.post("/v1/chat/completions", json=body).json()["battery_assistant"]
        turn = client.get(f"/api/turns/{ours['turn_id']}").json()
    assert (turn["question"], turn["answer"]) == (HOT, ANSWER)


def test_an_answer_nobody_waits_for_is_stopped(tmp_path: Path) -> None:
    asked, go_on = threading.Event(), threading.Event()

    def hold(_: str) -> bool:
        asked.set()
        return go_on.wait(PATIENCE)

    script = {"hello": (say("Hello."),)}
    with running_app(scripted_app(tmp_path, script=script, before=hold)) as url:
        client = openai.OpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0)
        stream = client.chat.completions.create(
            model=MODEL, messages=[{"role": "user", "content": "hello"}], stream=True
        )
        next(stream)
        assert asked.wait(PATIENCE)
        stream.close()
        client.close()
        ended = _status_once_ended(url)
        go_on.set()
    assert ended == "interrupted"


def _status_once_ended(url: str) -> str:
    """How the only turn of a server ended, as soon as it has."""
    until = time.monotonic() + PATIENCE
    with openai.DefaultHttpxClient(base_url=url) as plain:
        while time.monotonic() < until:
            (listed,) = plain.get("/api/conversations").json()["conversations"]
            (turn,) = plain.get(f"/api/conversations/{listed['conversation_id']}").json()["turns"]
            if turn["status"] != "running":
                return str(turn["status"])
            time.sleep(0.05)
    return "running"
