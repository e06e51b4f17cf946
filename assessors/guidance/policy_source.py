"""Reads assessors/policies/<qualification>.yaml, strictly, and turns it into the policy that is published."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from course.catalogue.format import KEY, OwnCriterion, Strict, Text, Whole, YesNo
from course.catalogue.problems import Problem, shown
from course.catalogue.source import read_mapping
from course.catalogue.strict_yaml import Located
from course.enrolment import policy


def _off_or(nothing: Any) -> BeforeValidator:
    return BeforeValidator(lambda value: nothing if value == "off" else value)


def _whole_or_none(value: Any) -> Any:
    return None if value == "none" else value


class ThresholdYaml(Strict):
    """The threshold of one unit: points, or n of its criteria."""

    points: Annotated[Whole, Field(ge=1)] | None = None
    show_points: YesNo = False
    n_of_m: Annotated[Whole, Field(ge=1)] | None = None
    must_meet: tuple[OwnCriterion, ...] = ()


def _one_sort(threshold: ThresholdYaml) -> ThresholdYaml:
    if (threshold.points is None) == (threshold.n_of_m is None):
        raise ValueError("Give this unit either “points” or “n-of-m”.")
    if threshold.must_meet and threshold.n_of_m is None:
        raise ValueError("Remove “must-meet”: with points every criterion is needed anyway.")
    return threshold


class AttemptsYaml(Strict):
    """How often, by when, and who may allow one more."""

    limit: Annotated[Annotated[Whole, Field(ge=1)] | None, BeforeValidator(_whole_or_none)] = None
    window: Annotated[Annotated[Whole, Field(ge=1)] | None, BeforeValidator(_whole_or_none)] = None
    authorised_by: policy.Assurer = "lead-iqa"
    further: Whole = 1
    conditions: tuple[policy.Condition, ...] = ()


class SelectionYaml(Strict):
    """One thing looked at before a place is offered, or before a placement begins."""

    key: Text
    text: Text
    type: policy.SelectionType
    stage: Literal["application", "placement"] = "application"
    required: YesNo = False
    days: Annotated[Whole, Field(ge=1)] | None = None
    document: policy.DocumentKind | None = None
    ask: Annotated[str, StringConstraints(strip_whitespace=True)] = ""
    guidance: tuple[Text, ...] = ()


SUBSTANCES = re.compile(r"\b(?:substances?|illicit|illegal)\b", re.IGNORECASE)
"""Words by which a criterion is about what somebody takes."""

Percent = Annotated[Whole, Field(ge=0, le=100)]


class SamplingYaml(Strict):
    """How much is looked at by an internal quality assurer."""

    percent: Percent = 20
    interim: Percent = 50
    final: Percent = 50
    new_assessor: Percent = 100
    new_for: Annotated[Whole, Field(ge=1)] = 90
    raised: Percent | None = None
    always: tuple[policy.AlwaysSampled, ...] = ()


Days = Annotated[Whole, Field(ge=1)]


class AppealsYaml(Strict):
    """The clocks of an appeal, in working days."""

    within: Days = 20
    assessor: Days = 5
    iqa: Days = 10
    independent: Days = 10
    send: Days = 5
    onward: Days = 10


def _shares_fit(sampling: SamplingYaml) -> SamplingYaml:
    if sampling.interim + sampling.final != 100:
        raise ValueError("Let “interim” and “final” make 100 together: they divide “percent”.")
    closer = {"new-assessor": sampling.new_assessor, "raised": sampling.raised}
    for name, share in closer.items():
        if share is not None and share < sampling.percent:
            raise ValueError(f"Let “{name}” be at least “percent”, {sampling.percent}: it is the closer look.")
    if len(set(sampling.always)) != len(sampling.always):
        raise ValueError("Name each thing under “always” once.")
    return sampling


class SecondMarkingYaml(Strict):
    """How much is judged a second time, blind."""

    percent: Percent = 0
    names: Literal["hidden", "shown"] = "hidden"


OneThreshold = Annotated[ThresholdYaml, AfterValidator(_one_sort)]


class PolicyYaml(Strict):
    """A policy file."""

    threshold: Annotated[dict[str, OneThreshold], _off_or({})] = {}
    attempts: AttemptsYaml = AttemptsYaml()
    return_: Literal["at-once", "after-sampling"] = "at-once"
    selection: Annotated[tuple[SelectionYaml, ...], _off_or(())] = ()
    sampling: Annotated[SamplingYaml, AfterValidator(_shares_fit)] = SamplingYaml()
    second_marking: SecondMarkingYaml = SecondMarkingYaml()
    turnaround: Annotated[Whole, Field(ge=1)] = 10
    reopened_by: policy.Assurer = "lead-iqa"
    appeals: AppealsYaml = AppealsYaml()
    cases: Days = 20
    centre_may_change: tuple[policy.Changeable, ...] = ()


@dataclass(frozen=True)
class PolicySource:
    """A policy file that was read; without a file, what holds by default."""

    path: str
    located: Located | None
    yaml: PolicyYaml | None


def read_policy(path: Path, problems: list[Problem]) -> PolicySource:
    """Read one policy; a file that is not there means the defaults: no threshold, no limit, no selection."""
    if not path.exists() and not path.is_symlink():
        return PolicySource(shown(path), None, PolicyYaml())
    located, yaml = read_mapping(path, PolicyYaml, problems)
    if yaml is not None and located is not None:
        problems += _check_selection(shown(path), located, yaml)
    return PolicySource(shown(path), located, yaml)


def _check_selection(path: str, located: Located, yaml: PolicyYaml) -> list[Problem]:
    problems = []
    keys = [criterion.key for criterion in yaml.selection]
    for at, criterion in enumerate(yaml.selection):
        if not KEY.fullmatch(criterion.key) or keys.index(criterion.key) != at:
            advice = f"Give this a key of its own in small letters, figures and hyphens, not “{criterion.key}”."
            problems.append(Problem(path, located.line("selection", at, "key"), advice))
        if criterion.type == "elapsed-time" and criterion.required:
            advice = "Write “required: no”: a length of time may be a reason to ask, never to refuse."
            problems.append(Problem(path, located.line("selection", at, "required"), advice))
        if (criterion.type == "elapsed-time") != (criterion.days is not None):
            advice = "Give “days” for an elapsed-time, and for nothing else."
            problems.append(Problem(path, located.line("selection", at), advice))
        problems += [
            Problem(path, located.line("selection", at, place), advice) for place, advice in _wording(criterion)
        ]
    return problems


def _wording(criterion: SelectionYaml) -> Iterator[tuple[str, str]]:
    """What is missing from a criterion for those who answer it and those who score it: (key, advice)."""
    is_scored = criterion.type in policy.SCORED
    if criterion.type in ("declaration", "experience") and not criterion.ask:
        yield "key", "Add “ask”: what the applicant reads and answers here."
    if is_scored and not criterion.guidance:
        yield "key", "Add “guidance”: what two people hold this against when they score it."
    if criterion.document is not None and criterion.type != "document-seen":
        yield "document", "Name a “document” for a document-seen, and for nothing else."
    if criterion.document == "dbs" and criterion.stage == "application":
        yield "document", "Write “stage: placement”: a DBS check is asked for late, when the duties are known."
    words = " ".join((criterion.text, criterion.ask, *criterion.guidance))
    asks_of_health = criterion.type == "elapsed-time" or SUBSTANCES.search(words)
    if asks_of_health and "prescribed" not in words:
        yield "text", "Say here that prescribed medicine never counts: being on treatment is no reason against anybody."


def compile_policy(qualification: str, yaml: PolicyYaml) -> policy.CompiledPolicy:
    """The typed policy of a file that was read and checked."""
    return policy.CompiledPolicy(
        qualification=qualification,
        threshold={unit: _threshold(threshold) for unit, threshold in yaml.threshold.items()},
        attempts=policy.Attempts(**yaml.attempts.model_dump()),
        return_=yaml.return_,
        selection=tuple(policy.SelectionCriterion(**criterion.model_dump()) for criterion in yaml.selection),
        sampling=policy.Sampling(**yaml.sampling.model_dump()),
        second_marking=policy.SecondMarking(**yaml.second_marking.model_dump()),
        turnaround=yaml.turnaround,
        reopened_by=yaml.reopened_by,
        appeals=policy.Appeals(**yaml.appeals.model_dump()),
        cases=yaml.cases,
        centre_may_change=yaml.centre_may_change,
    )


def _threshold(yaml: ThresholdYaml) -> policy.Threshold:
    if yaml.n_of_m is not None:
        return policy.CountThreshold(n=yaml.n_of_m, must_meet=yaml.must_meet)
    assert yaml.points is not None
    return policy.PointsThreshold(points=yaml.points, shown=yaml.show_points)
