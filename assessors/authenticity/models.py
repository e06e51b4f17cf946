"""Which handed-in answers are still to be compared, and which pairs share wording: numbers only, never words."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from course import triggers
from course.db import Base


class ToCompare(Base):
    """A written answer that was handed in and is not compared yet: a list kept by a trigger."""

    __tablename__ = "to_compare"

    answer_id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime]


class Likeness(Base):
    """Two answers to the same question that share wording (pencil: a machine's count decides nothing)."""

    __tablename__ = "likeness"
    __table_args__ = (CheckConstraint("share BETWEEN 1 AND 100", name="share_in_per_cent"),)

    earlier_id: Mapped[UUID] = mapped_column(primary_key=True)
    later_id: Mapped[UUID] = mapped_column(primary_key=True, index=True)
    share: Mapped[int]
    at: Mapped[datetime]


triggers.PROJECTIONS.append(
    triggers.Trigger(
        "answer_to_compare",
        "answer",
        "INSERT INTO to_compare (answer_id, at) VALUES (NEW.id, NEW.at);",
        when="NEW.kind IN ('short', 'extended')",
    )
)
