"""How quick it is: first byte and first answer of a fresh process, and questions served one by one and together."""

import asyncio
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import psutil

from assistant.settings import Settings
from assistant.wiring import open_assistant
from evals.bare_agent import bare_turns_ms
from evals.runner import EVALUATOR
from evals.suites.questions import Metrics
from tools.database import open_database, sqlite_url
from tools.telemetry.demo import make_demo

ROOT = Path(__file__).parents[2]
FIRST_ANSWER_S, FIRST_BYTE_S = 8.0, 1.5
RATIO_TO_BARE = 1.5
QUESTIONS = (
    "string voltage of D0{n}",
    "average temperature of D0{n} yesterday",
    "how healthy is D0{n}",
    "lowest state of charge of D0{n} in the last 7 days",
    "is D0{n} online",
    "which cell of D0{n} is weakest",
)
CALLERS = 8
# Asked of our agent and of a bare one, which has only the tool these need.
SAME_TOOL = tuple(f"string voltage of D0{number}" for number in range(1, 9))
ROUNDS = 4


def measure() -> Metrics:
    """All timings on a demo of its own in a temporary folder; medians, for machines are noisy."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        database = open_database(sqlite_url(folder / "battery_monitoring.db"), create=True)
        make_demo(database, now=datetime.now(UTC))
        database.close()
        asked = asyncio.run(_stages(folder))
        return {
            "cases": len(QUESTIONS) * CALLERS,
            "ask_first_answer_s": round(_first_ask(folder), 2),
            **_served(folder),
            **asked,
        }


def holds(metrics: Metrics) -> bool:
    """First answers within 8 s, the first byte within 1.5 s, a turn at most half longer than a bare agent's."""
    return bool(
        metrics["first_answer_s"] <= FIRST_ANSWER_S
        and metrics["ask_first_answer_s"] <= FIRST_ANSWER_S
        and metrics["first_byte_s"] <= FIRST_BYTE_S
        and metrics["ratio_to_bare"] <= RATIO_TO_BARE
    )


def _first_ask(folder: Path) -> float:
    """Seconds of `app.py ask` in a process of its own."""
    began = time.perf_counter()
    command = [sys.executable, "app.py", "ask", "what is the string voltage of D03"]
    subprocess.run(command, cwd=ROOT, env=_environment(folder), check=True, capture_output=True)
    return time.perf_counter() - began


def _served(folder: Path) -> Metrics:
    """A server process: first byte, first answer, one caller, then eight."""
    began = time.perf_counter()
    with _server(folder) as (address, process):
        first_byte = _wait(f"{address}/health", began, bool)
        _ask(address, "what is the string voltage of D03")
        first_answer = time.perf_counter() - began
        _wait(f"{address}/health", began, lambda body: json.loads(body)["status"] == "ready")
        one = [_ask(address, question) for question in _distinct()]
        together = time.perf_counter()
        with ThreadPoolExecutor(CALLERS) as callers:
            list(callers.map(lambda question: _ask(address, question), _distinct()))
        together = time.perf_counter() - together
        return {
            "first_byte_s": round(first_byte, 2),
            "first_answer_s": round(first_answer, 2),
            "served_p50_ms": round(median(one), 1),
            "served_p95_ms": round(float(np.percentile(one, 95)), 1),
            "chats_per_s": round(len(_distinct()) / together, 1),
            "rss_mb": round(psutil.Process(process.pid).memory_info().rss / 1e6),
        }


def _distinct() -> Sequence[str]:
    return [question.format(n=number) for question in QUESTIONS for number in range(1, CALLERS + 1)]


async def _stages(folder: Path) -> Metrics:
    """Where the time of a turn goes, in process; the median of each stage."""
    totals, tools, evidence = [], [], []
    same = [question for question in SAME_TOOL for _ in range(ROUNDS)]
    async with open_assistant(Settings(data_dir=folder)) as assistant:
        for question in _distinct():
            answer = await assistant.conversation.ask(question, EVALUATOR)
            turn = assistant.ledger.turn(answer.turn_id)
            stages: Any = turn.details["stages_ms"] if turn else {}
            totals.append(answer.latency_ms)
            tools.append(sum(step.duration_ms for step in answer.tool_calls))
            evidence.append(float(stages.get("evidence", 0.0)))
        ours = [(await assistant.conversation.ask(question, EVALUATOR)).latency_ms for question in same]
    bare = await bare_turns_ms(folder, same)
    return {
        "bare_agent_ms": round(median(bare), 1),
        "ratio_to_bare": round(median(ours) / median(bare), 2),
        "turn_ms": round(median(totals), 1),
        "tools_ms": round(median(tools), 1),
        "evidence_ms": round(median(evidence), 1),
    }


@contextmanager
def _server(folder: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "app.py", "serve", "--port", str(port)],
        cwd=ROOT,
        env=_environment(folder),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield f"http://127.0.0.1:{port}", process
    finally:
        process.terminate()
        process.wait(timeout=20)


def _environment(folder: Path) -> dict[str, str]:
    return {**os.environ, "DATA_DIR": str(folder), "LOG_LEVEL": "ERROR"}


def _wait(url: str, began: float, is_enough: Any) -> float:
    while time.perf_counter() - began < 90:
        try:
            with urllib.request.urlopen(url, timeout=5) as reply:  # noqa: S310  an address of our own
                if is_enough(reply.read()):
                    return time.perf_counter() - began
        except (urllib.error.URLError, ConnectionError):
            pass
        time.sleep(0.02)
    raise TimeoutError(f"{url} did not answer in time")


def _ask(address: str, question: str) -> float:
    """Milliseconds of one question over HTTP."""
    request = urllib.request.Request(  # noqa: S310
        f"{address}/api/chat",
        json.dumps({"message": question}).encode(),
        {"Content-Type": "application/json"},
    )
    began = time.perf_counter()
    with urllib.request.urlopen(request, timeout=60) as reply:  # noqa: S310
        reply.read()
    return 1000 * (time.perf_counter() - began)
