"""People looked up by what they hold: an address, a link, a session."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from course import clock
from course.people.accounts import current_on, hash_token
from course.people.models import Appointment, Centre, OneTimeLink, Person, SignIn


def canonical_email(text: str) -> str:
    """The one form in which an address is stored and compared."""
    return unicodedata.normalize("NFC", text).strip().lower()


def by_email(session: Session, email: str) -> Person | None:
    """The person with an address."""
    return session.scalar(select(Person).where(Person.email == canonical_email(email)))


def live_link(session: Session, token: str, *purposes: str) -> OneTimeLink | None:
    """A one-time link that is unused and in time."""
    link = session.get(OneTimeLink, hash_token(token))
    if link is None or link.purpose not in purposes or link.used_at is not None or link.expires_at < clock.now():
        return None
    return link


def devices(session: Session, person_id: UUID) -> list[SignIn]:
    """Where a person is signed in, the latest first."""
    return list(
        session.scalars(
            select(SignIn)
            .where(SignIn.person_id == person_id, SignIn.ended_at.is_(None))
            .order_by(SignIn.last_seen_at.desc())
            .limit(50)
        )
    )


def names(session: Session, person_ids: Iterable[UUID]) -> dict[UUID, Person]:
    """The people behind pseudonyms; those disposed of are missing."""
    wanted = set(person_ids)
    found = session.scalars(select(Person).where(Person.id.in_(wanted))) if wanted else ()
    return {person.id: person for person in found}


def first_name(people: dict[UUID, Person], person_id: UUID) -> str:
    """What a learner calls somebody."""
    return people[person_id].known_as if person_id in people else "Somebody"


def centre_named(session: Session, name: str) -> Centre | None:
    """A centre by its name."""
    return session.scalar(select(Centre).where(Centre.name == name))


def appointed(session: Session, *, centre_id: UUID, roles: Iterable[str]) -> list[tuple[Appointment, Person]]:
    """Everybody now appointed to one of these roles at a centre."""
    rows = session.execute(
        select(Appointment, Person)
        .join(Person, Person.id == Appointment.person_id)
        .where(
            Appointment.centre_id == centre_id,
            Appointment.role.in_(list(roles)),
            current_on(clock.now().date()),
            Person.disabled_at.is_(None),
        )
        .order_by(Person.name)
    )
    return [(appointment, person) for appointment, person in rows]
