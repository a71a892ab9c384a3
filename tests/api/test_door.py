"""The door: nothing without a sign-in but the sign-in, a cookie no script reads, and pages that ask for it."""

import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from assistant.api.door import COOKIE
from assistant.api.server import build_app, serve
from assistant.auth.errors import AuthSecretError
from tests.support.doors import PASSWORD
from tests.support.people import ADA, BOB, EVE, accounts_in, guarded, sign_in
from tests.support.servers import HOT, asking, scripted_app, settings_for

PAGE = {"Accept": "text/html"}
CLOSED = (
    "/api/conversations", "/api/turns/x", "/api/audit", "/api/auth/me", "/docs", "/openapi.json", "/api/nowhere",
    "/nowhere", "/gradio_api/queue/data", "/config", "/assets/index.js", "/health/", "/mcp", "/metrics",
)  # fmt: skip
ELSEWHERE = (
    "//evil.example", "https://evil.example", "/\\evil.example", "/\t/evil.example", "javascript:x", "", "/sign-in",
    "/a\r\nSet-Cookie: x=y",
)  # fmt: skip
OWN = (
    "GET /api/conversations/one", "GET /api/conversations/one/export", "GET /api/turns/TURN", "GET /api/feedback/TURN",
    "DELETE /api/feedback/TURN", "DELETE /api/conversations/one",
)  # fmt: skip


def form(client: TestClient, **changes: str) -> dict[str, object]:
    """The sign-in form sent by hand; gives status, place to go on to, and cookies."""
    filled = {"name": "ada", "password": PASSWORD, "next": "/chat?c=one"} | changes
    answer = client.post("/sign-in", data=filled, headers={"Origin": "http://localhost:8000"}, follow_redirects=False)
    return {"status": answer.status_code, "to": answer.headers.get("location"), "text": answer.text,
            "cookie": answer.headers.get("set-cookie", "")}  # fmt: skip


def own(turn: str, line: str) -> tuple[str, str]:
    """Method and path of something that belongs to whoever asked that turn."""
    method, path = line.split()
    return method, path.replace("TURN", turn)


def code(answer: object) -> str:
    """The code of an error in our form."""
    return str(answer.json()["error"]["code"])  # type: ignore[attr-defined]


def test_nothing_is_served_to_nobody(tmp_path: Path) -> None:
    with guarded(tmp_path, ADA) as client:
        answers = {path: client.get(path, follow_redirects=False) for path in CLOSED}
    assert {path: (answer.status_code, code(answer)) for path, answer in answers.items()} == dict.fromkeys(
        CLOSED, (401, "not_signed_in")
    )
    assert {answer.headers["WWW-Authenticate"] for answer in answers.values()} == {"Bearer"}


def test_health_answers_everybody(tmp_path: Path) -> None:
    with guarded(tmp_path, ADA) as client:
        assert client.get("/health").status_code == 200


def test_token_opens_the_api_as_that_person(tmp_path: Path) -> None:
    with guarded(tmp_path, ADA) as client:
        me = client.get("/api/auth/me", headers=sign_in(client, ADA)).json()
    assert me == {"person": {"name": "ada", "role": "viewer", "sites": None}, "can_sign_out": True}


def test_wrong_password_is_a_401_that_does_not_say_what_was_wrong(tmp_path: Path) -> None:
    with guarded(tmp_path, ADA) as client:
        tried = [client.post("/api/auth/token", json={"name": name, "password": "x"}) for name in ("ada", "nobody")]
    assert [(one.status_code, code(one)) for one in tried] == [(401, "wrong_password")] * 2
    assert tried[0].json() == tried[1].json()


def test_page_without_a_sign_in_asks_for_it_and_remembers_where_to(tmp_path: Path) -> None:
    with guarded(tmp_path, ADA) as client:
        answer = client.get("/docs?c=one", headers=PAGE, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=/docs%3Fc%3Done")


def test_sign_in_form_keeps_the_token_in_a_strict_cookie_and_goes_on(tmp_path: Path) -> None:
    with guarded(tmp_path, ADA) as client:
        done = form(client)
        me = client.get("/api/auth/me")
    assert (done["status"], done["to"]) == (303, "/chat?c=one")
    assert {"HttpOnly", "Path=/", "SameSite=strict"} <= set(str(done["cookie"]).split("; "))
    assert "Secure" not in str(done["cookie"])
    assert me.json()["person"]["name"] == "ada"


def test_cookie_is_for_https_alone_where_the_page_came_by_it(tmp_path: Path) -> None:
    with guarded(tmp_path, ADA) as client:
        client.base_url = "https://localhost:8000"  # type: ignore[assignment]
        answer = client.post("/sign-in", data={"name": "ada", "password": PASSWORD}, follow_redirects=False)
    assert "; Secure" in answer.headers["set-cookie"]


def test_wrong_password_shows_the_form_again_with_an_alert_and_the_name(tmp_path: Path) -> None:
    with guarded(tmp_path, ADA) as client:
        done = form(client, password="wrong", name='"><script>alert(1)</script>')
    assert done["status"] == 401
    assert 'role="alert"' in str(done["text"])
    assert "<script" not in str(done["text"])
    assert not done["cookie"]


def test_sign_in_never_goes_on_to_another_host(tmp_path: Path) -> None:
    with guarded(tmp_path, ADA) as client:
        assert {wanted: form(client, next=wanted)["to"] for wanted in ELSEWHERE} == dict.fromkeys(ELSEWHERE, "/")


@pytest.mark.parametrize("path", ["//evil.example/x", "/docs"])
def test_link_from_elsewhere_is_asked_for_again_from_here(tmp_path: Path, path: str) -> None:
    with guarded(tmp_path, ADA) as client:
        answer = client.get(
            f"http://localhost:8000{path}", headers=PAGE | {"Sec-Fetch-Site": "cross-site"}, follow_redirects=False
        )
    assert answer.status_code == 200
    assert "evil" not in answer.text


def test_sign_in_page_refers_to_no_other_host_and_runs_no_script(tmp_path: Path) -> None:
    with guarded(tmp_path, ADA) as client:
        page = client.get("/sign-in", headers=PAGE)
    assert page.status_code == 200
    assert "<script" not in page.text
    assert not re.search(r"""(src|href|action)=["'](https?:)?//""", page.text)
    assert "default-src 'none'" in page.headers["content-security-policy"]


def test_signing_out_ends_the_token_and_takes_the_cookie_back(tmp_path: Path) -> None:
    with guarded(tmp_path, ADA) as client:
        form(client)
        kept = client.cookies[COOKIE]
        ended = client.delete("/api/auth/token")
        again = client.get("/api/auth/me", headers={"Authorization": f"Bearer {kept}"})
    assert ended.status_code == 204
    assert COOKIE not in client.cookies
    assert again.status_code == 401


def test_disabled_account_is_out_at_its_next_request(tmp_path: Path) -> None:
    with guarded(tmp_path, ADA) as client:
        header = sign_in(client, ADA)
        before = client.get("/api/auth/me", headers=header).status_code
        with accounts_in(tmp_path) as accounts:
            accounts.disable("ada", "test")
        after = client.get("/api/auth/me", headers=header).status_code
    assert (before, after) == (200, 401)


def test_bad_authorization_is_not_saved_by_a_good_cookie(tmp_path: Path) -> None:
    with guarded(tmp_path, ADA) as client:
        form(client)
        answers = [
            client.get("/api/auth/me", headers={"Authorization": said}) for said in ("Bearer x", "Basic eDp5", "")
        ]
    assert [answer.status_code for answer in answers] == [401, 401, 401]


def test_what_is_another_persons_is_a_404_also_for_an_admin(tmp_path: Path) -> None:
    with guarded(tmp_path, ADA, EVE) as client:
        ada, eve = sign_in(client, ADA), sign_in(client, EVE)
        turn = client.post("/api/chat", json={"message": HOT, "conversation_id": "one"}, headers=ada).json()[
            "turn_id"
        ]
        foreign = [client.request(*own(turn, one), headers=eve).status_code for one in OWN]
        asked = client.post("/api/chat", json={"message": HOT, "conversation_id": "one"}, headers=eve)
        listed = client.get("/api/conversations", headers=eve).json()["conversations"]
        mine = [client.request(*own(turn, one), headers=ada).status_code for one in OWN]
    assert foreign == [404] * len(OWN)
    assert (asked.status_code, listed) == (404, [])
    assert 404 not in mine


def test_role_that_does_not_reach_is_refused_and_written_down(tmp_path: Path) -> None:
    with guarded(tmp_path, BOB, EVE) as client:
        refused = client.get("/api/audit", headers=sign_in(client, BOB))
        rows = client.get("/api/audit", headers=sign_in(client, EVE)).json()["rows"]
    assert (refused.status_code, code(refused)) == (403, "not_allowed")
    assert ("refused", "bob", "GET /api/audit") in [(row["event"], row["who"], row["subject"]) for row in rows]


def test_more_questions_than_the_rate_wait(tmp_path: Path) -> None:
    with guarded(tmp_path, ADA, BOB, question_limit="2/minute") as client:
        ada, bob = sign_in(client, ADA), sign_in(client, BOB)
        asked = [
            client.post("/api/chat", json={"message": "hello"}, headers=header) for header in (ada, ada, ada, bob)
        ]
    assert [answer.status_code for answer in asked] == [200, 200, 429, 200]
    assert code(asked[2]) == "too_many_requests"
    assert 0 < int(asked[2].headers["Retry-After"]) <= 60


def test_more_requests_than_the_rate_wait(tmp_path: Path) -> None:
    with guarded(tmp_path, ADA, request_limit="3/hour") as client:
        header = sign_in(client, ADA)
        assert [client.get("/api/auth/me", headers=header).status_code for _ in range(4)] == [200, 200, 200, 429]


def test_address_that_guesses_waits_whatever_the_name(tmp_path: Path) -> None:
    with guarded(tmp_path, ADA, sign_in_limit="3/minute") as client:
        tries = [form(client, name=f"user{number}")["status"] for number in range(4)]
    assert tries == [401, 401, 401, 429]


def test_without_a_secret_whoever_comes_is_the_local_admin(tmp_path: Path) -> None:
    with asking(scripted_app(tmp_path)) as client:
        me = client.get("/api/auth/me").json()
        token = client.post("/api/auth/token", json={"name": "ada", "password": PASSWORD})
        page = client.get("/sign-in?next=/docs", follow_redirects=False)
    assert me == {"person": {"name": "local", "role": "admin", "sites": None}, "can_sign_out": False}
    assert (token.status_code, code(token)) == (400, "no_sign_in")
    assert page.headers["location"] == "/docs"


def test_short_secret_does_not_start(tmp_path: Path) -> None:
    with pytest.raises(AuthSecretError):
        build_app(settings_for(tmp_path, auth_secret="short"))


def test_open_network_with_a_short_secret_does_not_start(tmp_path: Path) -> None:
    with pytest.raises(AuthSecretError):
        serve(settings_for(tmp_path, auth_secret="short"), "0.0.0.0", 8000)  # noqa: S104
