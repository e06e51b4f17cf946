"""Between a centre's policy and the form on which it is changed."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from assessors.changes.forms import COUNT, OFF, POINTS, OwnPolicyForm
from assessors.changes.queries.policies import UnitBounds
from course.enrolment.policy import CompiledPolicy, CountThreshold, PointsThreshold, Threshold

SAMPLING = ("percent", "interim", "new_assessor", "new_for", "raised", "always")
"""The terms of sampling that a centre may decide."""


def as_typed(policy: CompiledPolicy, units: Collection[UnitBounds]) -> dict[str, Any]:
    """What the form shows of a policy."""
    found: dict[str, Any] = {
        "limit": policy.attempts.limit, "window": policy.attempts.window, "further": policy.attempts.further,
        "authorised_by": policy.attempts.authorised_by, "return_": policy.return_, "turnaround": policy.turnaround,
        "reopened_by": policy.reopened_by, **{name: getattr(policy.sampling, name) for name in SAMPLING},
        "second": policy.second_marking.percent,
    }  # fmt: skip
    for unit in units:
        sort, needed = _sort(policy.threshold.get(unit.code))
        found |= {f"sort_{unit.code}": sort, f"needed_{unit.code}": needed}
    return found


def _sort(threshold: Threshold | None) -> tuple[str, int | None]:
    match threshold:
        case PointsThreshold(points=points):
            return POINTS, points
        case CountThreshold(n=n):
            return COUNT, n
        case None:
            return OFF, None


def from_typed(base: CompiledPolicy, form: OwnPolicyForm, units: Collection[UnitBounds]) -> CompiledPolicy:
    """The policy that a form asks for; what is not on the form stays as it was."""
    typed = {name: field.data for name, field in form._fields.items()}
    attempts = {name: typed[name] for name in ("limit", "window", "further", "authorised_by") if name in typed}
    sampling = {name: typed[name] for name in SAMPLING if name in typed}
    if sampling:  # the two shares divide the whole; the order of what is always sampled says nothing
        sampling |= {"final": 100 - sampling["interim"], "always": tuple(sampling["always"] or ())}
    if set(sampling.get("always", ())) == set(base.sampling.always):
        sampling.pop("always", None)
    changed: dict[str, Any] = {name: typed[name] for name in ("return_", "turnaround", "reopened_by") if name in typed}
    if any(f"sort_{unit.code}" in typed for unit in units):
        changed["threshold"] = _thresholds(base, typed, units)
    changed["attempts"] = base.attempts.model_copy(update=attempts)
    changed["sampling"] = base.sampling.model_copy(update=sampling)
    if "second" in typed:
        changed["second_marking"] = base.second_marking.model_copy(update={"percent": typed["second"]})
    return base.model_copy(update=changed)


def _thresholds(base: CompiledPolicy, typed: dict[str, Any], units: Collection[UnitBounds]) -> dict[str, Threshold]:
    found = dict(base.threshold)
    for unit in units:
        sort, number = typed[f"sort_{unit.code}"], typed[f"needed_{unit.code}"] or 0
        found.pop(unit.code, None)
        if sort == POINTS:
            found[unit.code] = PointsThreshold(points=number, shown=_shown(base, unit.code))
        elif sort == COUNT:
            found[unit.code] = CountThreshold(n=number, must_meet=_must(base, unit))
    return found


def _shown(base: CompiledPolicy, code: str) -> bool:
    before = base.threshold.get(code)
    return isinstance(before, PointsThreshold) and before.shown


def _must(base: CompiledPolicy, unit: UnitBounds) -> tuple[str, ...]:
    """Points that nothing makes up for: those about safety, and those that had to be met before."""
    before = base.threshold.get(unit.code)
    kept = before.must_meet if isinstance(before, CountThreshold) else ()
    return tuple(dict.fromkeys((*kept, *unit.safety_critical)))
