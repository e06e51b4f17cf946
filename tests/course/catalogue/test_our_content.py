"""The qualification in this repository has no problem, and reads easily enough."""

from pathlib import Path

from assessors.guidance.compile import compile_assessors, read_assessors
from course.catalogue.checks import check
from course.catalogue.compile import compile_qualification
from course.catalogue.reading_age import read
from course.catalogue.source import read_modules

ROOT = Path(__file__).parents[3]


def test_our_modules_guidance_and_policies_have_no_problem() -> None:
    sources, problems = read_modules(ROOT / "modules")
    assessors, more = read_assessors(ROOT / "assessors", sources)
    assert [*problems, *(found for source in sources for found in check(source)), *more] == []
    for source, for_assessors in zip(sources, assessors, strict=True):
        ready = {unit.slug for unit in compile_qualification(source).units if unit.is_ready}
        assert {guidance.unit for guidance in compile_assessors(for_assessors).guidance} == ready


def test_our_pages_are_readable_and_kind() -> None:
    readings = read([ROOT / "modules", ROOT / "assessors/rubrics"])
    assert readings
    assert [str(problem) for reading in readings for problem in reading.refused] == []
