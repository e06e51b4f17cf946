"""Structured logs, one JSON object a line: what happened and how it ended, never words, names or addresses."""

from __future__ import annotations

import json
import logging
import sys
import time
from typing import Any
from uuid import uuid4

from flask import Flask, Response, g, request

STANDARD = set(logging.makeLogRecord({}).__dict__) | {"message", "asctime"}


class JsonLines(logging.Formatter):
    """Formats a log record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Give the record's time, level, name, message and extra facts."""
        facts: dict[str, Any] = {
            "at": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "log": record.name,
            "what": record.getMessage(),
        }
        facts |= {key: value for key, value in record.__dict__.items() if key not in STANDARD}
        if record.exc_info and record.exc_info[0] is not None:
            facts["stack"] = _stack(record)
        return json.dumps(facts, default=str, ensure_ascii=True)


def _stack(record: logging.LogRecord) -> list[str]:
    """Files and lines only: an exception's text may quote what a person typed."""
    lines, trace = [], record.exc_info[2] if record.exc_info else None
    while trace is not None:
        code = trace.tb_frame.f_code
        lines.append(f"{code.co_filename}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return lines


def init_app(app: Flask) -> None:
    """Log each request's outcome under an id that its error page can quote."""
    logger = logging.getLogger("alongside")
    if not logger.handlers:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(JsonLines())
        logger.addHandler(handler)
        logger.propagate = False
    logger.setLevel(logging.INFO)
    app.before_request(_begin)
    app.after_request(_end)


def _begin() -> None:
    g.request_id, g.began = uuid4().hex[:12], time.perf_counter()


def _end(response: Response) -> Response:
    if response.status_code >= 500 or request.method != "GET":
        logging.getLogger("alongside.requests").info(
            "request",
            extra={
                "request": g.get("request_id"),
                "method": request.method,
                "endpoint": request.endpoint,
                "status": response.status_code,
                "ms": round((time.perf_counter() - g.get("began", time.perf_counter())) * 1000, 1),
            },
        )
    return response
