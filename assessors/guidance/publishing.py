"""From rubric, policy and sample files to published versions."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from sqlalchemy.orm import Session

from assessors.guidance import operations
from assessors.guidance.checks import check_policy
from assessors.guidance.compile import compile_assessors, read_assessors
from assessors.guidance.policy_source import compile_policy, read_policy
from assessors.guidance.source import read_guidance
from course.audit import Actor
from course.catalogue import source
from course.catalogue.problems import Problem
from course.catalogue.publishing import CannotPublish
from course.enrolment.models import PolicyVersion
from course.enrolment.publishing import publish_for_centre, publish_policy
from course.settings import Settings


def find_problems(modules: Path, assessors: Path) -> list[Problem]:
    """All problems of guidance, policies and sample answers, held against their modules, and what is still missing."""
    qualifications, _own = source.read_modules(modules)
    sources, problems = read_assessors(assessors, qualifications)
    lacking = {problem for found in sources for problem in found.lacking}
    return sorted({*problems, *lacking}, key=lambda problem: (str(problem.path), problem.line))


def publish_assessors(session: Session, settings: Settings, *, by: Actor) -> list[str]:
    """Publish the words for every qualification's assessors. Raises CannotPublish, and publishes nothing then."""
    qualifications, _own = source.read_modules(settings.modules_dir)
    sources, problems = read_assessors(settings.assessors_dir, qualifications)
    if problems:
        raise CannotPublish(list(problems))
    lines = []
    for found in sources:
        compiled = compile_assessors(found)
        new = [guidance.unit for guidance in compiled.guidance if operations.publish(session, guidance, by=by)]
        lines += [f"Guidance on {unit}: a new version was published." for unit in new]
        samples = [one.unit for one in compiled.samples if operations.publish_samples(session, one, by=by)]
        lines += [f"Sample answers for {unit}: a new version was published." for unit in samples]
        if publish_policy(session, compiled.policy, by=by):
            lines.append(f"Policy of {compiled.policy.qualification}: a new version was published.")
    return lines


def publish_centre_policy(
    session: Session, settings: Settings, file: Path, centre_id: UUID, *, by: Actor
) -> PolicyVersion:
    """Publish a centre's own policy for the qualification after which its file is named. Raises CannotPublish.

    It is held against the same modules and guidance as the qualification's own, and waits to be put in force.
    """
    qualifications, _own = source.read_modules(settings.modules_dir)
    problems: list[Problem] = []
    found = next((one for one in qualifications if one.slug == file.stem), None)
    policy = read_policy(file, problems)
    if found is None:
        problems.append(Problem(policy.path, 1, f"Rename this: no qualification is “{file.stem}”."))
    else:
        guidance = read_guidance(settings.assessors_dir / "rubrics" / found.slug, [])
        problems += check_policy(found, policy, guidance)
    if problems or policy.yaml is None:
        raise CannotPublish(sorted(set(problems), key=lambda problem: (str(problem.path), problem.line)))
    return publish_for_centre(session, compile_policy(file.stem, policy.yaml), centre_id, by)
