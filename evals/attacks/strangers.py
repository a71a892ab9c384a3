"""Attempts of people who have signed in: at other people's conversations, at roles above theirs, at other pages."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from assistant.api.door import COOKIE
from evals.attacks.attempt import REFUSED, Attempt, must_be
from evals.guarded_server import Guarded
from tools.people import ROLES

OWN = (
    "GET /api/conversations/CONVERSATION", "PATCH /api/conversations/CONVERSATION",
    "GET /api/conversations/CONVERSATION/export?format=json", "GET /api/conversations/CONVERSATION/export",
    "GET /api/turns/TURN", "GET /api/feedback/TURN", "POST /api/feedback", "DELETE /api/feedback/TURN",
    "POST /api/chat", "DELETE /api/conversations/CONVERSATION",
)  # fmt: skip
ADMINS_ONLY = ("GET /api/audit", "GET /api/audit?most=1000")
OWNER = "viewer"
# Letters alone, which stand in a page as they are typed.
SECRET_WORDS = "the spare key lies under the third stone"  # noqa: S105


def attempts(server: Guarded) -> Iterator[Attempt]:
    """Everybody against a conversation of the viewer, then everybody but admins against what is theirs alone."""
    conversation, turn = _private(server)
    _check_sight(server, conversation)
    for name in server.tokens:
        if name == OWNER:
            continue
        yield from _at_conversation(server, name, conversation, turn)
        yield from _at_page(server, name, conversation)
    for role in ROLES[:-1]:
        for line in ADMINS_ONLY:
            method, path = line.split()
            answer = server.client.request(method, path, headers=server.as_person(role))
            yield must_be(403, "role", f"{line} as {role}", answer)


def _private(server: Guarded) -> tuple[str, str]:
    """A conversation of the viewer whose question is a secret."""
    asked = {"message": SECRET_WORDS, "conversation_id": "conv_of_viewer"}
    answer = server.client.post("/api/chat", json=asked, headers=server.as_person(OWNER))
    return "conv_of_viewer", str(answer.json()["turn_id"])


def _at_conversation(server: Guarded, name: str, conversation: str, turn: str) -> Iterator[Attempt]:
    bodies: Mapping[str, Any] = {
        "PATCH /api/conversations/CONVERSATION": {"title": "mine"},
        "POST /api/feedback": {"turn_id": turn, "verdict": "dislike"},
        "POST /api/chat": {"message": "hello", "conversation_id": conversation},
    }
    for line in OWN:
        method, path = line.replace("CONVERSATION", conversation).replace("TURN", turn).split()
        body = {"json": bodies[line]} if line in bodies else {}
        answer = server.client.request(method, path, headers=server.as_person(name), **body)
        yield must_be(404, "another's", f"{line} as {name}", answer)
    for search in ("", "spare key", "%"):
        answer = server.client.get("/api/conversations", params={"search": search}, headers=server.as_person(name))
        yield Attempt("another's", f"search {search!r} as {name}", "spare key" in answer.text)


def _at_page(server: Guarded, name: str, conversation: str) -> Iterator[Attempt]:
    """The page's own handlers, called by hand with the address of another person's conversation."""
    cookie = _cookie(server, name)
    for number, data in _handlers(server, cookie, conversation):
        session = f"session-{name}-{number}"
        shown = _shown(server, cookie, number, data, session)
        yield Attempt("page", f"handler {number} as {name}", SECRET_WORDS in shown)
        stolen = server.client.get(f"/gradio_api/queue/data?session_hash={session}", headers=_cookie(server, OWNER))
        yield must_be(404, "page", f"session {session} as {OWNER}", stolen)


def _check_sight(server: Guarded, conversation: str) -> None:
    """See the secret as its owner: an attempt that is blind would find no leak.

    Raises:
        ValueError: it is blind.
    """
    cookie = _cookie(server, OWNER)
    for number, data in _handlers(server, cookie, conversation):
        if SECRET_WORDS not in _shown(server, cookie, number, data, f"session-{OWNER}-{number}"):
            raise ValueError(f"Handler {number} does not show a conversation to its owner.")


def _shown(server: Guarded, cookie: dict[str, str], number: int, data: list[str], session: str) -> str:
    """All that a handler sends to the page; empty where it is refused."""
    event = {"fn_index": number, "data": data, "session_hash": session}
    joined = server.client.post("/gradio_api/queue/join", json=event, headers=cookie)
    if joined.status_code in REFUSED:
        return ""
    return server.client.get(f"/gradio_api/queue/data?session_hash={session}", headers=cookie).text


def _cookie(server: Guarded, name: str) -> dict[str, str]:
    return {"Cookie": f"{COOKIE}={server.tokens[name]}"}


def _handlers(server: Guarded, cookie: Mapping[str, str], conversation: str) -> Iterator[tuple[int, list[str]]]:
    """The page's handlers that take a conversation, by number, with inputs that name this one."""
    page = server.client.get("/chat", headers=cookie).text
    start = page.index("window.gradio_config = ") + len("window.gradio_config = ")
    config, _ = json.JSONDecoder().raw_decode(page[start:])
    asking = {
        one["id"]
        for one in config["components"]
        if one["props"].get("elem_id") == "message" or "example" in (one["props"].get("elem_classes") or ())
    }
    for one in config["dependencies"]:
        inputs = one["inputs"]
        if one["backend_fn"] and len(inputs) >= 2:
            # A question comes first where there is one; what follows is conversation, time zone and linked turn.
            question = ["hello"] if inputs[0] in asking else []
            yield one["id"], [*question, conversation, "UTC", ""][: len(inputs)]
