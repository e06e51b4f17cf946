"""Writes the learners of scale data one after another, many to a transaction."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from course import db, sealing
from course.access import Role
from course.audit import INSTALLER, Actor, Event
from course.catalogue import queries as catalogue
from course.catalogue.compiled import CHECK_KINDS, Question
from course.demo.chain import Bulk, Ids, Owner
from course.demo.ground import DAY, CannotBuild, Ground, Ready, ground_for, questions_of
from course.demo.planning import AGAIN, MOST_ATTEMPTS, Group, plan
from course.demo.words import FIRST_NAMES, LAST_NAMES, feedback_on, text_about
from course.enrolment.models import Cohort, Enrolment, Induction, Pin, Study
from course.people.models import Appointment, Person
from course.sealing import Purpose, Sealed
from course.workbook import content as contents
from course.workbook import queries as workbook
from course.workbook import rules
from course.workbook.content import Content
from course.workbook.models import (
    AccessEntry,
    Answer,
    Decision,
    Draft,
    HandIn,
    Outcome,
    Return,
    ReturnedDecision,
    TakeBack,
)

ANSWERS_A_TRANSACTION = 2500
TAKEN_BACK = 0.01
ACHIEVED_AT_LAST = 0.85


def build(
    *, answers: int, seed: int, password: str, learners: int | None = None, waiting: int | None = None,
    slug: str | None = None,
) -> Iterator[int]:  # fmt: skip
    """Build it, yielding how many answers each committed transaction has added. Raises CannotBuild.

    `slug`: the qualification; the one with most units when left out.
    """
    rng = random.Random(seed)  # noqa: S311 - nothing secret is drawn from it
    with db.database().reader() as session:
        slug = slug or _largest(session)
        questions = questions_of(session, slug)
        if catalogue.latest_induction(session) is None:
            raise CannotBuild("Publish an induction first: modules publish.")
    room = sum(1 if ready.is_check else MOST_ATTEMPTS for ready in questions)
    usual = max(1, round(len(questions) * 0.8 * AGAIN))
    learners = learners or max(32, -(-answers // usual))
    if answers > learners * room:
        raise CannotBuild(f"{learners} learners can hand in {learners * room} answers at most. Ask for more learners.")
    waiting = answers * 3 // 10 if waiting is None else waiting
    with db.database().transaction() as session:
        ground = ground_for(session, questions, slug, learners, seed, password)
    yield from _Builder(ground, rng, seed).run(learners, answers, min(waiting, answers))


def _largest(session: Session) -> str:
    found = catalogue.qualifications(session)
    if not found:
        raise CannotBuild("Publish a qualification first: modules publish.")
    return max(found, key=lambda one: len(one.units)).slug


@dataclass
class _Learner:
    number: int
    owner: Owner
    cohort: Cohort
    assessor: Appointment
    by: Actor


class _Builder:
    """Writes the learners one after another, many to a transaction."""

    def __init__(self, ground: Ground, rng: random.Random, seed: int) -> None:
        self.ground, self.rng, self.seed = ground, rng, seed
        self.ids = Ids(rng, ground.midnight - 400 * DAY)
        self.bulk = Bulk()

    def run(self, learners: int, answers: int, waiting: int) -> Iterator[int]:
        """Write everything; yields the answers of each committed transaction."""
        pending = 0
        for number in range(1, learners + 1):
            share = (answers + learners - number) // (learners - number + 1)
            wait = min(share, round(waiting * share / answers)) if answers else 0
            wrote, waits = self._learner(number, share, wait)
            answers, waiting, pending = answers - wrote, waiting - waits, pending + wrote
            if pending >= ANSWERS_A_TRANSACTION or number == learners:
                with db.database().transaction() as session:
                    self.bulk.write(session)
                yield pending
                pending = 0

    def _learner(self, number: int, share: int, wait: int) -> tuple[int, int]:
        learner = self._enrol(number)
        groups, unanswered = plan(self.rng, self.ground.questions, share, wait, self.ground.midnight)
        for unit in {group.questions[0].unit.slug: group.questions[0] for group in groups}.values():
            self._pin(learner, unit, min(one.at(1) for one in groups if one.questions[0].unit is unit.unit))
        for group in groups:
            for attempt in range(1, group.attempts + 1):
                self._hand_in(learner, group, attempt)
        begun = {group.questions[0].unit.slug for group in groups}
        for ready in unanswered[:2]:
            self._draft(learner, ready, self._content(ready, self.ground.midnight), self.ground.midnight - DAY)
            if ready.unit.slug not in begun:
                begun.add(ready.unit.slug)
                self._study(learner, ready)
        wrote = sum(group.attempts * len(group.questions) for group in groups)
        return wrote, sum(len(group.questions) for group in groups if group.waits)

    def _enrol(self, number: int) -> _Learner:
        ground, rng = self.ground, self.rng
        cohort = ground.cohorts[number % len(ground.cohorts)]
        person_id, enrolment_id = self.ids.random(), self.ids()
        owner = Owner(
            person_id, enrolment_id, self._key(person_id, Purpose.COMMITMENT), self._key(enrolment_id, Purpose.WORK)
        )
        first, last = rng.choice(FIRST_NAMES), rng.choice(LAST_NAMES)
        joined = ground.midnight - 390 * DAY
        self.bulk.pencil_with_entry(
            Event.PERSON_INVITED, Person, owner.about_person, by=INSTALLER, id=person_id, name=f"{first} {last}",
            known_as=first, email=f"demo-{self.seed}-{number}@example.org", password_hash=ground.password_hash,
            theme=None, created_at=joined, disabled_at=None,
        )  # fmt: skip
        self.bulk.pencil_with_entry(
            Event.LEARNER_ENROLLED, Enrolment, owner, by=INSTALLER, id=enrolment_id, person_id=person_id,
            cohort_id=cohort.id, centre_id=cohort.centre_id, qualification=ground.qualification,
            ao_learner_number=None, enrolled_at=joined, withdrawn_at=None,
        )  # fmt: skip
        learner = _Learner(
            number, owner, cohort, ground.assessors[number % len(ground.assessors)], Actor(person_id, Role.LEARNER)
        )
        self.bulk.ink(
            Event.LEARNER_INDUCTED, Induction, owner, by=learner.by, id=self.ids(), enrolment_id=enrolment_id,
            induction_version_id=ground.induction_version_id, at=joined + DAY,
        )  # fmt: skip
        return learner

    def _key(self, owner_id: UUID, purpose: Purpose) -> sealing.DataKey:
        key_id = self.ids()
        wrapped = sealing.keyring().wrap(os.urandom(sealing.KEY), key_id)
        self.bulk.pencil(sealing.DataKey, id=key_id, owner_id=owner_id, purpose=str(purpose), wrapped=wrapped)
        return sealing.DataKey(id=key_id, owner_id=owner_id, purpose=purpose, wrapped=wrapped)

    def _pin(self, learner: _Learner, ready: Ready, at: datetime) -> None:
        self._study(learner, ready)
        self.bulk.ink(
            Event.UNIT_PINNED, Pin, learner.owner, by=learner.by, id=self.ids(),
            enrolment_id=learner.owner.enrolment_id, unit=ready.unit.slug, unit_version_id=ready.version.id,
            policy_version_id=self.ground.policy_version_id, at=at,
        )  # fmt: skip

    def _study(self, learner: _Learner, ready: Ready) -> None:
        self.bulk.pencil(
            Study, enrolment_id=learner.owner.enrolment_id, unit=ready.unit.slug, unit_version_id=ready.version.id
        )

    def _hand_in(self, learner: _Learner, group: Group, attempt: int) -> None:
        at, owner, hand_in_id = group.at(attempt), learner.owner, self.ids()
        helpers = self._seal(owner, "hand-in.helpers", b"My sister read it to me.") if self.rng.random() < 0.1 else None
        self.bulk.ink(
            Event.WORK_HANDED_IN, HandIn, owner, by=learner.by, words=helpers[1] if helpers else b"", id=hand_in_id,
            enrolment_id=owner.enrolment_id, declaration=rules.declaration(one.question.ai for one in group.questions),
            helpers_id=helpers[0] if helpers else None, at=at,
        )  # fmt: skip
        is_last = attempt == group.attempts
        for ready in group.questions:
            content = self._content(ready, at)
            answer_id = self._answer(learner, ready, content, hand_in_id, attempt, at)
            if is_last and group.waits:
                continue
            if is_last and group.attempts == 1 and self.rng.random() < TAKEN_BACK:
                self._take_back(learner, answer_id, at + timedelta(hours=1))
                self._draft(learner, ready, content, at + timedelta(hours=1))
            else:
                self._decide(learner, group, ready, answer_id, is_last, at + 3 * DAY)

    def _answer(
        self, learner: _Learner, ready: Ready, content: Content, hand_in_id: UUID, number: int, at: datetime
    ) -> UUID:
        owner, cohort, answer_id = learner.owner, learner.cohort, self.ids()
        words_id, words = self._seal(owner, "answer.words", contents.dumps(content).encode(), about=answer_id)
        self.bulk.ink(
            Event.ANSWER_HANDED_IN, Answer, owner, by=learner.by, words=words, id=answer_id, hand_in_id=hand_in_id,
            enrolment_id=owner.enrolment_id, centre_id=cohort.centre_id, cohort_id=cohort.id,
            qualification=self.ground.qualification, unit=ready.unit.slug, question=ready.question.key,
            kind=ready.question.kind, unit_version_id=ready.version.id, number=number, words_id=words_id, at=at,
        )  # fmt: skip
        return answer_id

    def _take_back(self, learner: _Learner, answer_id: UUID, at: datetime) -> None:
        self.bulk.ink(
            Event.ANSWER_TAKEN_BACK, TakeBack, learner.owner, by=learner.by, id=self.ids(), answer_id=answer_id, at=at
        )

    def _decide(
        self, learner: _Learner, group: Group, ready: Ready, answer_id: UUID, is_last: bool, at: datetime
    ) -> None:
        """Look, decide every open criterion, and return: what one assessor does to one answer."""
        owner, held = learner.owner, learner.assessor
        by = Actor(held.person_id, held.role, held.id)
        self.bulk.pencil(
            AccessEntry, id=self.ids(), enrolment_id=owner.enrolment_id, answer_id=answer_id, person_id=held.person_id,
            role=str(Role.ASSESSOR), appointment_id=held.id, purpose="marking", at=at - timedelta(minutes=10),
        )  # fmt: skip
        decisions = []
        for criterion, outcome in self._outcomes(group, ready, is_last).items():
            said = json.dumps({"feedback": feedback_on(self.rng, outcome), "ticks": []}, ensure_ascii=False).encode()
            feedback_id, words = self._seal(owner, "decision.feedback", said, about=answer_id)
            decisions.append(self.ids())
            self.bulk.ink(
                Event.ANSWER_DECIDED, Decision, owner, by=by, words=words, id=decisions[-1], answer_id=answer_id,
                criterion=criterion, number=1, outcome=str(outcome), guidance=ready.guidance, feedback_id=feedback_id,
                points=None, decided_by=held.person_id, appointment_id=held.id, at=at,
            )  # fmt: skip
        return_id = self.ids()
        self.bulk.ink(
            Event.ANSWER_RETURNED, Return, owner, by=by, id=return_id, answer_id=answer_id,
            returned_by=held.person_id, appointment_id=held.id, at=at,
            parts=[(ReturnedDecision, {"decision_id": one, "return_id": return_id}) for one in decisions],
        )  # fmt: skip

    def _outcomes(self, group: Group, ready: Ready, is_last: bool) -> dict[str, Outcome]:
        passed = group.passed.setdefault(ready.question.key, set())
        open_ = [criterion for criterion in workbook.criteria_of(ready.question) if criterion not in passed]
        achieved = set(open_)
        if not is_last or (not ready.is_check and self.rng.random() > ACHIEVED_AT_LAST):
            again = self.rng.choice(open_)
            achieved = {criterion for criterion in open_ if criterion != again and self.rng.random() < 0.5}
        passed |= achieved
        return {one: Outcome.ACHIEVED if one in achieved else Outcome.NOT_YET_ACHIEVED for one in open_}

    def _draft(self, learner: _Learner, ready: Ready, content: Content, at: datetime) -> None:
        words = contents.SavedDraft(content=content).model_dump_json().encode()
        words_id, _ = self._seal(learner.owner, "draft.words", words, ink=False)
        self.bulk.pencil(
            Draft, id=self.ids(), enrolment_id=learner.owner.enrolment_id, unit=ready.unit.slug,
            question=ready.question.key, kind=ready.question.kind, revision=1, words_id=words_id, saved_at=at,
            kept_at=at,
        )  # fmt: skip

    def _seal(
        self, owner: Owner, place: str, words: bytes, *, about: UUID | None = None, ink: bool = True
    ) -> tuple[UUID, bytes]:
        sealed_id = self.ids()
        box = sealing.seal_bytes(owner.work, place, sealed_id, words)
        self.bulk.pencil(Sealed, id=sealed_id, key_id=owner.work.id, place=place, about_id=about, ink=ink, box=box)
        return sealed_id, words

    def _content(self, ready: Ready, at: datetime) -> Content:
        question = ready.question
        if question.kind in CHECK_KINDS:
            return contents.tried(_right(question), question, at)
        if question.kind == "log":
            least = question.entries[0] if question.entries and question.entries[0] else 3
            return contents.LogContent(entries=tuple(self._entry(question, at) for _ in range(least)))
        most = question.words[1] if question.words else 120
        return contents.TextContent(kind=question.kind, text=text_about(self.rng, min(most, 120)))

    def _entry(self, question: Question, at: datetime) -> dict[str, str]:
        values: dict[str, Any] = {"date": at.date().isoformat(), "number": str(self.rng.randint(1, 9))}
        values |= {"minutes": str(self.rng.randint(3, 18) * 5), "hours": str(self.rng.randint(1, 3))}
        return {one.name: values.get(one.kind) or text_about(self.rng, 20) for one in question.fields}


def _right(question: Question) -> contents.CheckContent:
    if question.kind == "choice":
        return contents.ChoiceContent(chosen=tuple(option.text for option in question.options if option.right))
    if question.kind == "order":
        return contents.OrderContent(order=question.items)
    return contents.MatchContent(pairs=tuple((pair.left, pair.right) for pair in question.pairs))
