"""Checks of a whole qualification: what names what, what is missing, and what earlier versions promised."""

import re
from collections.abc import Iterable, Iterator

from course.catalogue.compiled import CHECK_KINDS, CompiledUnit
from course.catalogue.format import FURTHER, ModuleYaml
from course.catalogue.markdown_checks import Surroundings, check_media, check_page
from course.catalogue.problems import Problem
from course.catalogue.source import PageSource, QualificationSource, QuestionSource, UnitSource
from course.catalogue.strict_yaml import Place


def check(source: QualificationSource) -> list[Problem]:
    """All problems of one qualification beyond those of reading it, in order of file and line."""
    problems = [*_check_combination(source), *_check_keys(source)]
    criteria = {source.code(unit.slug): _criteria(unit.yaml) for unit in source.units}
    pages = {
        unit.slug: {page.file for page in unit.pages}
        for unit in source.units
        if unit.yaml is None or unit.yaml.status == "ready"
    }
    for unit in source.units:
        problems += _check_module(source, unit)
        problems += _check_pages(unit)
        problems += check_media(unit.media)
        for page in unit.pages:
            around = Surroundings(unit.media, {page.file for page in unit.pages}, pages)
            problems += check_page(page, around, _anchor)
            problems += _check_choice(unit, page)
        for question in unit.questions:
            problems += _check_question(source, unit, question, criteria)
        problems += _check_coverage(unit)
    return sorted(set(problems))


def _criteria(yaml: ModuleYaml | None) -> set[str] | None:
    """The criteria of a unit, or None when module.yaml could not be read and nothing can be said."""
    if yaml is None:
        return None
    return {criterion.criterion for outcome in yaml.outcomes for criterion in outcome.criteria}


def _check_combination(source: QualificationSource) -> Iterator[Problem]:
    if source.yaml is None or source.located is None or source.yaml.combination is None:
        return
    rules, line = source.yaml.combination, source.located.line
    known = [f"U{number}" for number in range(1, len(source.yaml.units) + 1)]
    named: set[str] = set()
    places: list[tuple[str, Place]] = [
        (code, ("combination", "mandatory", at)) for at, code in enumerate(rules.mandatory)
    ]
    for number, group in enumerate(rules.optional):
        here = ("combination", "optional", number)
        places += [(code, (*here, "from", at)) for at, code in enumerate(group.from_)]
        if not 1 <= group.choose <= len(group.from_):
            advice = f"Choose between 1 and {len(group.from_)} of these units, not {group.choose}."
            yield Problem(source.path, line(*here, "choose"), advice)
    for code, place in places:
        if code not in known:
            advice = f"Correct “{code}”: the units are U1 to {known[-1]}, in the order of “units”."
            yield Problem(source.path, line(*place), advice)
        elif code in named:
            yield Problem(source.path, line(*place), f"Name “{code}” once only.")
        named.add(code)
    for code in known:
        if code not in named:
            advice = f"Say whether {code} is mandatory or optional: the combination leaves it out."
            yield Problem(source.path, line("combination"), advice)


def _check_keys(source: QualificationSource) -> Iterator[Problem]:
    first: dict[str, QuestionSource] = {}
    for question in (question for unit in source.units for question in unit.questions):
        if question.key in first and question.key:
            other = first[question.key]
            advice = f"Give this question another key: “{question.key}” is used in {other.path}:{other.line}."
            yield Problem(question.path, question.line, advice)
        first.setdefault(question.key, question)


def _check_module(source: QualificationSource, unit: UnitSource) -> Iterator[Problem]:
    if unit.yaml is None or unit.located is None:
        return
    line = unit.located.line
    if source.yaml and source.yaml.credit is None and unit.yaml.credit is not None:
        yield Problem(unit.path, line("credit"), "Write “credit: none”, as the qualification gives none.")
    seen: set[str] = set()
    for at, outcome in enumerate(unit.yaml.outcomes):
        if outcome.outcome != at + 1:
            advice = f"Number this outcome {at + 1}: outcomes count up from 1."
            yield Problem(unit.path, line("outcomes", at, "outcome"), advice)
        for inner, criterion in enumerate(outcome.criteria):
            place = line("outcomes", at, "criteria", inner, "criterion")
            if criterion.criterion in seen:
                yield Problem(unit.path, place, f"Number this criterion anew: {criterion.criterion} is used already.")
            elif criterion.criterion != f"{outcome.outcome}.{inner + 1}":
                advice = f"Number this criterion {outcome.outcome}.{inner + 1}, not {criterion.criterion}."
                yield Problem(unit.path, place, advice)
            seen.add(criterion.criterion)


def _check_pages(unit: UnitSource) -> Iterator[Problem]:
    for at, page in enumerate(unit.pages, start=1):
        if page.number != at:
            yield Problem(page.path, 1, f"Name this page {at}-{page.slug}.md: pages count up from 1.")
            return
    if not unit.pages and unit.yaml is not None and unit.yaml.status == "ready":
        line = unit.located.line("status") if unit.located else 1
        yield Problem(unit.path, line, "Write the pages of this unit, or write “status: planned”.")


def _check_question(
    source: QualificationSource,
    unit: UnitSource,
    question: QuestionSource,
    criteria: dict[str, set[str] | None],
) -> Iterator[Problem]:
    if question.yaml is None or question.located is None:
        return
    own = criteria.get(source.code(unit.slug))
    named: set[str] = set()
    for at, text in enumerate(question.yaml.criteria):
        line = question.located.line("criteria", at)
        further = FURTHER.fullmatch(text)
        known = criteria.get(further[1], set()) if further else own
        number = further[2] if further else text
        if text in named:
            yield Problem(question.path, line, f"Name the criterion {text} once only.")
        elif further and further[1] == source.code(unit.slug):
            yield Problem(question.path, line, f"Write {number} without “{further[1]}:”: it is of this unit.")
        elif known is not None and number not in known:
            where = further[1] if further else "this unit"
            yield Problem(question.path, line, f"Correct the criterion {text}: {where} has no {number}.")
        named.add(text)
    if is_evidence(question) and all(FURTHER.fullmatch(text) for text in question.yaml.criteria):
        advice = "Name a criterion of this unit as well, or write “evidence: no”."
        yield Problem(question.path, question.located.line("criteria"), advice)
    yield from _check_instead(unit, question)


def _check_instead(unit: UnitSource, question: QuestionSource) -> Iterator[Problem]:
    if question.yaml is None or question.located is None or question.yaml.instead_of is None:
        return
    line = question.located.line("instead-of")
    wanted = question.yaml.instead_of
    other = next((found for found in unit.questions if found.key == wanted), None)
    if other is None or wanted == question.key:
        yield Problem(question.path, line, f"Name another question of this unit: there is no “{wanted}”.")
    elif other.yaml is None:
        return
    elif other.yaml.instead_of is not None:
        yield Problem(question.path, line, f"Name “{other.yaml.instead_of}”: “{wanted}” itself stands in for it.")
    elif set(other.yaml.criteria) != set(question.yaml.criteria):
        theirs = ", ".join(other.yaml.criteria)
        advice = f"Give both questions the same criteria: “{wanted}” has {theirs}."
        yield Problem(question.path, line, advice)
    elif is_evidence(other) != is_evidence(question):
        yield Problem(question.path, line, f"Let both questions count as evidence, or neither: “{wanted}” differs.")


OWN_LIFE = re.compile(
    r"\b(?:(?:think|tell|write|describe|remember)\b[^.?!]*\b(?:a|one) time (?:when |that )?(?:you|in your)"
    r"|(?:in|from) your (?:own )?(?:life|past)\b|have you ever|happened to you)",
    re.I,
)
"""How a prompt asks for one's own life. An author who knows better writes `own-life: no`."""


def _check_choice(unit: UnitSource, page: PageSource) -> Iterator[Problem]:
    """A page that may be hard to read says so beforehand, and nobody has to write about their own life to pass."""
    if page.front is not None and page.front.sensitive and not page.front.content_note.strip():
        line = page.located.line("sensitive") if page.located else 1
        yield Problem(page.path, line, "Write a “content-note” that says in a few words what this page is about.")
    stand_ins = {question.yaml.instead_of for question in unit.questions if question.yaml}
    for question in page.questions:
        yaml = question.yaml
        if yaml is None or question.located is None or yaml.kind not in ("short", "extended"):
            continue
        asks = yaml.own_life
        if asks is None:
            asks = bool(page.front and page.front.sensitive and OWN_LIFE.search(yaml.prompt))
        if asks and is_evidence(question) and yaml.instead_of is None and question.key not in stand_ins:
            advice = (
                f"Write a made-up case that counts as well, with “instead-of: {question.key}”: this asks for one's own"
            )
            yield Problem(
                question.path, question.located.line("prompt"), f"{advice} life. If not, write “own-life: no”."
            )


def is_evidence(question: QuestionSource) -> bool:
    """Whether a question counts: written kinds unless they say no, knowledge checks only if they say yes."""
    if question.yaml is None:
        return False
    if question.yaml.evidence is not None:
        return question.yaml.evidence
    return question.yaml.kind not in CHECK_KINDS


def _check_coverage(unit: UnitSource) -> Iterator[Problem]:
    """Criteria of a ready unit that no question gives evidence for; silent while a question cannot be read."""
    if unit.yaml is None or unit.located is None or unit.yaml.status != "ready":
        return
    if any(question.yaml is None for question in unit.questions):
        return
    covered = {
        text
        for question in unit.questions
        if question.yaml and is_evidence(question)
        for text in question.yaml.criteria
    }
    for at, outcome in enumerate(unit.yaml.outcomes):
        for inner, criterion in enumerate(outcome.criteria):
            if criterion.criterion not in covered:
                line = unit.located.line("outcomes", at, "criteria", inner)
                advice = f"Write a question that counts as evidence for criterion {criterion.criterion}: there is none."
                yield Problem(unit.path, line, advice)


def check_against(previous: Iterable[CompiledUnit], source: QualificationSource) -> list[Problem]:
    """What earlier published versions forbid: another kind under an old key, and a retired key used again.

    `previous` holds every published version of the qualification's units, oldest first. A key is retired in a unit
    when its newest version no longer has the question; a question that moved to another unit was retired in the old.
    """
    newest: dict[str, CompiledUnit] = {}
    kinds: dict[str, str] = {}
    homes: dict[str, str] = {}
    for unit in previous:
        newest[unit.slug] = unit
        kinds |= {published.key: published.kind for published in unit.questions}
        homes |= {published.key: unit.slug for published in unit.questions}
    problems = []
    for slug, question in ((unit.slug, question) for unit in source.units for question in unit.questions):
        if question.key not in kinds:
            continue
        home = homes[question.key]
        is_live = home == slug and any(found.key == question.key for found in newest[home].questions)
        line = question.located.line("kind") if question.located else question.line
        if not is_live:
            advice = f"Choose another key: “{question.key}” was used in an earlier version and is never used again."
            problems.append(Problem(question.path, question.line, advice))
        elif question.yaml is not None and question.yaml.kind != kinds[question.key]:
            advice = f"Give this question a new key: “{question.key}” was published as {kinds[question.key]}."
            problems.append(Problem(question.path, line, advice))
    return sorted(problems)


def _anchor(heading: str) -> str:
    """The id that a heading gets."""
    from markdown.extensions.toc import slugify  # only authors' checks need Markdown in this process

    return slugify(heading, "-")
