"""What a run was made from: short hashes of data, prompt, tools and code."""

import hashlib
import json
from datetime import datetime
from pathlib import Path

from assistant.agent.chat_prompt import prompt_hash
from assistant.brains.embedded.router import router_hash
from evals.catalogs import eval_catalog
from evals.fleets import data_hash
from evals.scenario import FleetSpec
from knowledge.ingest import SHIPPED
from tools.database import Database

ROOT = Path(__file__).parent.parent


def run_hashes(spec: FleetSpec, now: datetime, database: Database) -> dict[str, str | None]:
    """Hashes of everything that decides a figure; `index` is that of the manuals an index is made from."""
    catalog = eval_catalog(database, now)
    tools = json.dumps({name: tool.arguments.model_json_schema() for name, tool in catalog.items()}, sort_keys=True)
    return {
        "data": data_hash(spec, now),
        "prompt": prompt_hash(),
        "index": manuals_hash(),
        "tools": _short(tools.encode()),
        "code": code_hash(),
        "router": router_hash(),
    }


def code_hash() -> str:
    """A hash of every source file of the product."""
    digest = hashlib.sha256()
    for folder in ("assistant", "tools", "knowledge", "evals"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def manuals_hash() -> str:
    """A hash of every shipped document."""
    digest = hashlib.sha256()
    for path in sorted(SHIPPED.glob("*.md")):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def _short(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]
