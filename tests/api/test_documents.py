"""Documents added over the API are listed and searched, and what cannot be one changes nothing."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from tests.support import builders
from tests.support.manuals import document
from tests.support.people import ADA, BOB, guarded, sign_in
from tests.support.servers import asking, scripted_app
from tools.people import Person

PUMP = document("MP-91", "Priming the pump", "To prime the pump, fill its housing with water.").encode()
AT = "/api/knowledge/documents"


@pytest.fixture
def app(tmp_path: Path) -> FastAPI:
    return scripted_app(tmp_path)


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    with asking(app) as client:
        yield client


def added(client: TestClient) -> list[str]:
    return [one["file"] for one in client.get(AT).json()["documents"] if one["is_added"]]


def test_an_added_document_is_listed_with_who_when_and_hash_and_goes_again(client: TestClient) -> None:
    answer = client.post(AT, params={"name": "pump.md"}, content=PUMP)
    assert answer.status_code == 201
    assert answer.json()["addition"] == {
        "who": "local",
        "added_utc": builders.NOW.isoformat().replace("+00:00", "Z"),
        "sha256": hashlib.sha256(PUMP).hexdigest(),
    }
    assert added(client) == ["pump.md"]
    assert client.delete(f"{AT}/MP-91").status_code == 204
    assert added(client) == []


@pytest.mark.parametrize(
    ("name", "content", "status", "code"),
    [
        ("empty.md", b"", 422, "bad_document"),
        ("broken.pdf", b"%PDF-1.7 and no more", 422, "bad_document"),
        ("film.mp4", b"film", 422, "bad_document"),
        ("../../outside.md", PUMP, 422, "bad_document"),
        (".hidden.md", PUMP, 422, "bad_document"),
        ("a" * 121 + ".md", PUMP, 422, "bad_request"),
        ("big.txt", b"x" * (20 * 2**20 + 1), 413, "too_large"),
    ],
)
def test_what_cannot_be_a_document_is_refused_in_our_form_and_nothing_changes(
    client: TestClient, name: str, content: bytes, status: int, code: str
) -> None:
    answer = client.post(AT, params={"name": name}, content=content)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert added(client) == []


def test_a_file_too_large_in_pieces_is_refused_too(client: TestClient) -> None:
    answer = client.post(AT, params={"name": "big.txt"}, content=(b"x" * 2**20 for _ in range(21)))
    assert (answer.status_code, answer.json()["error"]["message"]) == (413, "The file is larger than 20 MB.")


@pytest.mark.parametrize(("document_id", "status"), [("MP-01", 409), ("MP-99", 404)])
def test_only_added_documents_can_be_removed(client: TestClient, document_id: str, status: int) -> None:
    assert client.delete(f"{AT}/{document_id}").status_code == status


@pytest.mark.parametrize("person", [ADA, BOB])
def test_who_is_no_engineer_may_look_and_not_touch(tmp_path: Path, person: Person) -> None:
    with guarded(tmp_path, person) as client:
        who = sign_in(client, person)
        assert client.get(AT, headers=who).status_code == 200
        refused = [
            client.post(AT, params={"name": "pump.md"}, content=PUMP, headers=who),
            client.delete(f"{AT}/MP-01", headers=who),
        ]
        assert [(one.status_code, one.json()["error"]["code"]) for one in refused] == [(403, "not_allowed")] * 2
