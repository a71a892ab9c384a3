"""The command line: serve (default), ask, demo, import, knowledge, users, audit, mcp, prepare. Loads only what is needed."""

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from assistant.settings import Settings
from knowledge.errors import KnowledgeError
from tools.clock import SystemClock
from tools.errors import BatteryError
from tools.people import LOCAL_PERSON, ROLES

Progress = Callable[[float, str], None]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit status is 0 when it did what was asked."""
    # Nothing of ours or of a library may open a connection by itself.
    os.environ.update(
        LANGSMITH_TRACING="false", GRADIO_ANALYTICS_ENABLED="False", ANONYMIZED_TELEMETRY="False", HF_HUB_OFFLINE="1"
    )
    chosen = _parser().parse_args(arguments)
    try:
        return int(chosen.run(chosen, Settings()))
    except (BatteryError, KnowledgeError) as error:
        print(f"{error.message} {error.hint}".strip(), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="app.py", description="Ask stationary batteries how they are.")
    parser.set_defaults(run=_serve, host=None, port=None)
    commands = parser.add_subparsers(title="commands")

    serve = commands.add_parser("serve", help="serve the chat and the API (the default)")
    serve.add_argument("--host", help="address to serve at; loopback by default")
    serve.add_argument("--port", type=int, help="port to serve at; 8000 by default")
    serve.set_defaults(run=_serve)

    ask = commands.add_parser("ask", help="ask one question and print the answer")
    ask.add_argument("question")
    ask.add_argument("--json", action="store_true", help="print the whole answer as JSON")
    ask.add_argument("--conversation", help="id of a conversation to go on with")
    ask.add_argument(
        "--timezone", default="UTC", help="zone that times are read and written in, for example Europe/Oslo"
    )
    ask.set_defaults(run=_ask)

    demo = commands.add_parser("demo", help="make a simulated fleet")
    demo.add_argument("--records", type=int, help="readings in all, for example 500; all of them by default")
    demo.add_argument("--days", type=int, default=30)
    demo.add_argument("--seed", type=int, default=7)
    demo.set_defaults(run=_demo)

    bring = commands.add_parser("import", help="import telemetry from a CSV, XLSX or Parquet file")
    bring.add_argument("file", type=Path)
    bring.add_argument("--device", required=True, help="name of the device the file is from; made where unknown")
    bring.add_argument("--site", required=True, help="name of its site; made where unknown")
    bring.add_argument("--cells", type=int, help="number of 2 V cells in series")
    bring.add_argument("--capacity", type=float, help="rated capacity in Ah")
    bring.add_argument(
        "--map", nargs="*", default=[], metavar="COLUMN=FIELD", help="what a column is, where it is not known"
    )
    bring.add_argument("--timezone", default="UTC", help="zone of times without one")
    bring.add_argument("--replace", action="store_true", help="other values for a known time replace the stored ones")
    bring.add_argument("--dry-run", action="store_true", help="check everything, store nothing")
    bring.set_defaults(run=_import)

    _add_knowledge(commands)
    _add_users(commands)
    mcp = commands.add_parser(
        "mcp", help="serve the tools and documents to one MCP client over standard input and output"
    )
    mcp.set_defaults(run=_mcp)
    prepare = commands.add_parser(
        "prepare",
        help="make what is made once: the trained router and the index of the manuals (part of make install)",
    )
    prepare.set_defaults(run=_prepare)
    return parser


def _add_knowledge(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    knowledge = commands.add_parser("knowledge", help="add, list and remove documents that are searched")
    knowledge.set_defaults(run=_knowledge)
    actions = knowledge.add_subparsers(title="actions", dest="action", required=True)
    add = actions.add_parser("add", help="index Markdown, text, PDF, Word or HTML files")
    add.add_argument("files", type=Path, nargs="+")
    actions.add_parser("list", help="list every document with its revision")
    remove = actions.add_parser("remove", help="take an added document out")
    remove.add_argument("file", help="its file name, as the list shows it")
    reindex = actions.add_parser("reindex", help="bring the index up to date")
    reindex.add_argument("--anew", action="store_true", help="embed every passage again")


def _add_users(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    users = commands.add_parser("users", help="make, list and change the accounts people sign in with")
    users.set_defaults(run=_users)
    actions = users.add_subparsers(title="actions", dest="action", required=True)
    actions.add_parser("list", help="list every account")
    for action, what in (
        ("add", "make an account; the password is asked for, or read from standard input"),
        ("passwd", "give an account another password; it is signed out everywhere"),
        ("role", "give an account another role and other sites"),
        ("disable", "let an account in no more"),
        ("enable", "let an account in again, also when it is locked"),
    ):
        one = actions.add_parser(action, help=what)
        one.add_argument("name")
        if action in ("add", "role"):
            one.add_argument("--role", choices=ROLES, default="viewer", required=action == "role")
            one.add_argument(
                "--site", action="append", default=[], help="a site they see, once for each; all without"
            )

    audit = commands.add_parser("audit", help="check and show the log of who did what")
    audit.set_defaults(run=_audit)
    checks = audit.add_subparsers(title="actions", dest="action", required=True)
    verify = checks.add_parser("verify", help="read the whole chain again; fails where anything was changed")
    verify.add_argument("--head", help="a hash noted down earlier; its row must still be there")
    show = checks.add_parser("show", help="show the newest events")
    show.add_argument("--most", type=int, default=50)


@contextmanager
def _bar() -> Iterator[Progress]:
    from tqdm import tqdm  # noqa: PLC0415  only long commands draw one

    with tqdm(total=100, bar_format="{desc:<28} {percentage:3.0f} %|{bar}| {elapsed}") as bar:

        def show(share: float, what: str) -> None:
            bar.set_description_str(what, refresh=False)
            bar.update(max(0.0, 100 * share - bar.n))

        yield show


def _demo(chosen: argparse.Namespace, settings: Settings) -> int:
    from tools.analytics.alerts import evaluate_history  # noqa: PLC0415
    from tools.database import open_database  # noqa: PLC0415
    from tools.telemetry.demo import make_demo  # noqa: PLC0415

    database = open_database(settings.database_address, create=True)
    with _bar() as show:
        made = make_demo(
            database,
            now=SystemClock().now(),
            days=chosen.days,
            records=chosen.records,
            seed=chosen.seed,
            progress=show,
        )
    evaluate_history(database)
    print(
        f"{made.sites} sites, {made.devices} devices, {made.readings} readings and {made.cell_readings} cell readings "
        f"from {made.start:%Y-%m-%d %H:%M} to {made.end:%Y-%m-%d %H:%M} UTC."
    )
    return 0


def _import(chosen: argparse.Namespace, settings: Settings) -> int:
    from tools.analytics.alerts import evaluate_history  # noqa: PLC0415
    from tools.database import open_database  # noqa: PLC0415
    from tools.telemetry.importing import ImportOrder, import_file, parse_mapping  # noqa: PLC0415

    order = ImportOrder(
        path=chosen.file,
        device=chosen.device,
        site=chosen.site,
        cells=chosen.cells,
        capacity_ah=chosen.capacity,
        mapping=parse_mapping(chosen.map),
        time_zone=chosen.timezone,
        replace=chosen.replace,
        dry_run=chosen.dry_run,
    )
    database = open_database(settings.database_address, create=True)
    with _bar() as show:
        summary = import_file(database, order, now=SystemClock().now(), progress=show)
        if summary.stored and not order.dry_run:
            evaluate_history(database, summary.device_id)
    print(summary.closing_line())
    return 0


def _ask(chosen: argparse.Namespace, settings: Settings) -> int:
    from assistant.observability.logging import start_logging  # noqa: PLC0415

    start_logging("ERROR" if settings.log_level == "INFO" else settings.log_level, settings.secrets)
    return asyncio.run(_ask_once(chosen, settings))


async def _ask_once(chosen: argparse.Namespace, settings: Settings) -> int:
    from assistant.wiring import open_assistant  # noqa: PLC0415

    async with open_assistant(settings) as assistant:
        answer = await assistant.conversation.ask(
            chosen.question, LOCAL_PERSON, chosen.conversation, time_zone=chosen.timezone
        )
    print(answer.model_dump_json(indent=2) if chosen.json else answer.answer)
    return 0


def _knowledge(chosen: argparse.Namespace, settings: Settings) -> int:
    from assistant import documents  # noqa: PLC0415

    if chosen.action == "list":
        print(documents.list_documents(settings))
        return 0
    with _bar() as show:
        if chosen.action == "add":
            said = documents.add_documents(settings, chosen.files, show)
        elif chosen.action == "remove":
            said = documents.remove_document(settings, chosen.file, show)
        else:
            said = documents.index_documents(settings, show, anew=chosen.anew)
    print(said)
    return 0


def _users(chosen: argparse.Namespace, settings: Settings) -> int:
    from assistant.administration import open_office, read_password  # noqa: PLC0415

    with open_office(settings) as office:
        if chosen.action == "list":
            said = office.list()
        elif chosen.action == "add":
            said = office.add(chosen.name, chosen.role, chosen.site, read_password())
        elif chosen.action == "role":
            said = office.set_role(chosen.name, chosen.role, chosen.site)
        elif chosen.action == "passwd":
            said = office.set_password(chosen.name, read_password())
        else:
            said = office.disable(chosen.name) if chosen.action == "disable" else office.enable(chosen.name)
    print(said)
    return 0


def _audit(chosen: argparse.Namespace, settings: Settings) -> int:
    from assistant.administration import checked_log, open_office, shown_log  # noqa: PLC0415

    with open_office(settings) as office:
        holds, said = (
            (True, shown_log(office.audit, chosen.most))
            if chosen.action == "show"
            else checked_log(office.audit, chosen.head)
        )
    print(said)
    return 0 if holds else 1


def _mcp(_: argparse.Namespace, settings: Settings) -> int:
    from assistant.observability.logging import start_logging  # noqa: PLC0415

    # Standard output belongs to the protocol; logs go to standard error.
    start_logging(settings.log_level)
    asyncio.run(_serve_mcp(settings))
    return 0


async def _serve_mcp(settings: Settings) -> None:
    from assistant.api.mcp_server import serve_stdio  # noqa: PLC0415
    from assistant.wiring import open_assistant  # noqa: PLC0415

    async with open_assistant(settings) as assistant:
        await serve_stdio(assistant, LOCAL_PERSON)


def _prepare(_: argparse.Namespace, settings: Settings) -> int:
    from assistant.brains.embedded.router import load_router  # noqa: PLC0415
    from assistant.documents import index_documents  # noqa: PLC0415
    from assistant.wiring import shared_embedder  # noqa: PLC0415

    load_router(shared_embedder(), settings.cache_dir)
    with _bar() as show:
        index_documents(settings, show, anew=False)
    return 0


def _serve(chosen: argparse.Namespace, settings: Settings) -> int:
    from assistant.api.server import serve  # noqa: PLC0415

    # A container stops its process with SIGTERM; that is a wish to end, like Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    serve(settings, chosen.host or settings.host, chosen.port or settings.port)
    return 0


if __name__ == "__main__":
    sys.exit(main())
