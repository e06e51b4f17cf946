"""The sample centre, its people, and a cohort with work in each of its states; and how its people act."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from assessors.external import operations as external
from assessors.external.rules import LearnersUnit
from assessors.marking.operations import judging, leasing
from assessors.marking.queries.desk import Desk, desk
from assessors.marking.queries.scope import Reader
from assessors.marking.rules import Judged, Judgement
from assessors.quality import operations as quality
from assessors.quality.plan import operations as plans
from assessors.quality.plan.rules import Stage
from assessors.quality.rules import Finding
from assessors.quality.second import operations as second
from assessors.quality.standardisation import operations as standardisation
from assessors.quality.standardisation.queries import choosing
from assessors.sample.words import DRAFT, FEEDBACK, NOT_YET, NOT_YET_FEEDBACK, UNIT_6, WAITING
from course import clock
from course.access import HeldAppointment, Role
from course.audit import INSTALLER, Actor
from course.catalogue import queries as catalogue
from course.enrolment import operations as enrolments
from course.enrolment.models import Cohort, Enrolment
from course.people import operations as people
from course.people.models import Appointment, Centre, Person
from course.people.rules import LONGEST_VISIT
from course.records import operations as records
from course.records.queries import AchievedUnit
from course.workbook import content as contents
from course.workbook import operations as workbook
from course.workbook import queries as workbook_queries
from course.workbook import rules as workbook_rules
from course.workbook.models import Answer, Outcome

QUALIFICATION = "peer-mentoring"
PRIYA, RUTH, MOIRA = "assessor@example.org", "iqa@example.org", "admin@example.org"
UNIT_4, UNIT_6_SLUG = "04-boundaries-confidentiality-and-records", "06-goals-lapse-and-moving-forward"

STAFF = (
    ("assessor@example.org", "Priya Nair", (Role.ASSESSOR,)),
    ("assessor2@example.org", "Tom Ellis", (Role.ASSESSOR,)),
    ("assessor3@example.org", "Bronwen Hughes", (Role.ASSESSOR,)),
    ("iqa@example.org", "Ruth Adeyemi", (Role.IQA, Role.LEAD_IQA)),
    ("iqa2@example.org", "Daniel Osei", (Role.IQA,)),
    ("admin@example.org", "Moira Kerr", (Role.ADMIN,)),
    ("eqa@example.org", "Helen Voss", ()),  # let in by the visit that is set up below
    ("tutor@example.org", "Marcus Lee", (Role.TUTOR,)),
    ("safeguarding@example.org", "Ade Cole", (Role.SAFEGUARDING_LEAD,)),
    ("selector@example.org", "Nia Bowen", (Role.SELECTOR,)),
    ("selector2@example.org", "Colm Daly", (Role.SELECTOR,)),
)
LEARNERS = (
    ("learner@example.org", "Sam Okafor"),
    ("learner2@example.org", "Mina Clarke"),
    ("learner3@example.org", "Gethin Rees"),
)
STRANGERS = (
    ("stranger-assessor@example.org", "Joy Bell", (Role.ASSESSOR,)),
    ("stranger-admin@example.org", "Neil Firth", (Role.ADMIN,)),
)


@dataclass
class Sample:
    """The sample while it is made. Whoever acts is named by address and role."""

    session: Session
    password_hash: str
    centre: Centre = field(init=False)
    appointments: dict[tuple[str, Role], Appointment] = field(default_factory=dict)

    def build(self) -> None:
        """Two centres, their people, and work in each of its states; without a past."""
        self.open()
        self.autumn()
        self.next_door()

    def open(self) -> None:
        """The centre and who works there."""
        self.centre = people.open_centre(self.session, "Harbour Recovery", by=INSTALLER)
        self.centre.duty_worker_phone = "01632 960 144"
        for address, name, roles in STAFF:
            self._appoint(self.person(address, name), self.centre, roles)

    def autumn(self) -> None:
        """A cohort that is under way."""
        cohort = self.cohort("Autumn 2026")
        sam, mina, gethin = [self.enrol(cohort, *one) for one in LEARNERS]
        self.save(sam, UNIT_4, "jo-tells-you", DRAFT)
        self._mina(mina, cohort)
        (decided,) = self.hand_in(gethin, UNIT_4, {"three-rooms": NOT_YET})
        self.judge([decided], Outcome.NOT_YET_ACHIEVED, NOT_YET_FEEDBACK)
        self._judged_by_several(cohort, decided)
        self._plan(cohort)
        self._visit(mina, gethin)

    def next_door(self) -> None:
        """Another centre, whose people see nothing of the first."""
        other = people.open_centre(self.session, "Northgate Together", by=INSTALLER)
        for address, name, roles in STRANGERS:
            self._appoint(self.person(address, name), other, roles)
        self.enrol(self.cohort("First group", centre=other), "stranger-learner@example.org", "Pat Quinn")

    def person(self, address: str, name: str) -> Person:
        person = people.create_person(self.session, name=name, known_as=name.split()[0], email=address, by=INSTALLER)
        person.password_hash = self.password_hash
        return person

    def _appoint(self, person: Person, centre: Centre, roles: tuple[Role, ...]) -> None:
        began = clock.now().date() - timedelta(days=200)
        for role in roles:
            self.appointments[person.email, role] = people.appoint(
                self.session, person, role=role, centre=centre, from_date=began, by=INSTALLER
            )

    def cohort(self, name: str, *, centre: Centre | None = None, began: date | None = None) -> Cohort:
        return enrolments.open_cohort(
            self.session, centre_id=(centre or self.centre).id, qualification=QUALIFICATION, name=name,
            starts_on=began or clock.now().date() - timedelta(days=60), by=INSTALLER,
        )  # fmt: skip

    def enrol(self, cohort: Cohort, address: str, name: str) -> Enrolment:
        person = self.person(address, name)
        enrolment = enrolments.enrol(self.session, cohort, person, by=INSTALLER)
        version = catalogue.latest_induction(self.session)
        if version is not None:
            enrolments.acknowledge_induction(self.session, enrolment, version, by=Actor(person.id, Role.LEARNER))
        return enrolment

    def save(self, enrolment: Enrolment, unit: str, key: str, words: str) -> None:
        work = workbook_queries.unit_work(self.session, enrolment, unit)
        question = work.question(key)
        save, by = workbook.Save(base=0), Actor(enrolment.person_id, Role.LEARNER)
        if question.is_check:
            right = contents.ChoiceContent(chosen=tuple(option.text for option in question.options if option.right))
            workbook.try_check(self.session, work, question, right, save, by=by)
        else:
            kind = "extended" if question.kind == "extended" else "short"
            workbook.save_draft(self.session, work, question, contents.TextContent(kind=kind, text=words), save, by=by)
        self.session.flush()

    def hand_in(self, enrolment: Enrolment, unit: str, words: dict[str, str]) -> list[Answer]:
        for key, text in words.items():
            self.save(enrolment, unit, key, text)
        work = workbook_queries.unit_work(self.session, enrolment, unit)
        levels = [work.question(key).ai for key in words]
        handed = workbook.hand_in(
            self.session,
            work,
            workbook.HandingIn(
                revisions={key: work.drafts[key].revision for key in words},
                declaration=workbook_rules.declaration(levels), helpers="", declared=True,
            ),
            by=Actor(enrolment.person_id, Role.LEARNER),
        )  # fmt: skip
        self.session.flush()
        return list(self.session.scalars(select(Answer).where(Answer.hand_in_id == handed.id)))

    def judge(self, answers: list[Answer], outcome: Outcome, feedback: str = FEEDBACK, *, by: str = PRIYA) -> None:
        for answer in answers:
            leasing.take(self.session, self.desk(answer.id, by))
            self.session.flush()
            found = self.desk(answer.id, by)
            judged = {criterion: Judged(criterion, outcome, feedback) for criterion in found.answer.open_criteria}
            decided, _ = judging.decide(self.session, found, Judgement(judged, found.case.guidance))
            judging.return_answer(self.session, decided)
            self.session.flush()

    def desk(self, answer_id: UUID, assessor: str) -> Desk:
        held = self.held(assessor, Role.ASSESSOR)
        person_id = self.appointments[assessor, Role.ASSESSOR].person_id
        return desk(self.session, Reader(person_id, (held,)), answer_id, lock=True)

    def held(self, address: str, role: Role) -> HeldAppointment:
        return HeldAppointment(self.appointments[address, role].id, role, self.centre.id, self.centre.name)

    def actor(self, address: str, role: Role) -> Actor:
        row = self.appointments[address, role]
        return Actor(row.person_id, role, row.id)

    def _mina(self, enrolment: Enrolment, cohort: Cohort) -> None:
        """Unit 6 achieved, sampled, released and recorded; one answer of unit 4 waits to be marked."""
        answers = self.hand_in(enrolment, UNIT_6_SLUG, UNIT_6)
        self.judge(answers, Outcome.ACHIEVED)
        self.release(cohort, AchievedUnit(enrolment.id, UNIT_6_SLUG), answers[0])
        self.hand_in(enrolment, UNIT_4, WAITING)

    def _plan(self, cohort: Cohort) -> None:
        """An interim plan, drawn and not looked at yet."""
        by = self.actor(RUTH, Role.IQA)
        plans.draw(self.session, cohort, Stage.INTERIM, held=[self.held(RUTH, Role.IQA)], by=by)
        self.session.flush()

    def _judged_by_several(self, cohort: Cohort, decided: Answer) -> None:
        """Sample answers that assessors are asked to judge, and an answer that one is asked to judge a second time."""
        by, today = self.actor(RUTH, Role.LEAD_IQA), clock.now().date()
        for choice in choosing.choices(self.session, [self.held(RUTH, Role.LEAD_IQA)]):
            if choice.question == "jo-tells-you":
                meet_after = today + timedelta(days=7)
                standardisation.open_activity(
                    self.session, choice, centre_id=self.centre.id, judge_by=meet_after, today=today, by=by
                )
        answer = workbook_queries.answer_facts(self.session, decided.id)
        tom = self.appointments["assessor2@example.org", Role.ASSESSOR].person_id
        second.ask(self.session, answer, cohort, second.Asking(tom, "A first decision in this unit."), by=by)
        self.session.flush()

    def _visit(self, achieved: Enrolment, not_yet: Enrolment) -> None:
        """Helen comes to look from outside: a finished unit, and one that is not yet achieved."""
        by, today = self.actor(RUTH, Role.LEAD_IQA), clock.now().date()
        visitor = external.Visitor(
            "Helen Voss", "eqa@example.org", "The yearly visit.", QUALIFICATION, None, today, today + LONGEST_VISIT
        )
        visit = external.set_up(self.session, self.centre, visitor, by=by)
        self.session.flush()
        chosen = [LearnersUnit(achieved.id, UNIT_6_SLUG), LearnersUnit(not_yet.id, UNIT_4)]
        external.show(self.session, visit, chosen, "One finished unit, and one that is not yet achieved.", by=by)
        self.session.flush()

    def release(self, cohort: Cohort, unit: AchievedUnit, sampled: Answer) -> None:
        """A batch of one unit: an answer of it sampled and agreed, then released, then a statement for the learner."""
        by, held = self.actor(RUTH, Role.IQA), [self.held(RUTH, Role.IQA)]
        why = "The first finished unit of this cohort."
        sample = quality.open_sample(self.session, cohort, [sampled.id], why, held=held, by=by)
        self.session.flush()
        facts = workbook_queries.answer_facts(self.session, sampled.id)
        for decision in facts.standing.values():
            quality.review(self.session, sample, facts, decision, quality.Found(Finding.AGREE), by=by)
        batch = records.make_batch(self.session, cohort, [unit], by=by)
        self.session.flush()
        quality.release(self.session, batch, "Sampled and agreed.", "", by=by)
        self.session.flush()
        enrolment = self.session.get_one(Enrolment, unit.enrolment_id)
        records.issue_unit_statement(self.session, enrolment, unit.unit, by=self.actor(MOIRA, Role.ADMIN))
