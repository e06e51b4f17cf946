"""In which time zone a page speaks, and what day it is there: the one place that knows."""

from __future__ import annotations

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from flask import g, has_request_context
from flask_login import current_user
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from course import clock, working_days
from course.working_days import LONDON


def zone() -> ZoneInfo:
    """Where the reader's centre is: that of the role they act in, else where they learn. London for visitors."""
    found: ZoneInfo | None = g.get("zone") if has_request_context() else ZoneInfo(LONDON)
    if found is None:
        found = g.zone = ZoneInfo(_name_of(account()))
    return found


def today() -> date:
    """The calendar day at the reader's centre."""
    return working_days.day_of(clock.now(), zone().key)


def _name_of(reader: Any) -> str:
    if reader is None:
        return LONDON
    acting = None if g.get("as_learner") else g.get("acting") or reader.chosen
    return str(acting.time_zone if acting else reader.learner_zone)


def account() -> Any:
    """The signed-in account. A page that says the database is away must not ask the database who reads it."""
    try:
        found = current_user._get_current_object()
    except (DBAPIError, PoolTimeout, OSError):
        return None
    return found if found is not None and found.is_authenticated else None
