"""A small qualification of another trade on disk, to be copied, spoilt and read by tests."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from assessors.guidance.compile import AssessorSource, read_assessors
from course.catalogue.checks import check
from course.catalogue.problems import Problem
from course.catalogue.source import QualificationSource, read_modules

FOOD_HYGIENE = Path(__file__).parents[1] / "qualifications"
UNIT = "modules/food-hygiene/01-food-hygiene-at-work"


@dataclass(frozen=True)
class Content:
    """A folder with modules/ and assessors/."""

    root: Path

    def file(self, name: str) -> Path:
        """The file at a path below the folder; names without a folder are files of its only unit."""
        return self.root / (name if "/" in name and not name.startswith("media/") else f"{UNIT}/{name}")

    def change(self, name: str, old: str, new: str) -> None:
        """Replace a text that must be there, once."""
        path = self.file(name)
        text = path.read_text("utf-8")
        assert old in text, f"{old!r} is not in {name}"
        path.write_text(text.replace(old, new, 1), "utf-8")

    def add(self, name: str, text: str) -> int:
        """Write text at the end of a file; the number of its first line."""
        path = self.file(name)
        before = path.read_text("utf-8") if path.exists() else ""
        path.write_text(before + text, "utf-8")
        return before.count("\n") + 1

    def line_of(self, name: str, text: str) -> int:
        """The number of the first line that holds a text."""
        lines = self.file(name).read_text("utf-8").split("\n")
        return next(number for number, line in enumerate(lines, start=1) if text in line)

    def read(self) -> tuple[QualificationSource, list[Problem]]:
        """The qualification, and every problem of reading and checking it."""
        sources, problems = read_modules(self.root / "modules")
        return sources[0], sorted({*problems, *(found for source in sources for found in check(source))})

    def problems(self) -> list[Problem]:
        """Every problem of the modules."""
        return self.read()[1]

    def read_assessors(self) -> tuple[AssessorSource, list[Problem]]:
        """Guidance and policy, and every problem of theirs."""
        sources, problems = read_assessors(self.root / "assessors", [self.read()[0]])
        return sources[0], problems


def copy_of_food_hygiene(folder: Path) -> Content:
    """A copy that a test may spoil."""
    shutil.copytree(FOOD_HYGIENE, folder, dirs_exist_ok=True)
    return Content(folder)
