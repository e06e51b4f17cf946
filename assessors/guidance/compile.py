"""Reads and checks rubrics and policies of all qualifications together, and compiles what is published."""

from dataclasses import dataclass
from pathlib import Path

from assessors.guidance.checks import check_guidance, check_policy
from assessors.guidance.compiled import CompiledGuidance, CompiledSamples, Item, QuestionGuidance
from assessors.guidance.policy_source import PolicySource, compile_policy, read_policy
from assessors.guidance.samples import SamplesSource, check_samples, compile_samples, read_samples, too_few
from assessors.guidance.source import GuidanceSource, QuestionGuidanceSource, read_guidance
from course.catalogue.problems import Problem, shown
from course.catalogue.source import QualificationSource, UnitSource, list_entries
from course.enrolment.policy import CompiledPolicy


@dataclass(frozen=True)
class AssessorSource:
    """Rubrics and policy of one qualification, as read."""

    qualification: QualificationSource
    guidance: tuple[GuidanceSource, ...]
    policy: PolicySource
    samples: tuple[SamplesSource, ...] = ()
    lacking: tuple[Problem, ...] = ()
    """What is still to be written, and keeps nothing else from being published."""


@dataclass(frozen=True)
class CompiledForAssessors:
    """What is published for one qualification's assessors: guidance and samples by unit, and the policy."""

    guidance: tuple[CompiledGuidance, ...]
    policy: CompiledPolicy
    samples: tuple[CompiledSamples, ...] = ()


def read_assessors(
    directory: Path, qualifications: list[QualificationSource]
) -> tuple[list[AssessorSource], list[Problem]]:
    """Read and check all that lies below a directory; every problem is reported, none stops the reading."""
    problems: list[Problem] = []
    sources = []
    for qualification in qualifications:
        folder = directory / "rubrics" / qualification.slug
        guidance = read_guidance(folder, problems)
        policy = read_policy(directory / "policies" / f"{qualification.slug}.yaml", problems)
        problems += check_guidance(qualification, guidance, policy, shown(folder))
        problems += check_policy(qualification, policy, guidance)
        samples = read_samples(directory / "samples" / qualification.slug, problems)
        problems += check_samples(qualification, samples)
        lacking = too_few(qualification, samples, shown(directory / "samples" / qualification.slug))
        sources.append(AssessorSource(qualification, tuple(guidance), policy, tuple(samples), tuple(lacking)))
    known = {qualification.slug for qualification in qualifications}
    for name in ("rubrics", "policies", "samples"):
        if not (directory / name).is_dir():
            continue
        for entry in list_entries(directory / name, problems):
            if entry.stem not in known and (entry.is_dir() or entry.suffix == ".yaml"):
                problems.append(Problem(shown(entry), 1, f"Rename or remove this: no qualification is “{entry.stem}”."))
    return sources, sorted(set(problems))


def compile_assessors(source: AssessorSource) -> CompiledForAssessors:
    """Compile guidance and policy that were read and checked without a problem. Raises ValueError otherwise."""
    if source.policy.yaml is None:
        raise ValueError(f"{source.policy.path} was not read without problems.")
    units = {unit.slug: unit for unit in source.qualification.units}
    guidance = tuple(
        compile_guidance(source.qualification.slug, units[one.unit], one) for one in source.guidance if one.questions
    )
    samples = tuple(compile_samples(source.qualification.slug, one) for one in source.samples if one.questions)
    return CompiledForAssessors(guidance, compile_policy(source.qualification.slug, source.policy.yaml), samples)


def compile_guidance(qualification: str, unit: UnitSource, source: GuidanceSource) -> CompiledGuidance:
    """The typed guidance on one unit's questions."""
    criteria = {question.key: question.yaml.criteria for question in unit.questions if question.yaml}
    questions = {key: _question(guidance, criteria[key]) for key, guidance in source.questions.items()}
    return CompiledGuidance(qualification=qualification, unit=unit.slug, questions=questions)


def _question(source: QuestionGuidanceSource, criteria: tuple[str, ...]) -> QuestionGuidance:
    only = criteria[0] if len(criteria) == 1 else None
    counted: dict[str, int] = {}
    items = []
    for item in source.items:
        counted[item.level] = counted.get(item.level, 0) + 1
        items.append(
            Item(
                id=f"{item.level}-{counted[item.level]}",
                level=item.level,
                criterion=item.criterion or only,
                text=item.text,
                points=item.points,
            )
        )
    return QuestionGuidance(items=tuple(items), safeguarding=source.safeguarding, model_answer=source.model_answer)
