"""Limits on tries, counted in the database so that they hold across workers and hosts."""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta

from flask import current_app, request
from sqlalchemy import delete, func, select

from course import clock, db
from course.people.models import Hit


def allow(kind: str, key: str, *, limit: int, window: timedelta) -> bool:
    """Count one try and say whether it is within the limit. Commits in a transaction of its own, whatever follows."""
    hashed = _hashed(kind, key)
    since = clock.now() - window
    with db.database().transaction() as session:
        session.execute(delete(Hit).where(Hit.key == hashed, Hit.at < since))
        tries = session.scalar(select(func.count()).where(Hit.key == hashed)) or 0
        if tries < limit:
            session.add(Hit(key=hashed, at=clock.now()))
    return tries < limit


def forgive(kind: str, key: str) -> None:
    """Forget earlier tries, after one that succeeded."""
    with db.database().transaction() as session:
        session.execute(delete(Hit).where(Hit.key == _hashed(kind, key)))


def network() -> str:
    """The visitor's network, coarsely: a hostel's shared line must not be locked out by one address."""
    return request.remote_addr or "unknown"


def _hashed(kind: str, key: str) -> str:
    return hmac.new(current_app.config["SECRET_KEY"].encode(), f"{kind}|{key}".encode(), hashlib.sha256).hexdigest()
