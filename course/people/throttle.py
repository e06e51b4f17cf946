"""Limits on tries, counted in the database so that they hold across workers and hosts."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from collections.abc import Iterable
from datetime import timedelta

from flask import current_app, request
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from course import clock, db
from course.people.models import Hit


def allow(kind: str, key: str, *, limit: int, window: timedelta) -> bool:
    """Count one try and say whether it is within the limit. Commits in a transaction of its own, whatever follows."""
    return allow_all([(kind, key, limit)], window=window)


def allow_all(counted: Iterable[tuple[str, str, int]], *, window: timedelta) -> bool:
    """The same for several limits (kind, key, most tries) in their order: the first that refuses ends it."""
    with db.database().transaction() as session:
        return all(_is_within(session, _hashed(kind, key), limit, window) for kind, key, limit in counted)


def _is_within(session: Session, hashed: str, limit: int, window: timedelta) -> bool:
    session.execute(delete(Hit).where(Hit.key == hashed, Hit.at < clock.now() - window))
    tries = session.scalar(select(func.count()).where(Hit.key == hashed)) or 0
    if tries < limit:
        session.add(Hit(key=hashed, at=clock.now()))
    return tries < limit


def is_over(kind: str, key: str, *, limit: int, window: timedelta) -> bool:
    """Whether the limit is reached already. Counts nothing, so that reading a page stays reading."""
    since = clock.now() - window
    with db.database().reader() as session:
        tries = select(func.count()).where(Hit.key == _hashed(kind, key), Hit.at >= since)
        return (session.scalar(tries) or 0) >= limit


def count(session: Session, kind: str, key: str) -> None:
    """Count one try in a transaction that is open already, and forget those of a day ago."""
    hashed = _hashed(kind, key)
    session.execute(delete(Hit).where(Hit.key == hashed, Hit.at < clock.now() - timedelta(days=1)))
    session.add(Hit(key=hashed, at=clock.now()))


def forgive(*counted: tuple[str, str]) -> None:
    """Forget earlier tries (kind, key), after one that succeeded."""
    with db.database().transaction() as session:
        session.execute(delete(Hit).where(Hit.key.in_([_hashed(kind, key) for kind, key in counted])))


def network() -> str:
    """The visitor's network: the address, or the block of addresses that one line has under IPv6."""
    try:
        address = ipaddress.ip_address(request.remote_addr or "")
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        return str(address.ipv4_mapped or ipaddress.ip_network((address, 64), strict=False))
    return str(address)


def _hashed(kind: str, key: str) -> str:
    return hmac.new(current_app.config["SECRET_KEY"].encode(), f"{kind}|{key}".encode(), hashlib.sha256).hexdigest()
