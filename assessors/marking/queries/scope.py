"""Whose work an assessor sees: the scope of their appointments, without their own work and their own cohort's."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, and_, case, cast, false, literal, null, or_, select
from werkzeug.exceptions import NotFound

from course.access import HeldAppointment
from course.audit import Actor
from course.enrolment.models import Enrolment


@dataclass(frozen=True)
class Reader:
    """A member of staff and the current appointments under which they read here."""

    person_id: UUID
    appointments: tuple[HeldAppointment, ...]

    def appointment_for(self, work: Any, unit: str | None = None) -> HeldAppointment:
        """The appointment under which they act on this work (an answer or an enrolment). Raises NotFound.

        Of several the narrowest: who trains in one unit and is qualified in the rest acts there as a trainee. Of two
        as narrow the one whose decisions need a countersignature.
        """
        covering = [
            held for held in self.appointments
            if held.covers(
                centre_id=work.centre_id, cohort_id=work.cohort_id, qualification=work.qualification,
                unit=unit or getattr(work, "unit", None),
            )
        ]  # fmt: skip
        if not covering:
            raise NotFound
        return max(covering, key=_how_narrow)

    def actor(self, held: HeldAppointment) -> Actor:
        """Who acts, for operations and the audit trail."""
        return Actor(self.person_id, held.role, held.id)


def _how_narrow(held: HeldAppointment) -> tuple[bool, bool, bool, bool]:
    limits = (held.unit is not None, held.cohort_id is not None, held.qualification is not None)
    return (*limits, held.needs_countersignature)


def in_scope(reader: Reader, table: Any) -> ColumnElement[bool]:
    """The condition on answers, or on rows of the queue's index, that an assessor may see them.

    A cohort in which the assessor studies, or ever studied, is not theirs: nobody marks themselves or a peer.
    """
    own_cohorts = select(Enrolment.cohort_id).where(Enrolment.person_id == reader.person_id)
    return and_(covered(reader.appointments, table), table.cohort_id.not_in(own_cohorts))


def covered(appointments: Iterable[HeldAppointment], table: Any) -> ColumnElement[bool]:
    """The condition that one of the appointments covers a row."""
    return or_(false(), *(_covered_by(held, table) for held in appointments))


def covering(appointments: Iterable[HeldAppointment], table: Any) -> ColumnElement[UUID]:
    """The id of the first appointment that covers a row, as `Reader.appointment_for` finds it; null when none does."""
    whens = [(_covered_by(held, table), literal(held.id, Uuid())) for held in appointments]
    return case(*whens, else_=null()) if whens else cast(null(), Uuid())


def _covered_by(held: HeldAppointment, table: Any) -> ColumnElement[bool]:
    conditions = [table.centre_id == held.centre_id]
    if held.cohort_id is not None:
        conditions.append(table.cohort_id == held.cohort_id)
    if held.qualification is not None:
        conditions.append(table.qualification == held.qualification)
    if held.unit is not None:
        conditions.append(table.unit == held.unit)
    return and_(*conditions)
