"""Reads and checks assessors/samples/<qualification>/<unit>.md: sample answers with the decision on each, and why."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from assessors.guidance.compiled import SORTS, CompiledSamples, Sample, Sort
from course.catalogue.checks import is_evidence
from course.catalogue.compiled import WRITTEN_KINDS
from course.catalogue.format import ModuleYaml
from course.catalogue.problems import Problem, shown
from course.catalogue.source import QualificationSource, QuestionSource, UnitSource, is_sound, list_entries, read_text

PARTS = ("answer", "decision", "why")
OUTCOMES = {"achieved": True, "not yet achieved": False}
SORT_HEADINGS = "Clearly achieved, Borderline, Not yet (a second one: Borderline 2)"
PART_HEADINGS = "Answer, Decision, Why"

_HEADING = re.compile(r"(#{1,6}) +(.*?) *#*$")
_SORT = re.compile(r"(clearly achieved|borderline|not yet)(?: ([2-9]))?", re.I)
_DECISION = re.compile(r"[-*+] +((?:U[1-9][0-9]?:)?[0-9]+\.[0-9]+): +(.*?)\.?")


@dataclass
class SampleSource:
    """One sample answer as written; `sort` is None where its heading is none of ours."""

    line: int
    title: str
    sort: Sort | None
    parts: dict[str, tuple[int, list[tuple[int, str]]]] = field(default_factory=dict)
    decisions: dict[str, tuple[int, str]] = field(default_factory=dict)

    def text(self, part: str) -> str:
        """The words below one heading."""
        return "\n".join(line for _, line in self.parts.get(part, (0, []))[1]).strip()


@dataclass
class SamplesSource:
    """One file; `unit` is the slug of its unit."""

    unit: str
    path: str
    questions: dict[str, tuple[int, list[SampleSource]]] = field(default_factory=dict)


def read_samples(folder: Path, problems: list[Problem]) -> list[SamplesSource]:
    """Read every file of one qualification; a folder that is not there holds none."""
    if not folder.exists():
        return []
    found = []
    for entry in list_entries(folder, problems):
        if not is_sound(entry, problems):
            continue
        if entry.suffix != ".md" or not entry.is_file():
            problems.append(Problem(shown(entry), 1, "Remove this, or name it like its unit, such as 01-the-role.md."))
            continue
        text = read_text(entry, problems)
        if text is not None:
            found.append(_read_file(SamplesSource(entry.stem, shown(entry)), text, problems))
    return found


def _read_file(source: SamplesSource, text: str, problems: list[Problem]) -> SamplesSource:
    samples: list[SampleSource] | None = None
    lines: list[tuple[int, str]] | None = None
    for number, line in enumerate(text.split("\n"), start=1):
        heading = _HEADING.fullmatch(line)
        level = len(heading[1]) if heading else 0
        if heading and level == 2:
            if heading[2] in source.questions:
                first = source.questions[heading[2]][0]
                problems.append(Problem(source.path, number, f"Put this with line {first}: “{heading[2]}” is there."))
            samples = source.questions.setdefault(heading[2], (number, []))[1]
            lines = None
        elif heading and level == 3 and samples is not None:
            samples.append(_sample(heading[2], number, samples, source.path, problems))
            lines = None
        elif heading and level == 4 and samples:
            lines = _part(heading[2], number, samples[-1], source.path, problems)
        elif heading and (level != 1 or samples is not None):
            advice = f"Use “## key”, below it “###” with one of {SORT_HEADINGS}, and below that “####” with one of "
            problems.append(Problem(source.path, number, f"{advice}{PART_HEADINGS}."))
        elif lines is not None:
            lines.append((number, line))
        elif samples is not None and line.strip():
            problems.append(Problem(source.path, number, f"Put this below a “####” heading, one of {PART_HEADINGS}."))
    return source


def _sample(title: str, number: int, before: list[SampleSource], path: str, problems: list[Problem]) -> SampleSource:
    found = _SORT.fullmatch(title)
    if found is None:
        problems.append(Problem(path, number, f"Change the heading “{title}” to one of {SORT_HEADINGS}."))
    if any(one.title.lower() == title.lower() for one in before):
        problems.append(Problem(path, number, f"Give this sample a number of its own: “{title}” is there already."))
    return SampleSource(number, title, _sort(found[1]) if found else None)


def _sort(words: str) -> Sort:
    return SORTS[("clearly achieved", "borderline", "not yet").index(words.lower())]


def _part(title: str, number: int, sample: SampleSource, path: str, problems: list[Problem]) -> list[tuple[int, str]]:
    name = title.lower()
    if name not in PARTS:
        problems.append(Problem(path, number, f"Change the heading “{title}” to one of {PART_HEADINGS}."))
    elif name in sample.parts:
        problems.append(Problem(path, number, f"Put this with the other “{title}” of this sample."))
    lines: list[tuple[int, str]] = []
    sample.parts.setdefault(name, (number, lines))
    return lines


# -- checks ------------------------------------------------------------------------------------------------------------


def check_samples(qualification: QualificationSource, sources: list[SamplesSource]) -> list[Problem]:
    """All problems of one qualification's sample answers."""
    units = {unit.slug: unit for unit in qualification.units}
    problems: list[Problem] = []
    for source in sources:
        unit = units.get(source.unit)
        if unit is None:
            advice = f"Rename or remove this: there is no unit “{source.unit}”."
            problems.append(Problem(source.path, 1, advice))
            continue
        questions = {question.key: question for question in unit.questions}
        for key, (line, samples) in source.questions.items():
            if key not in questions:
                advice = f"Correct or remove “{key}”: the unit has no question with this key."
                problems.append(Problem(source.path, line, advice))
            elif not samples:
                advice = f"Write a sample below “{key}”: “###” with one of {SORT_HEADINGS}."
                problems.append(Problem(source.path, line, advice))
            else:
                for sample in samples:
                    problems += _check_sample(questions[key], sample, source.path)
    return sorted(problems)


def _check_sample(question: QuestionSource, sample: SampleSource, path: str) -> Iterator[Problem]:
    for part in PARTS:
        if not sample.text(part):
            advice = f"Write “#### {part.capitalize()}” and the words below it: “{sample.title}” has none."
            yield Problem(path, sample.parts[part][0] if part in sample.parts else sample.line, advice)
    if question.yaml is None:
        return
    criteria = question.yaml.criteria
    for number, line in sample.parts.get("decision", (0, []))[1]:
        if not line.strip():
            continue
        found = _DECISION.fullmatch(line.strip())
        if found is None or found[2].lower() not in OUTCOMES:
            advice = f"Write each decision as “- {criteria[0]}: achieved” or “- {criteria[0]}: not yet achieved”."
            yield Problem(path, number, advice)
        elif found[1] not in criteria:
            yield Problem(path, number, f"Correct the criterion {found[1]}: the question names {', '.join(criteria)}.")
        elif found[1] in sample.decisions:
            yield Problem(path, number, f"Decide the criterion {found[1]} once only.")
        else:
            sample.decisions[found[1]] = (number, found[2].lower())
    if sample.text("decision"):
        for criterion in criteria:
            if criterion not in sample.decisions:
                start = sample.parts["decision"][0]
                yield Problem(path, start, f"Decide the criterion {criterion} as well: the question names it.")


def too_few(qualification: QualificationSource, sources: list[SamplesSource], folder: str) -> list[Problem]:
    """Safety-critical criteria without a sample of each sort: three answers show where the line runs.

    Apart from the other problems, because words may be published before their samples are written.
    """
    by_unit = {source.unit: source for source in sources}
    problems: list[Problem] = []
    for unit in qualification.units:
        if unit.yaml is None or unit.located is None or unit.yaml.status != "ready":
            continue
        for number, place in _safety_critical(unit.yaml):
            keys = _written_for(unit, number)
            source = by_unit.get(unit.slug)
            there = [one for key in keys if source for one in source.questions.get(key, (0, []))[1]]
            missing = [words for words, sort in zip(SORT_WORDS, SORTS, strict=True)
                       if not any(one.sort == sort and number in one.decisions for one in there)]  # fmt: skip
            if keys and missing:
                advice = f"Write sample answers for the safety-critical criterion {number} in {folder}/{unit.slug}.md:"
                problems.append(
                    Problem(unit.path, unit.located.line(*place), f"{advice} none is “{'”, none is “'.join(missing)}”.")
                )
    return problems


SORT_WORDS = ("clearly achieved", "borderline", "not yet")


def _safety_critical(yaml: ModuleYaml) -> Iterator[tuple[str, tuple[str | int, ...]]]:
    for at, outcome in enumerate(yaml.outcomes):
        for inner, criterion in enumerate(outcome.criteria):
            if criterion.safety_critical:
                yield criterion.criterion, ("outcomes", at, "criteria", inner)


def _written_for(unit: UnitSource, criterion: str) -> list[str]:
    return [
        question.key
        for question in unit.questions
        if question.yaml and question.yaml.kind in WRITTEN_KINDS and is_evidence(question)
        and criterion in question.yaml.criteria
    ]  # fmt: skip


def compile_samples(qualification: str, source: SamplesSource) -> CompiledSamples:
    """The typed sample answers of one unit, read and checked without a problem."""
    questions = {key: tuple(_compiled(one) for one in samples) for key, (_, samples) in source.questions.items()}
    return CompiledSamples(qualification=qualification, unit=source.unit, questions=questions)


def _compiled(source: SampleSource) -> Sample:
    if source.sort is None:
        raise ValueError(f"“{source.title}” was not read without problems.")
    decisions = {criterion: OUTCOMES[words] for criterion, (_, words) in source.decisions.items()}
    return Sample(
        sort=source.sort, title=source.title, answer=source.text("answer"), decisions=decisions, why=source.text("why")
    )
