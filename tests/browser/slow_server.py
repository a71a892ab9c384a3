"""Serves the pages with a brain that takes its time: `python -m tests.browser.slow_server FOLDER PORT`."""

import sys
import threading
from pathlib import Path

import uvicorn

from assistant.api.startup import mount_pages
from tests.support.servers import scripted_app

SECONDS_TO_ANSWER = 20


def main() -> None:
    """Serve until stopped."""
    never = threading.Event()
    app = scripted_app(Path(sys.argv[1]), before=lambda _: never.wait(SECONDS_TO_ANSWER), mount=mount_pages)
    uvicorn.run(app, port=int(sys.argv[2]), log_config=None, timeout_graceful_shutdown=1)


if __name__ == "__main__":
    main()
