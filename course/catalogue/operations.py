"""Publishing: a qualification's source becomes immutable, hashed versions; twice without a change does nothing."""

from __future__ import annotations

import hashlib
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from course import audit, clock
from course.audit import Actor, Event
from course.catalogue import compiled as forms
from course.catalogue import queries
from course.catalogue.compile import Compiled, safe_html
from course.catalogue.models import InductionVersion, Media, QualificationVersion, UnitVersion


def publish(session: Session, compiled: Compiled, *, by: Actor) -> list[str]:
    """Store what changed since the last publication. Returns a line for each new version."""
    for name, (content_type, content) in compiled.media.items():
        if session.get(Media, name) is None:
            session.add(Media(name=name, content_type=content_type, content=content))
    new = [unit for unit in compiled.units if _publish_unit(session, unit, by=by)]
    lines = [f"{unit.code} {unit.title}: a new version was published." for unit in new]
    if _publish_qualification(session, compiled.qualification, by=by):
        lines.append(f"{compiled.qualification.title}: a new version was published.")
    return lines


def _publish_unit(session: Session, unit: forms.CompiledUnit, *, by: Actor) -> bool:
    latest = queries.latest_unit(session, unit.qualification, unit.slug)
    text = forms.dumps(unit)
    if latest is not None and latest.hash == forms.sha256(unit):
        return False
    row = UnitVersion(
        qualification=unit.qualification, unit=unit.slug, number=latest.number + 1 if latest else 1,
        hash=forms.sha256(unit), title=unit.title, status=unit.status, compiled=text, published_at=clock.now(),
    )  # fmt: skip
    session.add(row)
    audit.record(session, Event.UNIT_PUBLISHED, row, by=by)
    return True


def _publish_qualification(session: Session, qualification: forms.CompiledQualification, *, by: Actor) -> bool:
    latest = queries.latest_qualification(session, qualification.slug)
    if latest is not None and latest.hash == forms.sha256(qualification):
        return False
    row = QualificationVersion(
        qualification=qualification.slug, number=latest.number + 1 if latest else 1,
        hash=forms.sha256(qualification), title=qualification.title, compiled=forms.dumps(qualification),
        published_at=clock.now(),
    )  # fmt: skip
    session.add(row)
    audit.record(session, Event.QUALIFICATION_PUBLISHED, row, by=by)
    return True


def publish_induction(session: Session, path: Path, *, by: Actor) -> bool:
    """Store the induction when its words changed."""
    source = path.read_text("utf-8")
    digest = hashlib.sha256(source.encode()).hexdigest()
    latest = queries.latest_induction(session)
    if latest is not None and latest.hash == digest:
        return False
    number = (session.scalar(select(func.max(InductionVersion.number))) or 0) + 1
    row = InductionVersion(number=number, hash=digest, html=safe_html(source, str(path)), published_at=clock.now())
    session.add(row)
    audit.record(session, Event.INDUCTION_PUBLISHED, row, by=by)
    return True
