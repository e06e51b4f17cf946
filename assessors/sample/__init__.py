"""The sample centre and people, made on first run and only where nobody but this machine can reach them.

Everything goes through the same operations as real work, so the sample's audit trail is as whole as any.
"""

from __future__ import annotations

import secrets

from flask import current_app
from sqlalchemy import func, select

from assessors.sample import past, selecting
from assessors.sample.centre import LEARNERS, STAFF, STRANGERS, UNIT_4, UNIT_6_SLUG, Sample
from course import clock, db
from course.people import passwords
from course.people.models import Person
from course.settings import Settings

__all__ = ["UNIT_4", "UNIT_6_SLUG", "Sample", "ensure_sample"]


def ensure_sample(settings: Settings) -> list[str]:
    """Make the sample people on first run. Returns who can sign in, and with what."""
    password_file = settings.data_dir / "demo-password"
    with db.database().reader() as reading:
        is_new = not reading.scalar(select(func.count()).select_from(Person))
    if is_new:
        password = settings.demo_password or secrets.token_urlsafe(9)
        password_file.write_text(password)
        password_file.chmod(0o600)
        with current_app.test_request_context(), db.database().transaction() as session:
            build_with_a_past(Sample(session, passwords.hasher.hash(password)))
    password = password_file.read_text() if password_file.exists() else "(as you set it)"
    people = (*LEARNERS, *past.LEARNERS, selecting.APPLICANT, *STAFF, *STRANGERS)
    addresses = [address for address, *_ in people] + ["stranger-learner@example.org"]
    return ["The sample people can sign in. Their password is: " + password, *(f"  {address}" for address in addresses)]


def build_with_a_past(sample: Sample) -> None:
    """A centre that has seen one cohort through, teaches a second, and chooses a third."""
    with clock.standing_at(past.on(past.BEGAN)):
        sample.open()
    past.build(sample)
    sample.autumn()
    selecting.build(sample)
    sample.next_door()
