"""JSON logs: one event, one line, facts as keys; every line of a turn carries its id, none carries a secret."""

import logging
import sys
from collections.abc import Sequence

import structlog
from structlog.typing import Processor

from assistant.observability.redacting import redacting


def start_logging(level: str, secrets: Sequence[str] = ()) -> None:
    """Write logs of our own and of libraries as JSON to standard error, without these secrets in them."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                redacting(secrets),
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    # One line a request of every library would bury ours.
    for name in ("httpx", "httpx2", "httpcore", "httpcore2", "uvicorn.access", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)
