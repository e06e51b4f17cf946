"""Lists that are shown newest first, page by page, each page beginning after the last row of the one before.

A page found by its row, and not by its number, costs the same wherever it is, and nothing is shown twice or left out
when a row is added meanwhile. No list ends silently: what does not fit has a next page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.orm import aliased

T = TypeVar("T")


@dataclass(frozen=True)
class Paged(Generic[T]):
    """One page, and the row that the next page begins after; None when this is the last page."""

    lines: Sequence[T]
    after: UUID | None = None


def begins_after(sent: Mapping[str, str], name: str = "after") -> UUID | None:
    """The row that an address names; None for a first page, or when it makes no sense."""
    try:
        return UUID(sent.get(name, ""))
    except ValueError:
        return None


def newest_first(query: Any, kind: Any, after: UUID | None, size: int) -> Any:
    """One page of a query over rows with an `at`, and one row more when there is another page."""
    if after is not None:
        last = aliased(kind)
        begins = select(last.at).where(last.id == after).scalar_subquery()
        query = query.where(tuple_(kind.at, kind.id) < tuple_(begins, after))
    return query.order_by(kind.at.desc(), kind.id.desc()).limit(size + 1)


def cut(rows: Sequence[T], size: int, id_of: Any) -> Paged[T]:
    """The page without the row too many, which only says that there is another page."""
    shown = rows[:size]
    return Paged(shown, id_of(shown[-1]) if len(rows) > size else None)
