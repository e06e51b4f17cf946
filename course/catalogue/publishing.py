"""From a folder of words to published versions: read, check against itself and against the past, compile, store."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from course.audit import Actor
from course.catalogue import checks, operations, queries, source
from course.catalogue.compile import compile_qualification
from course.catalogue.compiled import CompiledUnit
from course.catalogue.models import UnitVersion
from course.catalogue.problems import Problem
from course.settings import Settings


class CannotPublish(Exception):
    """The content has problems; nothing was published."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


def find_problems(directory: Path, session: Session | None = None) -> list[Problem]:
    """All problems of all qualifications in a folder, and, with a session, those against published versions."""
    sources, problems = source.read_modules(directory)
    problems = list(problems)
    for found in sources:
        problems += checks.check(found)
        if session is not None:
            problems += checks.check_against(published_units(session, found.slug), found)
    return sorted(set(problems), key=lambda problem: (str(problem.path), problem.line))


def published_units(session: Session, qualification: str) -> list[CompiledUnit]:
    """Every published version of a qualification's units, oldest first."""
    rows = session.scalars(
        select(UnitVersion).where(UnitVersion.qualification == qualification).order_by(UnitVersion.number)
    )
    return [queries.unit_of(row) for row in rows]


def publish_modules(session: Session, settings: Settings, *, by: Actor) -> list[str]:
    """Publish every qualification in the modules folder. Raises CannotPublish, and publishes nothing then."""
    directory = settings.modules_dir
    problems = find_problems(directory, session)
    if problems:
        raise CannotPublish(problems)
    lines = []
    for found in source.read_modules(directory)[0]:
        lines += operations.publish(session, compile_qualification(found), by=by)
    induction = directory / "induction.md"
    if induction.is_file() and operations.publish_induction(session, induction, by=by):
        lines.append("The induction: a new version was published.")
    return lines
