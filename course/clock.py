"""The one source of the present moment, so that tests can set it and nobody writes a naive time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

_standing: ContextVar[datetime | None] = ContextVar("standing", default=None)


def now() -> datetime:
    """Return the present moment as aware UTC."""
    return _standing.get() or datetime.now(UTC)


@contextmanager
def standing_at(moment: datetime) -> Iterator[None]:
    """Do what is inside at this moment: the sample centre has a past. Nothing that serves a request may use it."""
    if moment.tzinfo is None:
        raise ValueError("A time without a zone is no moment.")
    token = _standing.set(moment)
    try:
        yield
    finally:
        _standing.reset(token)
