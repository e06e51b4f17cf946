"""Serves the application, or the floor, with the product's own server loop: `python -m bench.server app|hello PORT`."""

from __future__ import annotations

import importlib
import sys

from course import serving
from course.settings import Settings


def main(what: str, port: int) -> None:
    """Answer until told to stop."""
    app = importlib.import_module("wsgi" if what == "app" else "bench.hello").app
    listeners = serving.listen("127.0.0.1", port)
    serving.answer_requests(app, listeners, Settings.from_environment(), serving.stop_when_told())


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
