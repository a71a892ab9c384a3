"""Attempts without a good sign-in: forged, old and stolen tokens at every route and page; foreign hosts and origins."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import jwt

from assistant.api.door import COOKIE, OPEN
from assistant.auth.tokens import LIFETIME
from evals.attacks.attempt import Attempt, must_be
from evals.guarded_server import ADDRESS, NOW, PASSWORD, SECRET, Guarded

PAGES = ("/", "/chat", "/docs", "/openapi.json", "/config", "/theme.css", "/gradio_api/queue/data?session_hash=one",
         "/gradio_api/info", "/gradio_api/heartbeat/one", "/gradio_api/upload", "/mcp", "/v1/responses")  # fmt: skip
ORIGINS = ("http://evil.example", "https://localhost.evil.example", "null", "file://", "http://localhost:3000",
           "http://localhost", "http://localhost:8000.evil.example", "http://127.0.0.1:8000")  # fmt: skip
HOSTS = ("evil.example", "localhost.evil.example", "localhost@evil.example", "127.0.0.2", "[::1]", "", "localhost:x")
BODIES: Mapping[str, Any] = {
    "POST /api/chat": {"message": "How hot is D01?"},
    "POST /v1/chat/completions": {"model": "battery-assistant", "messages": [{"role": "user", "content": "Hi"}]},
    "POST /api/feedback": {"turn_id": "turn_x", "verdict": "like"},
    "PATCH /api/conversations/{conversation_id}": {"title": "mine"},
}


def attempts(server: Guarded) -> Iterator[Attempt]:
    """Every route and page with every bad sign-in, then from foreign pages and under foreign names."""
    bad = dict(_bad_headers(server))
    for method, path in routes(server):
        for name, headers in bad.items():
            answer = server.client.request(method, path, headers=headers, **_body(method, path))
            yield must_be(401, "door", f"{method} {path} with {name}", answer)
    for path in PAGES:
        for name, headers in bad.items():
            answer = server.client.get(path, headers=headers)
            yield must_be(401, "pages", f"GET {path} with {name}", answer)
    yield from _foreign(server)
    yield from _guesses(server)


def routes(server: Guarded) -> list[tuple[str, str]]:
    """Every route the API describes and that is not open to all, its parameters filled in."""
    described: Mapping[str, Mapping[str, object]] = server.client.get(
        "/openapi.json", headers=server.as_person("admin")
    ).json()["paths"]
    found = [(method.upper(), path) for path, methods in described.items() for method in methods]
    return [(method, path) for method, path in found if (method, path) not in OPEN]


def _body(method: str, path: str) -> dict[str, Any]:
    body = BODIES.get(f"{method} {path}")
    return {} if body is None else {"json": body}


def _bad_headers(server: Guarded) -> Iterator[tuple[str, dict[str, str]]]:
    """Headers of everybody who should not get in."""
    yield "nothing", {}
    for name, token in _bad_tokens(server):
        yield f"{name} as token", {"Authorization": f"Bearer {token}"}
        yield f"{name} as cookie", {"Cookie": f"{COOKIE}={token}"}
    good = server.tokens["admin"]
    yield "another scheme", {"Authorization": f"Basic {good}"}
    yield "another cookie", {"Cookie": f"session={good}"}
    yield "two tokens", {"Authorization": f"Bearer {good} {good}"}


def _bad_tokens(server: Guarded) -> Iterator[tuple[str, str]]:
    ends = int((NOW + LIFETIME).timestamp())
    good = {"sub": "admin", "jti": "forged", "epoch": 0, "exp": ends, "role": "admin"}
    yield "a forged token", jwt.encode(good, "a secret of the attacker's own choice", "HS256")
    yield "an unsigned token", jwt.encode(good, "", "none")
    yield "another algorithm", jwt.encode(good, SECRET * 2, "HS512")
    yield (
        "an expired token",
        jwt.encode(good | {"exp": int((NOW - timedelta(seconds=1)).timestamp())}, SECRET, "HS256"),
    )
    yield "an unknown name", jwt.encode(good | {"sub": "nobody"}, SECRET, "HS256")
    yield "the local person", jwt.encode(good | {"sub": "local"}, SECRET, "HS256")
    yield "another epoch", jwt.encode(good | {"epoch": 7}, SECRET, "HS256")
    yield "a cut token", server.tokens["admin"][:-2]
    yield "a signed-out token", _signed_out(server)
    yield "a disabled account's token", _disabled(server)


def _signed_out(server: Guarded) -> str:
    token = server.sign_in.sign_in("viewer", PASSWORD).token
    server.sign_in.sign_out(token)
    return token


def _disabled(server: Guarded) -> str:
    token = server.sign_in.sign_in("nowhere", PASSWORD).token
    server.accounts.disable("nowhere", "eval")
    return token


def _foreign(server: Guarded) -> Iterator[Attempt]:
    """A page of another site with the cookie of an admin, and names that point at this machine."""
    cookie = {"Cookie": f"{COOKIE}={server.tokens['admin']}"}
    writes = [(method, path) for method, path in routes(server) if method != "GET"]
    for method, path in (*writes, ("POST", "/sign-in"), ("POST", "/gradio_api/queue/join"), ("POST", "/mcp")):
        for origin in ORIGINS:
            answer = server.client.request(method, path, headers=cookie | {"Origin": origin}, **_body(method, path))
            yield must_be(403, "origin", f"{method} {path} from {origin}", answer)
    for host in HOSTS:
        for path in ("/", "/health", "/api/conversations", "/sign-in"):
            answer = server.client.get(f"{ADDRESS}{path}", headers=cookie | {"Host": host})
            yield must_be(400, "host", f"{path} at {host}", answer)


def _guesses(server: Guarded) -> Iterator[Attempt]:
    """Passwords that are not right, and a right one for an account that the wrong ones have locked."""
    names = ("operator", "OPERATOR ", "nobody", "' or 1=1 --", "", "local", "nowhere")
    tried = [(name, password) for name in names for password in ("", "password", "' or '1'='1", "\x00")]
    for name, password in (*tried, ("operator", PASSWORD)):
        answer = server.client.post("/api/auth/token", json={"name": name, "password": password})
        yield must_be(401, "guess", f"{name!r} with {password!r}", answer)
    server.accounts.enable("operator", "eval")
