"""Checks guidance and policy against the qualification they belong to: what is missing, and what names nothing."""

from collections.abc import Iterator

from assessors.guidance.policy_source import PolicySource, ThresholdYaml
from assessors.guidance.source import GuidanceSource, ItemSource, QuestionGuidanceSource
from course.catalogue.compiled import WRITTEN_KINDS
from course.catalogue.format import FURTHER, ModuleYaml
from course.catalogue.problems import Problem
from course.catalogue.source import QualificationSource, QuestionSource, UnitSource


def check_guidance(
    qualification: QualificationSource, sources: list[GuidanceSource], policy: PolicySource, folder: str
) -> list[Problem]:
    """All problems of one qualification's guidance; `folder` is where its rubrics lie, as people read it."""
    by_unit = {source.unit: source for source in sources}
    units = {unit.slug: unit for unit in qualification.units}
    problems = [
        Problem(source.path, 1, f"Rename or remove this: there is no unit “{source.unit}”.")
        for source in sources
        if source.unit not in units
    ]
    for slug, unit in units.items():
        source = by_unit.get(slug) or GuidanceSource(slug, f"{folder}/{slug}.md", {})
        problems += _check_unit(unit, source, uses_points(policy, qualification.code(slug)))
    return sorted(problems)


def uses_points(policy: PolicySource, code: str) -> bool:
    """Whether the threshold of the unit called "U4" counts points, or a centre may let it."""
    if policy.yaml is None:
        return False
    threshold = policy.yaml.threshold.get(code)
    return "threshold" in policy.yaml.centre_may_change or (threshold is not None and threshold.points is not None)


def _check_unit(unit: UnitSource, source: GuidanceSource, with_points: bool) -> Iterator[Problem]:
    questions = {question.key: question for question in unit.questions}
    for key, guidance in source.questions.items():
        if key not in questions:
            advice = f"Correct or remove “{key}”: the unit has no question with this key."
            yield Problem(source.path, guidance.line, advice)
        else:
            yield from _check_question(questions[key], guidance, source.path, with_points)
    for question in unit.questions:
        if question.key not in source.questions and question.yaml and question.yaml.kind in WRITTEN_KINDS:
            advice = f"Write guidance for “{question.key}” in {source.path}: there is none."
            yield Problem(question.path, question.line, advice)


def _check_question(
    question: QuestionSource, guidance: QuestionGuidanceSource, path: str, with_points: bool
) -> Iterator[Problem]:
    if question.yaml is None:
        return
    criteria = question.yaml.criteria
    for item in guidance.items:
        yield from _check_item(item, criteria, path, with_points)
    if question.yaml.kind not in WRITTEN_KINDS:
        return
    for criterion in criteria:
        musts = [item for item in guidance.items if item.level == "must"]
        if FURTHER.fullmatch(criterion):
            continue
        if not any(item.criterion == criterion or (item.criterion is None and len(criteria) == 1) for item in musts):
            advice = f"Write at least one Must for criterion {criterion} of “{guidance.key}”."
            yield Problem(path, guidance.line, advice)


def _check_item(item: ItemSource, criteria: tuple[str, ...], path: str, with_points: bool) -> Iterator[Problem]:
    if item.criterion is not None and item.criterion not in criteria:
        named = ", ".join(criteria)
        advice = f"Correct the criterion {item.criterion}: the question names {named}."
        yield Problem(path, item.line, advice)
    if item.criterion is None and len(criteria) > 1 and item.level in ("must", "should", "could"):
        yield Problem(path, item.line, f"Begin this item with its criterion, such as “{criteria[0]}: ”.")
    if item.points is None:
        return
    if not with_points:
        advice = f"Remove “{{{item.points}}}”: points count only where the policy's threshold uses them."
        yield Problem(path, item.line, advice)
    elif item.level not in ("should", "could"):
        yield Problem(path, item.line, f"Remove “{{{item.points}}}”: only Should and Could carry points.")


def check_policy(
    qualification: QualificationSource, policy: PolicySource, sources: list[GuidanceSource]
) -> list[Problem]:
    """All problems of a policy's thresholds against the units, their criteria and the points of their guidance."""
    if policy.yaml is None or policy.located is None or qualification.yaml is None:
        return []
    problems: list[Problem] = []
    units = {qualification.code(unit.slug): unit for unit in qualification.units}
    points = {source.unit: _points(_unit_of(qualification, source.unit), source) for source in sources}
    for code, threshold in policy.yaml.threshold.items():
        line = policy.located.line("threshold", code)
        if code not in units:
            problems.append(Problem(policy.path, line, f"Correct “{code}”: the qualification has no such unit."))
            continue
        unit = units[code]
        if threshold.points is not None:
            most = points.get(unit.slug, 0)
            if threshold.points > most:
                advice = f"Ask for fewer points, or give more: the guidance of {code} holds {most} in all."
                problems.append(Problem(policy.path, policy.located.line("threshold", code, "points"), advice))
        elif qualification.yaml.credit is not None:
            advice = "Use points or “off”: n-of-m is allowed only where the qualification gives no credit."
            problems.append(Problem(policy.path, policy.located.line("threshold", code, "n-of-m"), advice))
        elif unit.yaml is not None:
            problems += _check_count(policy, code, threshold, unit.yaml)
    return sorted(problems)


def _unit_of(qualification: QualificationSource, slug: str) -> UnitSource | None:
    """The unit with this slug, or None."""
    return next((unit for unit in qualification.units if unit.slug == slug), None)


def _points(unit: UnitSource | None, source: GuidanceSource) -> int:
    """The most points an answer to every question can gain; of questions that serve in place of one another, one."""
    most: dict[str, int] = {}
    instead = {question.key: question.yaml.instead_of for question in unit.questions if question.yaml} if unit else {}
    for key, guidance in source.questions.items():
        gained = sum(item.points or 0 for item in guidance.items if item.level in ("should", "could"))
        root = instead.get(key) or key
        most[root] = max(most.get(root, 0), gained)
    return sum(most.values())


def _check_count(policy: PolicySource, code: str, threshold: ThresholdYaml, module: ModuleYaml) -> Iterator[Problem]:
    assert policy.located is not None
    assert threshold.n_of_m is not None
    criteria = {criterion.criterion: criterion for outcome in module.outcomes for criterion in outcome.criteria}
    line = policy.located.line
    if threshold.n_of_m > len(criteria):
        advice = f"Ask for fewer criteria: {code} has {len(criteria)}."
        yield Problem(policy.path, line("threshold", code, "n-of-m"), advice)
    for at, number in enumerate(threshold.must_meet):
        if number not in criteria:
            advice = f"Correct the criterion {number}: {code} has none."
            yield Problem(policy.path, line("threshold", code, "must-meet", at), advice)
    if len(set(threshold.must_meet)) > threshold.n_of_m:
        advice = "Ask for at least as many criteria as must be met."
        yield Problem(policy.path, line("threshold", code, "n-of-m"), advice)
    for criterion in criteria.values():
        if criterion.safety_critical and criterion.criterion not in threshold.must_meet:
            advice = f"Add {criterion.criterion} to “must-meet”: nothing makes up for a safety-critical criterion."
            yield Problem(policy.path, line("threshold", code, "must-meet"), advice)
