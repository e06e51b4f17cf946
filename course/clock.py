"""The one source of the present moment, so that tests can set it and nobody writes a naive time."""

from datetime import UTC, datetime


def now() -> datetime:
    """Return the present moment as aware UTC."""
    return datetime.now(UTC)
